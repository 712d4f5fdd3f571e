import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { type Marker, writeMarker } from '../../lab/drills/marker.ts'
import { prove } from '../../lab/drills/proof.ts'
import { keptVolumes } from '../../lab/drills/proof-postgres.ts'
import { rewindStore } from '../../lab/drills/rewind.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import type { Fault, Victim } from '../../lab/faults/fault.ts'
import { inject } from '../../lab/faults/faults.ts'
import { docker } from '../../lab/ground.ts'
import { startGround } from '../../lab/start.ts'
import { assert } from '../describe.ts'
import { beginAgain, type Ready } from './ground.ts'

export const POSTGRES_LOSS = 'scenarios/postgres-loss.ts'

/** A platform whose PostgreSQL is damaged, and what must be true once it is recovered. */
export interface Damaged {
  ready: Ready
  fault: Fault
  victim: Victim
  after: Marker
  /** Incidents there were before. */
  earlier: readonly string[]
}

/** Begins from the kept state, rows and points alike, and damages PostgreSQL. */
export async function damagePostgres(ready: Ready, fault: Fault): Promise<Damaged> {
  const { target } = ready
  await beginPostgresAgain(ready)
  const after = await writeMarker(target, 'after the backup')
  const earlier = incidentNames(target)
  return { ready, fault, victim: await inject(target, fault), after, earlier }
}

/** As the backup found it; what a failed drill left behind goes. */
export async function beginPostgresAgain(ready: Ready): Promise<void> {
  const { target } = ready
  const lock = `${target.project}-recovery-lock`
  await docker(target, ['rm', '-f', lock]).catch(() => undefined)
  // A broken PostgreSQL keeps the others from starting.
  for (const store of ['postgres', 'qdrant'] as const) await rewindStore(target, store)
  await startGround(target)
  await beginAgain(ready, [])
  await forgetKept(ready)
}

/** Removes the copies of clusters that earlier drills have kept. */
export async function forgetKept({ target }: Ready): Promise<void> {
  for (const volume of await keptVolumes(target)) await docker(target, ['volume', 'rm', '--force', volume])
}

/** Reads the platform from outside: rows, keys, markers, services, front door; gives how many claims hold. */
export async function assertRecovered(damaged: Damaged): Promise<number> {
  const { ready, fault, victim, after, earlier } = damaged
  const incident = newIncident(ready.target, earlier)
  assert.ok(incident, 'the run must leave an incident')
  const right = rightAnswer(fault, 'documents')
  const known = { fault, victim, right, before: ready.before, after, scale: 1, incident: incident! }
  const claims = await prove(ready.target, known)
  const wrong = claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`)
  assert.equal(wrong, [])
  return claims.length
}
