import type { Secret } from './secret.ts'

/** What a command gave back. Both streams are text; data goes to files. */
export interface Output {
  stdout: string
  stderr: string
  exitCode: number
  durationMs: number
}

/** How far a long command is; `total` is missing when nobody can know it. */
export interface Progress {
  done: number
  total?: number
  unit: 'bytes' | 'points' | '%'
}

/** What a command of our own gets when it is called in the process of the runner. */
export interface Io {
  signal: AbortSignal
  progress: (p: Progress) => void
  env: Record<string, string | Secret>
  cwd: string
}

/** Text for stdin in the manner of printf(1), so that a secret can travel by the name of its variable. */
export interface Printf {
  format: string
  values: readonly (string | Secret)[]
}

/** A file that a command reads from or writes to, relative to the target's directory. */
export interface FilePath {
  file: string
}

/** Limits in seconds. `idle` is the longest silence; `total` the longest duration. */
export interface Limits {
  total: number
  idle?: number
}

/**
 * One program call, as a value: the same value is printed, previewed, run and logged.
 * There is no shell in it. Secrets travel in `env` or in a Printf, by name, never in `argv`.
 */
export interface Command {
  argv: readonly [string, ...string[]]
  /** Set for the command when it runs; on the page and in scripts these are exported once, at the top. */
  env?: Record<string, string | Secret>
  /** Absent means closed: a program that reads its stdin then ends instead of waiting for ever. */
  stdin?: Printf | FilePath
  /** A file for what the command prints, relative to the target's directory; data never goes through memory. */
  stdout?: string
  limits?: Limits
  /** Exit codes that are an answer and not a failure; 0 is always one. */
  ok?: readonly number[]
  /** Removes what the command leaves inside a container when its client is killed. */
  cleanup?: Command
  /** Turns a known failure of the program into a sentence and a hint; undefined for an unknown one. */
  explain?: (output: Output) => { message: string; hint: string } | undefined
  /** A command of our own: what `argv` does, callable without starting a process. */
  call?: (io: Io) => Promise<string>
}

/** A `curl`, `tar` or other foreign program with its arguments. */
export function command(argv: readonly [string, ...string[]], rest: Omit<Command, 'argv'> = {}): Command {
  return { ...rest, argv }
}

/**
 * A command of our own (`npx tsx tools/<name>.ts …`). The same `args` are printed and called,
 * so page and run cannot drift.
 */
export function ownCommand(
  tool: string,
  args: readonly string[],
  main: (args: readonly string[], io: Io) => Promise<string>,
  rest: Omit<Command, 'argv' | 'call'> = {},
): Command {
  return { ...rest, argv: ['npx', 'tsx', `tools/${tool}.ts`, ...args], call: io => main(args, io) }
}
