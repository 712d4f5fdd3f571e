import { clock, duration } from '../lib/format.ts'
import { EXIT, type ExitCode, exitCodeOf, problemLines } from '../lib/problem.ts'
import { writeReport } from '../lib/report.ts'
import { mask } from '../lib/secret.ts'
import { spent } from '../lib/spent.ts'
import { style } from '../lib/style.ts'
import type { Target } from '../lib/target.ts'
import { Failure } from './activity.ts'
import { stopLines } from './hold.ts'
import type { Incident } from './incident.ts'
import type { Kept } from './model.ts'
import { PARACHUTE } from './parachute.ts'

/** The last words of a run that has recovered and proven: journal, report, terminal. `tookMs`: since the detection. */
export function succeeded(
  { journal, folder }: Incident,
  root: string,
  kept: readonly Kept[],
  tookMs: number,
): ExitCode {
  for (const each of kept) journal.write({ kind: 'kept', ...each })
  const outcome = `recovered and proven in ${clock(tookMs)}`
  journal.write({ kind: 'closed', outcome, exitCode: EXIT.recovered })
  writeReport(root, folder)
  const { decide, wait, act, prove } = spent(journal.read())
  const lanes = `decide ${duration(decide)} · wait ${duration(wait)} · act ${duration(act)} · prove ${duration(prove)}`
  process.stdout.write(`${style.good('Recovered and proven')} in ${clock(tookMs)} (${lanes}).\n`)
  for (const { text } of kept) process.stdout.write(`${text}\n`)
  process.stdout.write(`Report: ${folder}/report.md and report.html\n`)
  return EXIT.recovered
}

/** What a run was that has stopped. */
interface Stopped {
  incident: Incident
  target: Target
  /** Its id. */
  scenario: string
  /** Whether a person at a terminal has seen the journal go by. */
  attended: boolean
}

/** The same of a run that has stopped. One that was handed over says no more than that: what is next is not its own. */
export function stopped(error: unknown, run: Stopped): ExitCode {
  const { journal, folder } = run.incident
  const failure = failureOf(error)
  const cause = failure ? failure.cause : error
  const exitCode = exitCodeOf(cause)
  journal.write({ kind: 'closed', outcome: problemLines(cause)[0] ?? 'failed', exitCode })
  writeReport(run.target.root, folder)
  const lines = exitCode === EXIT.locked ? problemLines(cause) : lastLines(cause, failure, run)
  process.stderr.write(`${mask(lines.join('\n'))}\n`)
  return exitCode
}

function lastLines(
  cause: unknown,
  failure: Failure | undefined,
  { incident, target, scenario, attended }: Stopped,
): string[] {
  const byHand = ['or by hand, with what is left to be done:', `  ${incident.folder}/${PARACHUTE}`]
  return [
    ...stopLines(cause, failure, attended ? [] : incident.journal.read(), target.escalation),
    'Go on with:',
    `  npx tsx scenarios/${scenario}.ts --resume`,
    ...(failure ? byHand : []),
  ]
}

/** Listr wraps what a task throws; the failure is inside. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Failure ? cause : undefined
}
