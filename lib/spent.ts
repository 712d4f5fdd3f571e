import type { Effect, Recorded } from './journal.ts'
import { laneOf, stepOf } from './path.ts'

/** What time is spent on, in the order in which it is told. */
export const DOINGS = ['decide', 'wait', 'act', 'prove'] as const
export type Doing = (typeof DOINGS)[number]

/** One stretch of time that the journal accounts for. */
export interface Span {
  doing: Doing
  path: string
  say: string
  /** Milliseconds since 1970. */
  begin: number
  end: number
  bytes: number
  /** Where the event that ends it stands among the events. */
  index: number
  failed: boolean
}

/** What one step took in one lane of stores. */
export interface Times {
  step: string
  /** Empty outside of lanes. */
  lane: string
  /** Milliseconds. */
  ms: Record<Doing, number>
  /** What was moved, as far as the steps know it. */
  bytes: number
  /** ISO 8601, on the wall clock; what is between them and not in `ms` is not accounted for. */
  begin: string
  end: string
  /** Where the first and the last of its events stand among all. */
  indexes: readonly [number, number]
}

/**
 * Every stretch of time in the order in which they ended. Work that nobody saw the end of is not among them, nor what
 * took no time: a write that was found done, a conclusion.
 */
export function spans(events: readonly Recorded[]): Span[] {
  const begun = new Map<string, { at: number; effect: Effect }>()
  const found: Span[] = []
  for (const [index, event] of events.entries()) {
    if (event.kind === 'started') begun.set(event.path, { at: Date.parse(event.at), effect: event.effect })
    const doing = doingOf(event)
    if (doing !== undefined && 'ms' in event && event.ms > 0) found.push(spanOf(event, doing, index))
    if (event.kind === 'failed') {
      const start = begun.get(event.path)
      if (start) found.push(failedSpan(event, start, index))
    }
    // A check that fails has told its time already when its failure follows.
    if (event.kind !== 'started' && 'path' in event && doing !== undefined) begun.delete(event.path)
  }
  return found
}

/** Milliseconds by what they were spent on; of lanes side by side each counts. */
export function spent(events: readonly Recorded[]): Record<Doing, number> {
  return sum(spans(events))
}

/** What each step took, in each lane of stores, in the order in which they began. */
export function times(events: readonly Recorded[]): Times[] {
  const groups = new Map<string, Span[]>()
  for (const span of spans(events)) {
    const key = `${stepOf(span.path)} ${laneOf(span.path)}`
    groups.set(key, [...(groups.get(key) ?? []), span])
  }
  return [...groups.values()].map(timesOf).sort((a, b) => a.begin.localeCompare(b.begin))
}

function timesOf(group: readonly Span[]): Times {
  const { path } = group[0]!
  return {
    step: stepOf(path),
    lane: laneOf(path),
    ms: sum(group),
    bytes: group.reduce((all, { bytes }) => all + bytes, 0),
    begin: new Date(Math.min(...group.map(({ begin }) => begin))).toISOString(),
    end: new Date(Math.max(...group.map(({ end }) => end))).toISOString(),
    indexes: [group[0]!.index, group.at(-1)!.index],
  }
}

function sum(some: readonly Span[]): Record<Doing, number> {
  const ms = { decide: 0, wait: 0, act: 0, prove: 0 }
  for (const { doing, begin, end } of some) ms[doing] += end - begin
  return ms
}

function doingOf(event: Recorded): Doing | undefined {
  switch (event.kind) {
    case 'answered':
    case 'predicted':
      return 'decide'
    case 'checked':
      return 'prove'
    case 'finished':
      return ofEffect(event.effect)
    case 'undone':
      return 'act'
    default:
      return undefined
  }
}

function ofEffect(effect: Effect): Doing {
  if (effect === 'until') return 'wait'
  return effect === 'check' ? 'prove' : 'act'
}

function spanOf(event: Recorded & { path: string; ms: number }, doing: Doing, index: number): Span {
  const end = Date.parse(event.at)
  const say = 'say' in event ? event.say : 'question' in event ? event.question : ''
  const bytes = event.kind === 'finished' ? (event.bytes ?? 0) : 0
  return { doing, path: event.path, say, begin: end - event.ms, end, bytes, index, failed: false }
}

function failedSpan(
  { at, path, say }: Recorded & { kind: 'failed' },
  start: { at: number; effect: Effect },
  index: number,
): Span {
  const doing = ofEffect(start.effect)
  return { doing, path, say, begin: start.at, end: Date.parse(at), bytes: 0, index, failed: true }
}
