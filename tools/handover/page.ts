import { clock } from '../../lib/format.ts'
import type { Recorded } from '../../lib/journal.ts'
import type { ServiceState } from '../../lib/runtime.ts'
import { inLane, laneOf } from '../../runbook/tree.ts'
import { clockOf, newRun, type Run, still, tell, writesInFlight } from '../follow/state.ts'

/** A store and what its container looks like now. */
export type StoreNow = { name: string } & Pick<ServiceState, 'state' | 'health'>

/**
 * What the next engineer needs, on one screen of 80 columns: what happened, what is proven, what was ruled out and
 * why, the state of the stores, what comes next, what is in quarantine, what is open. Facts of the log only.
 */
export function handoverPage(
  events: readonly Recorded[],
  stores: readonly StoreNow[],
  now: number,
): string[] {
  const run = newRun()
  for (const event of events) tell(run, event)
  const { opened, holder, description } = run
  return [
    `HANDOVER  ${opened?.incident} on ${opened?.project}`,
    `held by   ${holder}; ${clockText(run, now)}`,
    `happened  ${description || 'nobody has said so far'}`,
    ...some('chosen', choices(events), 2),
    ...some('proven', of(run, 'proven').reverse(), 3),
    ...some('ruled out', [...ruledOut(events)].reverse(), 3),
    `stores    ${stores.map(storeText).join(', ')}`,
    ...some('changed', [...run.changed.values()].map(({ say }) => say).reverse(), 3),
    ...next(run),
    ...some('kept', quarantine(events, run), 2),
    ...some('open', open(run, events), 3),
  ].map(line => cut(line.replace(/\s*\n\s*/g, ' ')))
}

const COLUMNS = 80

function cut(line: string): string {
  return line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 1)}…`
}

/** The first few of them under one title; how many there are is said. */
function some(title: string, all: readonly string[], most: number): string[] {
  if (all.length === 0) return [`${title.padEnd(10)}nothing`]
  const lines = all.slice(0, most).map((text, n) => `${(n === 0 ? title : '').padEnd(10)}${text}`)
  return all.length > most ? [...lines, `          (and ${all.length - most} more in the log)`] : lines
}

function clockText(run: Run, now: number): string {
  const told = clockOf(run, now)
  if (!told) return 'the RTO clock has not been started'
  const { passed, left } = told
  const rest = left < 0 ? `RTO missed by ${clock(-left)}` : `${clock(left)} left`
  return `${clock(passed)} of the RTO of ${run.opened?.rtoMinutes}:00, ${rest}`
}

function choices(events: readonly Recorded[]): string[] {
  const answers = events.flatMap(event => {
    const id = event.kind === 'answered' ? (event.path.split('/').at(-1) ?? '') : ''
    return event.kind === 'answered' && !/^(description|detected|confirm)$/.test(id)
      ? [`${id}: ${String(event.answer)}`]
      : []
  })
  return answers.length > 0 ? [answers.join(', ')] : []
}

function of({ checks }: Run, verdict: string): string[] {
  return checks.filter(check => check.verdict === verdict).map(({ say, found }) => `${say}: ${found}`)
}

/** Backups that cannot be used, checks that failed, commands that failed, what was taken back. */
function* ruledOut(events: readonly Recorded[]): Generator<string> {
  const refused = new Map<string, string>()
  for (const event of events) {
    if (event.kind === 'finished')
      for (const { id, refused: why } of candidatesIn(event.learned)) refused.set(id, why)
    if (event.kind === 'checked' && event.verdict === 'failed') yield `${event.say}: ${event.found}`
    if (event.kind === 'failed') yield `${event.say}: ${event.problem[0] ?? 'failed'}`
    if (event.kind === 'skipped') yield `${event.say}: ${event.why}`
    if (event.kind === 'undone') yield `taken back: ${event.say}`
  }
  for (const [id, why] of refused) yield `backup ${id}: ${why}`
}

function candidatesIn(learned: Record<string, unknown> | undefined): { id: string; refused: string }[] {
  const found = Object.values(learned ?? {}).flatMap(value => (Array.isArray(value) ? value : []))
  return found.filter(each => typeof each?.id === 'string' && typeof each?.refused === 'string')
}

function storeText({ name, state, health }: StoreNow): string {
  return `${name} ${state}${health ? ` (${health})` : ''}`
}

function next(run: Run): string[] {
  const ahead = still(run).filter(({ effect }) => effect === 'write')
  const line = ({ path, say }: { path: string; say: string }) => inLane(laneOf(path), say)
  const [now] = writesInFlight(run)
  const [first] = ahead
  if (now) return [`in flight ${line(now)}`, ...(first ? [`next      ${line(first)}`] : [])]
  if (first) return [`next      ${line(first)}`, ...finalWrite(ahead)]
  return [run.confirmed ? 'next      no write is left in the plan' : 'next      no plan is confirmed yet']
}

/** The first of those ahead that cannot be undone. */
function finalWrite(ahead: Run['ahead']): string[] {
  const final = ahead.find(({ final }) => final)
  return final ? [`no undo   ${final.say}`] : []
}

function quarantine(events: readonly Recorded[], run: Run): string[] {
  const kept = events.flatMap(event => (event.kind === 'kept' ? [event.text] : []))
  if (kept.length > 0) return kept
  const aside = [...run.changed.values()].filter(({ say }) => /\baside\b/.test(say))
  return aside.map(({ say }) => `${say} (this run has not ended: nothing is to be released yet)`)
}

/** What nobody has an answer to: a wait for a person, an outcome that differs, a failure, a loss to be repaired. */
function open(run: Run, events: readonly Recorded[]): string[] {
  const last = events.at(-1)
  const differs = events.findLast(event => event.kind === 'compared' && !event.agrees)
  return [
    ...(run.failed ? [`failed: ${run.failed.say}`] : []),
    ...[...run.asked.values()].map(({ say }) => `the navigator has not said what to expect of: ${say}`),
    ...(differs?.kind === 'compared' && last === differs
      ? [`not as predicted: ${differs.say}: expected ${differs.expects}`]
      : []),
    ...of(run, 'unchecked').map(text => `could not be checked: ${text}`),
    ...of(run, 'expected loss').map(text => `to be repaired: ${text}`),
    ...(run.confirmed ? [] : ['the plan is to be looked at and confirmed']),
  ]
}
