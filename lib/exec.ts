import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Command, Io, Limits, Output, Printf, Progress } from './command.ts'
import { EXIT, messageOf, Problem } from './problem.ts'
import { renderLine } from './render.ts'
import { mask, Secret } from './secret.ts'

/** More output than this is data, and data goes to files (execa kills Node beyond 100 MB). */
const MAX_CAPTURE = 32 * 1024 * 1024
const KILL_AFTER_MS = 5_000
const TAIL_LINES = 8

export interface ExecOptions {
  /** Directory of the target: where compose files are found. Commands never follow process.cwd(). */
  cwd: string
  /** Aborted by the operator's second Ctrl-C. */
  signal?: AbortSignal
  progress?: (p: Progress) => void
  /** Told the process id as soon as there is one, so that a journal can name it. */
  started?: (pid: number | undefined) => void
  /** Gets what the command prints, chunk by chunk; `stdout` of the output is then empty. Must not throw. */
  sink?: (chunk: Buffer) => void
}

/**
 * The one door to the outside: runs a command and gives its output, or throws a Problem that says
 * what happened, with the command, its exit code and its last lines, all masked.
 */
export async function exec(command: Command, options: ExecOptions): Promise<Output> {
  if (options.signal?.aborted) throw interrupted(command)
  return command.call ? callOwn(command, options) : spawnForeign(command, options)
}

async function callOwn(command: Command, options: ExecOptions): Promise<Output> {
  const begun = Date.now()
  const deadline = AbortSignal.timeout((command.limits?.total ?? 86_400) * 1000)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  const io: Io = {
    signal,
    cwd: options.cwd,
    env: command.env ?? {},
    progress: p => options.progress?.(p),
  }
  try {
    const stdout = await command.call!(io)
    return { stdout, stderr: '', exitCode: 0, durationMs: Date.now() - begun }
  } catch (error) {
    if (options.signal?.aborted) throw interrupted(command)
    if (deadline.aborted) throw timedOut(command, command.limits!.total)
    if (error instanceof Problem) throw error
    throw new Problem(mask(messageOf(error)), { command: mask(renderLine(command)), cause: error })
  }
}

async function spawnForeign(command: Command, options: ExecOptions): Promise<Output> {
  const [file, ...args] = command.argv
  // Loaded by the first command: --help runs none.
  const { execa } = await import('execa')
  const child = execa(file, args, {
    cwd: options.cwd,
    env: revealed(command.env),
    ...stdinOf(command, options.cwd),
    ...(command.stdout === undefined ? {} : { stdout: { file: resolve(options.cwd, command.stdout) } }),
    // Its own process group: a Ctrl-C at the terminal must not reach a write that is half done.
    detached: true,
    reject: false,
    maxBuffer: MAX_CAPTURE,
    stripFinalNewline: false,
    // Else execa keeps in memory too what goes into a file, and ends the command beyond MAX_CAPTURE.
    ...(options.sink || command.stdout !== undefined ? { buffer: { stdout: false } } : {}),
  })
  options.started?.(child.pid)
  if (options.sink) child.stdout?.on('data', options.sink)
  const guard = watch(child as Child, command.limits, options)
  const result = await child
  const cause = guard.stop()
  const output: Output = {
    stdout: String(result.stdout ?? ''),
    stderr: String(result.stderr ?? ''),
    exitCode: result.exitCode ?? -1,
    durationMs: Math.round(result.durationMs),
  }
  if (cause) {
    await cleanUp(command, options)
    throw cause === 'interrupt' ? interrupted(command) : timedOut(command, cause)
  }
  if (result.exitCode === 0 || command.ok?.includes(output.exitCode)) return output
  if (!existsSync(options.cwd))
    throw new Problem(`the directory ${options.cwd} does not exist`, { exitCode: EXIT.badInput })
  throw failed(command, output, result.code, result.signal)
}

type Child = Pick<ChildProcess, 'pid' | 'stdout' | 'stderr'>

/** Kills the whole process group on abort, on the total limit or after too long a silence. */
function watch(child: Child, limits: Limits | undefined, options: ExecOptions) {
  let cause: 'interrupt' | number | undefined
  let forced: NodeJS.Timeout | undefined
  const kill = (why: 'interrupt' | number) => {
    if (cause !== undefined) return
    cause = why
    signalGroup(child.pid, 'SIGTERM')
    forced = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS)
  }
  const onAbort = () => kill('interrupt')
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const total = limits && setTimeout(() => kill(limits.total), limits.total * 1000)
  let idle = limits?.idle === undefined ? undefined : setTimeout(() => kill(limits.idle!), limits.idle * 1000)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer | string) => {
      idle = idle?.refresh()
      reportPercent(String(chunk), options.progress)
    })
  }
  return {
    stop() {
      options.signal?.removeEventListener('abort', onAbort)
      for (const timer of [total, idle, forced]) clearTimeout(timer)
      return cause
    },
  }
}

