import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { type Marker, writeMarker } from '../../lab/drills/marker.ts'
import type { Ended } from '../../lab/drills/program.ts'
import { prove } from '../../lab/drills/proof.ts'
import { recover as recoverWith } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import type { Fault, Victim } from '../../lab/faults/fault.ts'
import { inject } from '../../lab/faults/faults.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert } from '../describe.ts'
import type { Ready } from './ground.ts'
import { last } from './said.ts'
import { assertNoSecrets } from './terminal/recovery.ts'

/** A platform of which one store is damaged, and what must be true once it is recovered. */
export interface Damaged {
  ready: Ready
  fault: Fault
  victim: Victim
  after: Marker
  /** Incidents there were before. */
  earlier: readonly string[]
}

/** Writes a document that the backup does not have, and then does the damage. */
export async function damage(ready: Ready, fault: Fault): Promise<Damaged> {
  const { target } = ready
  const after = await writeMarker(target, 'after the backup')
  const earlier = incidentNames(target)
  return { ready, fault, victim: await inject(target, fault), after, earlier }
}

const LATEST = ['--set', 'backup=latest']

/** Runs a scenario without a terminal and types the phrase of its plan; it must succeed. */
export async function recover(target: LabTarget, scenario: string, seconds: number): Promise<Ended> {
  const ended = await recoverWith(target, LATEST, scenario, seconds)
  assert.is(ended.exitCode, 0, last(ended))
  return ended
}

/** Reads the platform from outside: rows, keys, markers, services, front door; gives how many claims hold. */
export async function assertRecovered(damaged: Damaged): Promise<number> {
  const { ready, fault, victim, after, earlier } = damaged
  const incident = newIncident(ready.target, earlier)
  assert.ok(incident, 'the run must leave an incident')
  assertNoSecrets(ready, incident!, [])
  const right = rightAnswer(fault, 'documents')
  const known = { fault, victim, right, before: ready.before, after, scale: 1, incident: incident! }
  const claims = await prove(ready.target, known)
  const wrong = claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`)
  assert.equal(wrong, [])
  return claims.length
}
