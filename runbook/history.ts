import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Recorded, readJournal } from '../lib/journal.ts'
import { times } from '../lib/spent.ts'
import type { Target } from '../lib/target.ts'
import { commandsOf, type Item } from './plan.ts'

/** What one step of an earlier run took. */
export interface Took {
  /** On the wall clock: stores that ran side by side count once. */
  seconds: number
  bytes: number
}

/** What each step took after the confirmation, in a run that recovered and that nothing interrupted. */
export type PastRun = ReadonlyMap<string, Took>

/** Predicted seconds: of each step, and of all of them in the fastest, the middle and the slowest run. */
export interface Prediction {
  runs: number
  steps: ReadonlyMap<string, number>
  low: number
  seconds: number
  high: number
}

/** Older runs are of an older platform. */
const NEWEST = 10

/** The newest runs of a scenario on this installation that went through, from the journals in its incident folder. */
export function pastRuns(target: Target, scenario: string): PastRun[] {
  if (!existsSync(target.incidents)) return []
  const names = readdirSync(target.incidents).filter(name => name.endsWith(`-${scenario}`))
  const runs: PastRun[] = []
  for (const name of names.sort().reverse()) {
    if (runs.length === NEWEST) break
    const folder = join(target.incidents, name)
    const run = existsSync(join(folder, 'journal.jsonl'))
      ? pastRun(readJournal(folder), target.runtime.project)
      : undefined
    if (run) runs.push(run)
  }
  return runs
}

/** Undefined for a run whose times say nothing: of another installation, failed, interrupted, taken over by hand. */
export function pastRun(events: readonly Recorded[], project: string): PastRun | undefined {
  const ours = events.some(event => event.kind === 'opened' && event.project === project)
  const closed = events.findLast(event => event.kind === 'closed')
  const begin = events.findIndex(event => event.kind === 'confirmed')
  if (!ours || closed?.exitCode !== 0 || begin < 0) return undefined
  if (events.some(event => DISTURBED.has(event.kind))) return undefined
  const steps = new Map<string, { begin: number; end: number; bytes: number }>()
  for (const { step, begin: from, end: to, bytes } of times(events.slice(begin + 1))) {
    const [begin, end] = [Date.parse(from), Date.parse(to)]
    const known = steps.get(step) ?? { begin, end, bytes: 0 }
    steps.set(step, {
      begin: Math.min(known.begin, begin),
      end: Math.max(known.end, end),
      bytes: known.bytes + bytes,
    })
  }
  return new Map(
    [...steps].map(([id, { begin, end, bytes }]) => [id, { seconds: (end - begin) / 1000, bytes }]),
  )
}

const DISTURBED = new Set<Recorded['kind']>([
  'failed',
  'interrupted',
  'resumed',
  'undone',
  'adopted',
  'handed',
])

/** A step that is still to be done, and what it will move as far as that is known. */
interface Ahead {
  id: string
  bytes: number
}

export function aheadOf(plan: readonly Item[]): Ahead[] {
  return plan.flatMap(item => (item.kind === 'step' ? [{ id: item.step.id, bytes: bytesOf(item) }] : []))
}

/** From what the same steps took before, with more data in proportion. Undefined when none of them was ever measured. */
export function predict(runs: readonly PastRun[], ahead: readonly Ahead[]): Prediction | undefined {
  const totals = runs.map(run => ahead.reduce((sum, step) => sum + scaled(run.get(step.id), step.bytes), 0))
  if (totals.every(total => total === 0)) return undefined
  const steps = ahead.map(({ id, bytes }): [string, number] => [
    id,
    median(runs.map(run => scaled(run.get(id), bytes))),
  ])
  return {
    runs: runs.length,
    steps: new Map(steps),
    low: Math.min(...totals),
    seconds: median(totals),
    high: Math.max(...totals),
  }
}

/** Less data is not assumed to be faster: much of a step does not depend on size. */
function scaled(took: Took | undefined, bytes: number): number {
  if (!took) return 0
  return took.seconds * (took.bytes > 0 && bytes > took.bytes ? bytes / took.bytes : 1)
}

function bytesOf(item: Item): number {
  return [...commandsOf([item])].reduce((sum, { bytes = 0 }) => sum + bytes, 0)
}

/** Of an even number the larger one in the middle. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** What all steps of a run took together. */
export function total(run: PastRun): number {
  return [...run.values()].reduce((sum, { seconds }) => sum + seconds, 0)
}