/** curl --progress-bar and similar programs tell their percentage on stderr. */
function reportPercent(chunk: string, progress: ExecOptions['progress']): void {
  const percent = chunk.match(/(\d{1,3}(?:\.\d+)?)%/g)?.at(-1)
  if (percent) progress?.({ done: Number.parseFloat(percent), total: 100, unit: '%' })
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Already gone: that is what was wanted.
  }
}

/** Killing a docker client leaves its command running inside the container (moby issue 9098). */
async function cleanUp(command: Command, options: ExecOptions): Promise<void> {
  if (!command.cleanup) return
  await spawnForeign(command.cleanup, { cwd: options.cwd }).catch(() => undefined)
}

function revealed(env: Command['env']): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(env ?? {})) {
    out[name] = value instanceof Secret ? value.reveal() : value
  }
  return out
}

function stdinOf({ stdin }: Command, cwd: string) {
  if (!stdin) return { stdin: 'ignore' as const }
  return 'file' in stdin ? { stdin: { file: resolve(cwd, stdin.file) } } : { input: filled(stdin) }
}

function filled(stdin: Printf): string {
  const values = stdin.values.map(value => (value instanceof Secret ? value.reveal() : value))
  let next = 0
  return stdin.format.replaceAll('\\n', '\n').replaceAll('%s', () => values[next++] ?? '')
}

function interrupted(command: Command): Problem {
  return new Problem(`interrupted: ${nameOf(command)}`, {
    exitCode: EXIT.interrupted,
    hint: 'go on with --resume: it looks at what was done and repeats nothing',
    command: mask(renderLine(command)),
  })
}

function timedOut(command: Command, seconds: number): Problem {
  return new Problem(`${nameOf(command)} gave no answer within ${seconds} s`, {
    hint: 'is the other side reachable, and is it under load? Its log says what it waits for',
    command: mask(renderLine(command)),
  })
}

function failed(command: Command, output: Output, code?: string, signal?: string): Problem {
  const shown = { command: mask(renderLine(command)), code: output.exitCode, tail: tailOf(output) }
  if (code === 'ENOENT') {
    return new Problem(`${command.argv[0]} is not installed or not on the PATH`, {
      hint: `install ${command.argv[0]} on the machine that runs this`,
      command: shown.command,
    })
  }
  const known = command.explain?.(output)
  if (known) return new Problem(mask(known.message), { ...shown, hint: mask(known.hint) })
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${output.exitCode}`
  return new Problem(`${nameOf(command)} ${how}`, shown)
}

function nameOf(command: Command): string {
  const words = command.argv.filter(word => !word.startsWith('-'))
  return words.slice(0, command.argv[0] === 'docker' || command.argv[0] === 'npx' ? 3 : 1).join(' ')
}

function tailOf(output: Output): string[] {
  const text = output.stderr.trim() === '' ? output.stdout : output.stderr
  const lines = text.split(/\r?\n|\r/).map(line => line.trimEnd())
  // curl's progress bar is not a message.
  const told = lines.filter(line => line !== '' && !/^[#O=\-\s]*[\d.]*%?$/.test(line))
  return told.slice(-TAIL_LINES).map(line => mask(line.slice(0, 300)))
}

/** Starts a command and gives its stdin and stdout as one stream: a connection to whatever it talks to. */
export async function connection(
  command: Command,
  { cwd, signal }: Pick<ExecOptions, 'cwd' | 'signal'>,
): Promise<Duplex> {
  const [file, ...args] = command.argv
  const { execa } = await import('execa')
  const env = revealed(command.env)
  const child = execa(file, args, {
    cwd,
    env,
    reject: false,
    buffer: false,
    ...(signal ? { cancelSignal: signal } : {}),
  })
  return child.duplex()
}

/** A command that lives as long as this process and is written to, such as the lock. */
export interface Held {
  write(text: string): void
  ended(): boolean
  /** What it said on stderr so far. */
  said(): string
  /** Closes its stdin and waits for its end. */
  end(): Promise<void>
}

export interface HoldOptions {
  cwd: string
  /** Gets what the command prints, chunk by chunk. */
  heard?: (chunk: Buffer) => void
}

/** Starts a command and keeps its stdin open. Its end is noticed, never thrown. */
export async function hold(command: Command, options: HoldOptions): Promise<Held> {
  const [file, ...args] = command.argv
  const { execa } = await import('execa')
  const child = execa(file, args, {
    cwd: options.cwd,
    env: revealed(command.env),
    stdin: 'pipe',
    stdout: options.heard ? 'pipe' : 'ignore',
    stderr: 'pipe',
    detached: true,
    reject: false,
    buffer: false,
  })
  let ended = false
  let said = ''
  if (options.heard) child.stdout?.on('data', options.heard)
  child.stderr.on('data', (chunk: Buffer) => {
    said = mask((said + String(chunk)).slice(-2000))
  })
  child.stdin.on('error', () => {
    ended = true
  })
  const done = child.then(() => {
    ended = true
  })
  return {
    write: text => void (ended || child.stdin.write(mask(text))),
    ended: () => ended,
    said: () => said.trim(),
    async end() {
      child.stdin.end()
      await done
    },
  }
}
