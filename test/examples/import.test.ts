import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { assert, describe } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

const ROOT = join(import.meta.dirname, '../..')
const STEPS = readdirSync(join(ROOT, 'steps')).map(name => `steps/${name}`)

/** Runs before the import and says after it what the process was made to do. */
const WATCHER = `
const seen = []
const ours = stack => stack.split('\\n').slice(2).find(line => !line.includes('node:'))
const isOurs = line => line !== undefined && line.includes(process.env.WATCHED) && !line.includes('node_modules')
for (const name of ['on', 'once', 'addListener', 'prependListener']) {
  const real = process[name]
  process[name] = function (event, ...rest) {
    if (isOurs(ours(new Error().stack))) seen.push('process.' + name + ' ' + String(event))
    return real.call(this, event, ...rest)
  }
}
const touch = key => isOurs(ours(new Error().stack)) && seen.push('process.env.' + String(key))
const env = process.env
const watched = new Proxy(env, {
  get: (target, key) => (key === 'WATCHED' ? target[key] : (touch(key), target[key])),
  set: (target, key, value) => { touch(key); target[key] = value; return true },
  deleteProperty: (target, key) => (touch(key), delete target[key]),
  ownKeys: target => (touch('*'), Reflect.ownKeys(target)),
})
Object.defineProperty(process, 'env', { value: watched })
const signals = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'exit'].map(s => process.listenerCount(s)).join(' ')
const cwd = process.cwd()
const before = signals()
for (const file of process.argv.slice(2)) await import(file)
if (signals() !== before) seen.push('signal handlers: ' + before + ' became ' + signals())
if (process.cwd() !== cwd) seen.push('another directory')
if (process.exitCode !== undefined) seen.push('an exit code')
process.exitCode = 0
console.log(JSON.stringify(seen))
`

/** The files that a file leads to by its imports of values; types are gone when it runs. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  if (!file.endsWith('.ts')) return seen
  const text = readFileSync(join(ROOT, file), 'utf8')
  for (const [, kind, specifier] of text.matchAll(/^(import|export) (?!type )[^;]*? from '([^']+)'/gm)) {
    if (kind === undefined || specifier === undefined) continue
    const local = specifier.startsWith('.')
    reached(local ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier, seen)
  }
  return seen
}

describe('importing a step', suite => {
  const dir = tempDir(suite)
  const watcher = program(dir, 'watcher.mjs', `#!/usr/bin/env node\n${WATCHER}`)

  /** What importing these files made the process do, as far as files under `under` are the cause. */
  const watch = (under: string, files: readonly string[]): string[] => {
    const argv = ['--import', 'tsx', watcher, ...files]
    const env = { ...process.env, WATCHED: under }
    const ended = spawnSync(process.execPath, argv, { cwd: ROOT, env, encoding: 'utf8' })
    assert.is(ended.status, 0, ended.stderr)
    assert.is(ended.stderr, '')
    return JSON.parse(ended.stdout) as string[]
  }

  suite.test('sets no signal handler, reads no environment, prints nothing and ends', () => {
    const files = STEPS.map(file => join(ROOT, file))
    assert.equal(watch(ROOT, files), [])
  })

  suite.test('and the watcher would see them', () => {
    const text = `process.on('SIGINT', () => 0)\nif (process.env.HOME) process.exitCode = 3`
    const seen = watch(dir, [program(dir, 'bad.mjs', `#!/usr/bin/env node\n${text}`)]).join('; ')
    for (const what of ['process.on SIGINT', 'process.env.HOME', 'signal handlers', 'an exit code'])
      assert.match(seen, what)
  })

  suite.test('leads neither to the lists nor to the prompts', () => {
    for (const file of STEPS) {
      const files = reached(file)
      for (const never of ['listr2', '@clack/prompts', 'runbook/pipeline.ts', 'runbook/ask.ts', 'zx'])
        assert.not(files.has(never), `${file} leads to ${never}`)
    }
    assert.ok(reached('steps/assess-qdrant.ts').size > 10, 'imports are not followed')
  })
})
