// The first thing that runs, before there is anything but Node: checks its version, installs the
// packages of the lock file and hands over to a TypeScript entry. No dependencies, no TypeScript.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const NODE_AT_LEAST = [20, 12]
const STAMP = join(ROOT, 'node_modules', '.lock-sha256')

/** What each word of `npm run <word>` starts. */
const ENTRIES = {
  start: 'scenarios/start.ts',
  drill: 'lab/drill.ts',
  lab: 'lab/lab.ts',
  test: 'test/all.ts',
  check: 'test/check.ts',
  docs: 'tools/docs.ts',
  report: 'tools/trends.ts',
  bench: 'test/bench/bench.ts',
}

const [word = '', ...args] = process.argv.slice(2)
const entry = ENTRIES[word]
if (!entry) stop(`no such command: ${word || '(none)'}`, `one of ${Object.keys(ENTRIES).join(', ')}`, 64)
checkNode()
installPackages()
if (!existsSync(join(ROOT, entry))) stop(`${entry} is missing`, 'is the checkout complete?', 64)
handOver(entry, args)

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [wantMajor, wantMinor] = NODE_AT_LEAST
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return
  const found = process.versions.node
  stop(`node ${found} is too old`, `install Node ${wantMajor}.${wantMinor} or newer, then run this again`, 64)
}

/** `npm ci` when the packages are not those of the lock file; the stamp makes the check cost nothing. */
function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  const why = existsSync(join(ROOT, 'node_modules')) ? 'package-lock.json has changed' : 'first run'
  console.error(`installing the packages of package-lock.json (${why}; about half a minute, 150 MB)`)
  const begun = Date.now()
  const ended = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    // npm's report goes to stderr, so that the stdout of the command stays its own.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (ended.status !== 0) {
    const reason = ended.error
      ? ended.error.message
      : `npm ci ended with exit code ${ended.status ?? ended.signal}`
    stop(
      `the packages could not be installed: ${reason}`,
      'read the lines of npm above, then run this again',
      1,
    )
  }
  writeFileSync(STAMP, wanted)
  console.error(`installed in ${Math.round((Date.now() - begun) / 1000)} s`)
}

/** Runs the entry in this terminal, passes signals on and ends as it ended. */
function handOver(file, rest) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, file), ...rest], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  // A Ctrl-C at the terminal reaches the child anyway, as both are in the foreground group: sent
  // again it would count as the second one. Only this process must not die of it before the child.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal))
  child.on('error', error => stop(`${file} could not be started: ${error.message}`, 'is Node complete?', 1))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function stop(message, hint, exitCode) {
  console.error(`${message}\nHINT: ${hint}`)
  process.exit(exitCode)
}
