/** The exit codes of every program here: a published contract, printed by --help and in RUNBOOK.md. */
export const EXIT = {
  recovered: 0,
  commandFailed: 1,
  checkFailed: 2,
  declined: 3,
  badInput: 64,
  locked: 75,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What each exit code means, for --help and for the page. */
export const EXIT_MEANING: Record<ExitCode, string> = {
  0: 'recovered and proven',
  1: 'a command failed',
  2: 'a check failed',
  3: 'declined by the operator',
  64: 'wrong or missing input; nothing was changed',
  75: 'another run holds the target',
  130: 'interrupted',
}

export interface ProblemDetails {
  /** What to do next: a sentence or a question. */
  hint?: string
  exitCode?: ExitCode
  /** The command as one would type it; already masked. */
  command?: string
  /** Exit code of that command. */
  code?: number
  /** Its last lines of stderr, or of stdout when stderr was empty; already masked. */
  tail?: readonly string[]
  cause?: unknown
}

/** Something went wrong and a person has to read about it: what happened, then what to do. */
export class Problem extends Error {
  readonly hint: string | undefined
  readonly exitCode: ExitCode
  readonly command: string | undefined
  readonly code: number | undefined
  readonly tail: readonly string[]

  constructor(message: string, details: ProblemDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Problem'
    this.hint = details.hint
    this.exitCode = details.exitCode ?? EXIT.commandFailed
    this.command = details.command
    this.code = details.code
    this.tail = details.tail ?? []
  }
}

/** Input that cannot be used: exit 64, nothing was touched. */
export function badInput(message: string, hint?: string): Problem {
  return new Problem(message, { exitCode: EXIT.badInput, ...(hint === undefined ? {} : { hint }) })
}

/** With which code a program ends that threw this. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof Problem ? error.exitCode : EXIT.commandFailed
}

/** The text of an unknown thrown value, never empty. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  if (error instanceof Error) return error.message || error.name
  return String(error)
}

/** The lines shown for an error: reason, HINT, command, exit code, last output. */
export function problemLines(error: unknown): string[] {
  if (!(error instanceof Problem)) return [`unexpected: ${messageOf(error)}`, ...stackOf(error)]
  const lines = [error.message]
  if (error.hint) lines.push(`HINT: ${error.hint}`)
  if (error.command) {
    const code = error.code === undefined ? '' : `  (exit code ${error.code})`
    lines.push(`command: ${error.command}${code}`)
  }
  for (const line of error.tail) lines.push(`  | ${line}`)
  return lines
}

function stackOf(error: unknown): string[] {
  if (!(error instanceof Error) || !error.stack) return []
  return error.stack.split('\n').slice(1, 6)
}
