import { type ProcessOutput, $ as zx } from 'zx'
import { EXIT, Problem } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'

/**
 * zx for the scripts of the practice ground. Quiet; stdin closed (zx leaves an open pipe there, in which
 * `psql` and `cat` wait for ever); in the terminal's process group, so that a Ctrl-C reaches the command too.
 * Read `.stdout` of the result: `.text()` and `.json()` mix stderr into it.
 */
export const $ = zx({ quiet: true, verbose: false, detached: false, stdio: ['ignore', 'pipe', 'pipe'] })

/** As `$`, but a command that fails is an answer too: look at `.exitCode`. */
export const attempt = $({ nothrow: true })

/** The trimmed stdout of a command. Throws a Problem that names the command, its exit code and its last lines. */
export async function text(pieces: TemplateStringsArray, ...args: unknown[]): Promise<string> {
  const command = attempt(pieces, ...args)
  const output = await command
  if (output.exitCode === 0) return output.stdout.trim()
  throw failed(command.cmd, output)
}

/** True when the command ends with exit code 0; its output is dropped. */
export async function succeeds(pieces: TemplateStringsArray, ...args: unknown[]): Promise<boolean> {
  return (await attempt(pieces, ...args)).exitCode === 0
}

/** zx's own message has neither the command nor more than a line of its output. */
export function failed(command: string, output: ProcessOutput): Problem {
  const said = output.stderr.trim() || output.stdout.trim()
  return new Problem(`a command of the practice ground failed`, {
    exitCode: EXIT.commandFailed,
    command: mask(command),
    ...(output.exitCode === null ? {} : { code: output.exitCode }),
    tail: mask(said).split('\n').slice(-8),
  })
}
