import { spawn } from 'node:child_process'
import type { Tally } from './tally.ts'

/** One line for people; progress of the whole, while it runs. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A part that is one program: it counts as one test, and its output is shown when it fails. */
export async function programPart(
  title: string,
  argv: readonly string[],
  tally: Tally,
  env: Record<string, string> = {},
): Promise<void> {
  const begun = Date.now()
  const { exitCode, printed } = await captured(argv, env)
  const ms = Date.now() - begun
  tally.add({ title, passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, ms })
  say(`${exitCode === 0 ? 'passed' : 'FAILED'}  ${title} (${(ms / 1000).toFixed(1)} s)`)
  if (exitCode !== 0) say(printed.trimEnd())
}

function captured(
  [program, ...args]: readonly string[],
  env: Record<string, string>,
): Promise<{ exitCode: number; printed: string }> {
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', chunk => {
      printed += chunk
    })
  }
  return new Promise(ended => {
    child.on('error', error => ended({ exitCode: 1, printed: error.message }))
    child.on('close', exitCode => ended({ exitCode: exitCode ?? 1, printed }))
  })
}

/** A part that is code: when it throws, that is one failure, and the parts after it still run. */
export async function codePart(title: string, run: () => Promise<void>, tally: Tally): Promise<void> {
  say(`\n── ${title}`)
  const begun = Date.now()
  try {
    await run()
  } catch (error) {
    tally.fail(title, Date.now() - begun)
    say(`FAILED  ${title}: ${describeError(error)}`)
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { hint } = error as { hint?: string }
  return hint ? `${error.message}\nHINT: ${hint}` : (error.stack ?? error.message)
}

/** Where the time went, and last and alone the line that programs read. */
export function totals(tally: Tally): void {
  say(`\nWhere the time went:\n${tally.whereTheTimeWent()}\n\n${tally.line}`)
  process.exitCode = tally.exitCode
}
