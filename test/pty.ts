import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { AT_ONCE_MS, eventually } from './poll.ts'

/** Keys as a terminal sends them. */
export const KEY = { enter: '\r', escape: '\x1b', ctrlC: '\x03', down: '\x1b[B' } as const

export interface Terminal {
  /** Everything that was shown so far, without colours and cursor movements. */
  text(): string
  /** The same with them. */
  raw(): string
  /** Types keys; Ctrl-C becomes a signal unless the program reads raw keys, as in a real terminal. */
  type(keys: string): void
  /** Waits until `what` is shown after everything that an earlier wait has found. */
  sees(what: string | RegExp): Promise<void>
  /** The exit code of the program; 128 + n when a signal ended it. */
  ended(): Promise<number>
  /** Closes the window: the terminal goes away under the program. */
  close(): void
  /** The process whose command line has `word` and that has no such child: below npx and tsx, the program. */
  pidOf(word: string): number
}

export interface TerminalOptions {
  cwd: string
  env?: Record<string, string>
  columns?: number
  rows?: number
}

/**
 * Starts a program on a pseudo-terminal of its own, made by `script` of util-linux (always there on Debian).
 * Its exit code is the program's.
 */
export function openTerminal(argv: readonly string[], options: TerminalOptions): Terminal {
  const { columns = 80, rows = 40, cwd } = options
  // From a pipe, `script` gives the terminal no size; a program would see zero columns.
  const command = `stty cols ${columns} rows ${rows}; exec ${argv.map(quoted).join(' ')}`
  const env = { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env }
  // A runner in CI sets it; the person at this terminal is no CI.
  delete (env as NodeJS.ProcessEnv).CI
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { cwd, env })
  return terminalOf(child, argv)
}

function terminalOf(child: ChildProcess, argv: readonly string[]): Terminal {
  let shown = ''
  // Taken in as it comes: a screen that is drawn ten times a second is megabytes by the end of a run.
  let text = ''
  let rest = ''
  let seen = 0
  let code: number | undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', chunk => {
      shown += chunk
      const [whole, cut] = cutSequence(rest + chunk)
      text += plain(whole)
      rest = cut
    })
  }
  // After its end nobody reads what is typed.
  child.stdin?.on('error', () => undefined)
  child.on('close', (exitCode, signal) => {
    code = exitCode ?? (signal === 'SIGKILL' ? 137 : 1)
  })
  return {
    text: () => text,
    raw: () => shown,
    type: keys => void child.stdin?.write(keys),
    async sees(what) {
      let searched = -1
      seen = await eventually(() => {
        const over = code
        if (text.length === searched && over === undefined) return undefined
        searched = text.length
        const found = find(text, what, seen)
        if (found === undefined && over !== undefined)
          throw new Error(`${argv.at(-1)} ended with ${over} before it showed ${what}:\n${tail(text)}`)
        return found
      }, AT_ONCE_MS)
    },
    ended: async () => (await eventually(() => (code === undefined ? undefined : { code }), AT_ONCE_MS)).code,
    close: () => void child.kill('SIGKILL'),
    pidOf: word => programBelow(child.pid!, word),
  }
}

/** Where the match ends; undefined without one. */
function find(text: string, what: string | RegExp, from: number): number | undefined {
  if (typeof what === 'string') {
    const at = text.indexOf(what, from)
    return at < 0 ? undefined : at + what.length
  }
  const match = what.exec(text.slice(from))
  return match ? from + match.index + match[0].length : undefined
}

/** What has come so far, and apart from it the begin of a control sequence whose end has not come yet. */
function cutSequence(raw: string): [string, string] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  const at = raw.search(/\x1b(\[[\d;?]*|[()])?$/)
  return at < 0 ? [raw, ''] : [raw.slice(0, at), raw.slice(at)]
}

/** Without control sequences and carriage returns. */
export function plain(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  return raw.replaceAll(/\x1b\[[\d;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>78]|\r/g, '')
}

function tail(text: string): string {
  return text.split('\n').slice(-30).join('\n')
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

function programBelow(root: number, word: string): number {
  const processes = readProcesses()
  const below = [root]
  for (const pid of below) below.push(...processes.filter(p => p.parent === pid).map(p => p.pid))
  const matching = processes.filter(p => below.includes(p.pid) && p.command.includes(word))
  const leaf = matching.find(p => !matching.some(other => other.parent === p.pid))
  if (leaf) return leaf.pid
  throw new Error(`no process with ${word} below ${root}`)
}

/** Set until a process that was forked has begun a program: it still has the command line of the one above (proc(5), sched.h). */
const PF_FORKNOEXEC = 0x40

function readProcesses(): { pid: number; parent: number; command: string }[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      // State, parent, …, flags: what is behind the name of the program, which may have spaces.
      const [, parent, , , , , flags] = readFileSync(`/proc/${name}/stat`, 'utf8')
        .split(/.*\) /s)[1]!
        .split(' ')
      if (Number(flags) & PF_FORKNOEXEC) return []
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return [{ pid: Number(name), parent: Number(parent), command }]
    } catch {
      // It ended meanwhile.
      return []
    }
  })
}
