import { incidentNames } from '../../lab/drills/incidents.ts'
import { writeMarker } from '../../lab/drills/marker.ts'
import { keptVolumes } from '../../lab/drills/proof-postgres.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import { inject } from '../../lab/faults/faults.ts'
import { docker } from '../../lab/ground.ts'
import { beginAgain, type Ready } from './ground.ts'
import type { Damaged } from './recovered.ts'

export const POSTGRES_LOSS = 'scenarios/postgres-loss.ts'

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
  await beginAgain(ready, ['postgres', 'qdrant'])
  await forgetKept(ready)
}

/** Removes the copies of clusters that earlier drills have kept. */
export async function forgetKept({ target }: Ready): Promise<void> {
  for (const volume of await keptVolumes(target)) await docker(target, ['volume', 'rm', '--force', volume])
}
