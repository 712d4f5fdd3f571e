import { clock, duration, timeOf } from '../../lib/format.ts'
import type { Recorded } from '../../lib/journal.ts'
import { type Doing, spent } from '../../lib/spent.ts'
import type { Fault } from '../faults/fault.ts'
import { scenarioFor } from './scenario.ts'
import type { RightAnswer } from './script.ts'

/** What is known of a drill before anybody has decided anything. */
export interface Sealed {
  fault: Pick<Fault, 'id' | 'title' | 'stores' | 'scenario'>
  right: RightAnswer
  /** When the damage was done; milliseconds since 1970. */
  broken: number
  /** UTC stamp of the newest whole backup from before it. */
  newestBackup: string
}

/** One thing that an engineer had to decide, beside what would have been right. */
export interface Decision {
  what: 'detection' | 'scope' | 'backup' | 'loss accepted' | 'predictions'
  decided: string
  right: string
  /** Undefined where nothing was decided. */
  good: boolean | undefined
}

export interface Score {
  decisions: Decision[]
  /** Milliseconds, of all runs of the drill together. */
  lanes: Record<Doing, number>
  /** From the damage to the opened incident; undefined when none was opened. */
  detectionSeconds: number | undefined
}

/** Scores the incidents of one drill, oldest first, against what was right. */
export function score(incidents: readonly (readonly Recorded[])[], sealed: Sealed): Score {
  const events = incidents.flat()
  const first = events.find(event => event.kind === 'opened')
  const opened = first && Date.parse(first.at)
  return {
    decisions: [
      detection(events, opened, sealed),
      scope(incidents, sealed),
      backup(events, sealed),
      loss(events, sealed),
      predictions(events),
    ],
    lanes: spent(events),
    detectionSeconds: opened && Math.round((opened - sealed.broken) / 1000),
  }
}

/** Whether all that was decided was right. */
export function isGood({ decisions }: Score): boolean {
  return decisions.every(({ good }) => good !== false)
}

/** A minute is what the answer cannot say: it has none of the seconds. */
const MINUTE = 60_000

function detection(events: readonly Recorded[], opened: number | undefined, { broken }: Sealed): Decision {
  const at = (ms: number) => new Date(ms).toISOString().slice(11, 16)
  if (opened === undefined)
    return {
      what: 'detection',
      decided: 'no incident was opened',
      right: `from ${at(broken)} on`,
      good: false,
    }
  const told = Date.parse(answer(events, 'detected') ?? '')
  const after = `incident opened ${clock(opened - broken)} after the damage`
  return {
    what: 'detection',
    decided: Number.isNaN(told) ? after : `${at(told)}, ${after}`,
    right: `between the damage at ${at(broken)} and the opening at ${at(opened)}`,
    good: told >= broken - MINUTE && told <= opened + MINUTE,
  }
}

/** Which recovery, and of what: too little leaves damage, too much costs the writes of what was sound. */
function scope(incidents: readonly (readonly Recorded[])[], { fault, right }: Sealed): Decision {
  const confirmed = incidents.filter(events => events.some(event => event.kind === 'confirmed'))
  const scenarios = confirmed.map(events => {
    const first = events.find(event => event.kind === 'opened')
    return first?.kind === 'opened' ? first.scenario : '?'
  })
  const named = incidents.flatMap(events => answer(events, 'collections') ?? [])
  const wanted = /([\w-]+)\.ts$/.exec(scenarioFor(fault))?.[1] ?? ''
  const collections = right.stores.includes('qdrant') && fault.stores.length === 1 ? right.restored : []
  const fits = named.every(text => restores(text, right))
  return {
    what: 'scope',
    decided: [...scenarios, ...named].join(', ') || 'no recovery was confirmed',
    right: [wanted, ...collections].join(', '),
    good: scenarios.length === 1 && scenarios[0] === wanted && fits,
  }
}

/** `documents_v1` is a collection of `documents`: a name of the platform stands behind a version. */
function restores(answer: string, { restored }: RightAnswer): boolean {
  if (answer === 'none') return restored.length === 0
  if (answer === 'all') return restored.length > 1
  const bases = answer.split(',').map(name => name.trim().replace(/(_v\d+)?(__r_\w+)?$/, ''))
  return bases.length === restored.length && bases.every(base => restored.includes(base))
}

function backup(events: readonly Recorded[], { newestBackup }: Sealed): Decision {
  const chosen = chosenBackup(events)
  return {
    what: 'backup',
    decided: chosen ?? 'none',
    right: `the newest one from before the damage, ${timeOf(newestBackup)}`,
    good: chosen === undefined ? undefined : stampOf(chosen, newestBackup) === newestBackup,
  }
}

function loss(events: readonly Recorded[], { broken, newestBackup, right }: Sealed): Decision {
  const chosen = chosenBackup(events)
  const stamp = chosen === undefined ? undefined : stampOf(chosen, newestBackup)
  const replaced = stamp !== undefined && isReplaced(events)
  const mustReplace = right.stores.length > 0
  const lost = (stamp: string) =>
    `what was written in the ${duration(broken - Date.parse(timeOf(stamp)))} before the damage, and since`
  return {
    what: 'loss accepted',
    decided: replaced ? lost(stamp) : 'nothing',
    right: mustReplace ? lost(newestBackup) : 'nothing: no write has to be lost',
    good: stamp === undefined ? undefined : replaced === mustReplace && (!replaced || stamp === newestBackup),
  }
}

/** Whether what was live went aside for what a backup holds, and with it the writes since. */
function isReplaced(events: readonly Recorded[]): boolean {
  const last = events.findLast(event => event.kind === 'opened')
  const deletion = last?.kind === 'opened' && last.scenario === 'accidental-deletion'
  return !deletion && answer(events, 'collections') !== 'none'
}

function predictions(events: readonly Recorded[]): Decision {
  const compared = events.filter(event => event.kind === 'compared')
  const hit = compared.filter(({ agrees }) => agrees).length
  return {
    what: 'predictions',
    decided:
      compared.length === 0 ? 'nobody predicted anything' : `${hit} of ${compared.length} as predicted`,
    right: 'a wrong one is caught before the next change, not a fault',
    good: undefined,
  }
}

function chosenBackup(events: readonly Recorded[]): string | undefined {
  return answer(events, 'backup') ?? answer(events, 'set')
}

/** What was answered last to the question of that name. */
function answer(events: readonly Recorded[], id: string): string | undefined {
  const found = events.findLast(event => event.kind === 'answered' && event.path.endsWith(`/${id}`))
  return found?.kind === 'answered' ? String(found.answer) : undefined
}

/** Words such as "latest" mean the newest. */
function stampOf(chosen: string, newest: string): string {
  return /\d{8}_\d{6}/.exec(chosen)?.[0] ?? newest
}
