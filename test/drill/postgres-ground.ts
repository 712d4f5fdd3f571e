import { keptVolumes } from '../../lab/drills/proof-postgres.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import { docker } from '../../lab/ground.ts'
import { beginAgain, type Ready } from './ground.ts'
import { type Damaged, damage } from './recovered.ts'

export const POSTGRES_LOSS = 'scenarios/postgres-loss.ts'

/** Begins from the kept state, rows and points alike, and damages PostgreSQL. */
export async function damagePostgres(ready: Ready, fault: Fault): Promise<Damaged> {
  await beginPostgresAgain(ready)
  return damage(ready, fault)
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
