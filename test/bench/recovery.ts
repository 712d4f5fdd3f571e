import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabTarget } from '../../lab/target.ts'
import { loadConfig } from '../../lib/config.ts'
import { type Recorded, readJournal } from '../../lib/journal.ts'
import { targetOf } from '../../lib/target.ts'
import { type Ended, lastLines, measure, run } from './programs.ts'
import { rawScripts, TIMED } from './script.ts'

const SCENARIO = 'scenarios/qdrant-corruption.ts'
const ANSWERS = ['--set', 'backup=latest', '--set', 'collections=all']

/** One recovery by the tool: milliseconds from the stop to the last smoke test, peak memory in MiB. */
export interface ByTool {
  ms: number
  peakMb: number
}

/** Runs the scenario as a person without a terminal would: plan first, then with the phrase of the plan. */
export async function recoverByTool({ root: cwd }: LabTarget): Promise<ByTool> {
  const plan = await measure(SCENARIO, ['--plan', ...ANSWERS], { cwd })
  const phrase = /^--confirm '([^']+)'$/m.exec(plan.stdout)?.[1]
  if (!phrase) throw new Error('--plan shows no phrase')
  const ended = await measure(SCENARIO, [...ANSWERS, '--confirm', phrase], { cwd })
  const folder = /^Report: (.+)\/report\.md$/m.exec(ended.stdout)?.[1]
  if (!folder) throw new Error(`the scenario names no report: ${lastLines(ended)}`)
  const ms = spanOf(readJournal(join(cwd, folder)))
  rmSync(join(cwd, folder), { recursive: true, force: true })
  return { ms, peakMb: ended.peakMb }
}

/** Milliseconds from the begin of the first timed activity to the end of the last, by the journal. */
function spanOf(events: readonly Recorded[]): number {
  const of = (step: string) => events.filter(event => 'path' in event && event.path.startsWith(`${step}/`))
  const [begin, end] = [of(TIMED.from)[0], of(TIMED.to).at(-1)]
  if (!begin || !end) throw new Error('the journal lacks the steps that are timed')
  return Date.parse(end.at) - Date.parse(begin.at)
}

/** The same recovery by a shell script of the plan's commands: milliseconds, and how many commands. */
export async function recoverByScript({ root: cwd }: LabTarget): Promise<{ ms: number; commands: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-bench-'))
  const scripts = await rawScripts(targetOf(loadConfig(join(cwd, 'runbook.config.yaml'))))
  try {
    mkdirSync(join(cwd, scripts.folder), { recursive: true })
    await shell(dir, 'prepare', scripts.prepare, cwd)
    const { ms } = await shell(dir, 'recover', scripts.recover, cwd)
    return { ms, commands: scripts.commands }
  } finally {
    rmSync(join(cwd, scripts.folder), { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
  }
}

async function shell(dir: string, name: string, text: string, cwd: string): Promise<Ended> {
  const file = join(dir, `${name}.sh`)
  writeFileSync(file, text)
  const ended = await run(['sh', file], { cwd })
  if (ended.exitCode !== 0)
    throw new Error(`the script of raw commands failed (${name}): ${lastLines(ended)}`)
  return ended
}
