import { basename } from 'node:path'
import { type Recorded, readJournal } from '../../lib/journal.ts'
import { DOINGS, type Doing, spent, times } from '../../lib/spent.ts'
import type { AnyScenario, StoreKind } from '../../runbook/model.ts'
import { laneOf } from '../../runbook/tree.ts'
import type { Evidence } from '../../stores/evidence.ts'

/** Milliseconds by what they were spent on; a test of a restore measures its whole only. */
export type Spent = Partial<Record<Doing | 'test', number>>

/** One recovery, practised or needed, or one test of a restore. */
export interface Run {
  name: string
  /** ISO 8601. */
  at: string
  kind: 'incident' | 'drill' | 'restore test'
  about: string
  outcome: 'recovered' | 'passed' | 'failed' | 'still open'
  all: Spent
  /** By store, or by kind of store where the run has a lane for each kind. */
  stores: Record<string, Spent>
  /** When each of them was last proven by it; empty unless the run ended well. */
  proven: Record<string, string>
}

/** A run from its journal; undefined when it was never opened. `drills` names those that were practice. */
export function runOf(
  events: readonly Recorded[],
  scenarios: readonly AnyScenario[],
  drills: ReadonlySet<string>,
): Run | undefined {
  const opened = events.find(event => event.kind === 'opened')
  if (opened?.kind !== 'opened') return undefined
  const alone = onlyStore(scenarios.find(({ id }) => id === opened.scenario))
  const closed = events.findLast(event => event.kind === 'closed')
  const recovered = closed?.kind === 'closed' && closed.exitCode === 0
  return {
    name: opened.incident,
    at: opened.at,
    kind: drills.has(opened.incident) ? 'drill' : 'incident',
    about: opened.scenario,
    outcome: recovered ? 'recovered' : closed ? 'failed' : 'still open',
    all: spent(events),
    stores: storesOf(events, alone),
    proven: recovered ? provenIn(events, alone) : {},
  }
}

/** A scenario about one kind of store has no lanes: all of it is about that one. */
function onlyStore(scenario: AnyScenario | undefined): StoreKind | undefined {
  return scenario?.stores.length === 1 ? scenario.stores[0] : undefined
}

function storesOf(events: readonly Recorded[], alone: string | undefined): Record<string, Spent> {
  const stores: Record<string, Spent> = {}
  for (const { lane, ms } of times(events)) {
    const store = lane || alone
    if (store) stores[store] = added(stores[store] ?? {}, ms)
  }
  return stores
}

function added(a: Spent, b: Spent): Spent {
  return Object.fromEntries(DOINGS.map(doing => [doing, (a[doing] ?? 0) + (b[doing] ?? 0)]))
}

/** The last check of each store that held. */
function provenIn(events: readonly Recorded[], alone: string | undefined): Record<string, string> {
  const proven: Record<string, string> = {}
  for (const event of events) {
    if (event.kind !== 'checked') continue
    const store = laneOf(event.path) || alone
    if (store && (event.verdict === 'proven' || event.verdict === 'expected loss')) proven[store] = event.at
  }
  return proven
}

/** A test of a restore. A quick one restores nothing and is none. */
export function testRun(evidence: Evidence): Run[] {
  const { kind, at, set, seconds, failures, stores } = evidence
  if (kind !== 'full') return []
  const passed = failures.length === 0
  const each = Object.entries(seconds?.stores ?? {}).map(([store, s]) => [store, { test: s * 1000 }])
  return [
    {
      name: set,
      at,
      kind: 'restore test',
      about: set,
      outcome: passed ? 'passed' : 'failed',
      all: seconds ? { test: seconds.total * 1000 } : {},
      stores: Object.fromEntries(each),
      proven: passed ? Object.fromEntries(Object.keys(stores).map(store => [store, at])) : {},
    },
  ]
}

/** A line of drills.jsonl, as far as it is told here. */
export interface Drill {
  at: string
  scenario: string
  lanes: Record<Doing, number>
  /** Folders of its incidents. */
  incidents: readonly string[]
  passed: boolean
}

/** The history of drills; what cannot be read is passed over. */
export function drillsIn(text: string): Drill[] {
  return text.split('\n').flatMap(line => {
    try {
      const drill = JSON.parse(line) as Drill
      return Array.isArray(drill.incidents) && drill.lanes ? [drill] : []
    } catch {
      return []
    }
  })
}

/** The names of the incidents that were practice. */
export function practised(drills: readonly Drill[]): Set<string> {
  return new Set(drills.flatMap(({ incidents }) => incidents.map(folder => basename(folder))))
}

/** Drills whose incidents are not kept any more: what their line says of them. */
export function forgottenDrills(drills: readonly Drill[], kept: readonly Run[]): Run[] {
  const names = new Set(kept.map(({ name }) => name))
  return drills
    .filter(({ incidents }) => !incidents.some(folder => names.has(basename(folder))))
    .map(({ at, scenario, lanes, passed }) => {
      const outcome = passed ? 'passed' : 'failed'
      return {
        name: scenario,
        at,
        kind: 'drill',
        about: scenario,
        outcome,
        all: lanes,
        stores: {},
        proven: {},
      }
    })
}

/** The runs of the journals that can be read, newest first. */
export function runsIn(
  folders: readonly string[],
  scenarios: readonly AnyScenario[],
  drills: ReadonlySet<string>,
): Run[] {
  return folders.flatMap(folder => runOf(readJournal(folder), scenarios, drills) ?? [])
}
