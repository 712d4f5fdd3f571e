import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { scenarioFor } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import type { LabTarget } from '../../lab/target.ts'
import { type Recorded, readJournal } from '../../lib/journal.ts'
import { phraseIn } from '../../runbook/unattended.ts'
import { lastLines, measure, run } from './programs.ts'
import { cutAtStop } from './script.ts'

/** One recovery by the tool. Peak memory in MiB. */
export interface ByTool {
  /** Milliseconds from the start of the program to its end; nobody had to think. */
  total: number
  /** The part of it from the stop of the writers to the last smoke test. */
  act: number
  peakMb: number
}

/** Runs the scenario as somebody does who types the phrase as soon as it is shown. Throws when it fails. */
export async function recoverByTool(target: LabTarget, fault: Fault): Promise<ByTool> {
  const earlier = incidentNames(target)
  const args = [...answers(fault), '--confirm', '-']
  const ended = await measure(scenarioFor(fault), args, { cwd: target.root, typist: phraseIn })
  const incident = newIncident(target, earlier)
  if (!incident) throw new Error(`the scenario left no incident: ${lastLines(ended)}`)
  const act = spanOf(readJournal(incident))
  rmSync(incident, { recursive: true, force: true })
  return { total: ended.ms, act, peakMb: ended.peakMb }
}

function answers(fault: Fault): readonly string[] {
  return rightAnswer(fault, 'documents').answers
}

/** Milliseconds from the begin of the stop to the end of the smoke test, by the journal. */
function spanOf(events: readonly Recorded[]): number {
  const of = (step: string) => events.filter(event => 'path' in event && event.path.startsWith(`${step}/`))
  const [begin, end] = [of('stop-services')[0], of('smoke-test').at(-1)]
  if (!begin || !end) throw new Error('the journal lacks the steps that are timed')
  return Date.parse(end.at) - Date.parse(begin.at)
}

/** The same recovery by the script of `--plan --shell`: milliseconds, and how many commands. */
export async function recoverByScript(
  target: LabTarget,
  fault: Fault,
): Promise<{ ms: number; commands: number }> {
  const { root: cwd } = target
  const plan = await measure(scenarioFor(fault), ['--plan', '--shell', ...answers(fault)], { cwd })
  const { prepare, recover, commands, folder } = cutAtStop(plan.stdout)
  const dir = mkdtempSync(join(tmpdir(), 'runbook-bench-'))
  try {
    await shell(target, join(dir, 'prepare.sh'), prepare)
    return { ms: await shell(target, join(dir, 'recover.sh'), recover), commands }
  } finally {
    rmSync(join(cwd, folder), { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Milliseconds that a script took, with the secrets in its environment. Throws when a command of it fails. */
async function shell({ root, env }: LabTarget, file: string, text: string): Promise<number> {
  writeFileSync(file, text)
  const ended = await run(['sh', file], { cwd: root, env })
  if (ended.exitCode !== 0) throw new Error(`the script of raw commands failed: ${lastLines(ended)}`)
  return ended.ms
}
