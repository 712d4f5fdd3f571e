import { badInput } from '../../lib/problem.ts'
import { requireOwnPorts, requirePracticeGround } from '../ground.ts'
import { DOCUMENTS, PACKAGES } from '../platform/qdrant.ts'
import type { LabTarget } from '../target.ts'
import { DELETION_FAULTS } from './deletion-faults.ts'
import type { Fault, Victim } from './fault.ts'
import { NEO4J_FAULTS } from './neo4j-faults.ts'
import { PLATFORM_FAULTS } from './platform-faults.ts'
import { POSTGRES_FAULTS } from './postgres-faults.ts'
import { onCollection, QDRANT_FAULTS, victimNamed } from './qdrant-faults.ts'

/** Every fault the practice ground knows, by store and from silent to loud. A new one is one more entry. */
export const FAULTS: readonly Fault[] = [
  ...QDRANT_FAULTS.map(fault => onCollection(fault)),
  ...NEO4J_FAULTS,
  ...POSTGRES_FAULTS,
  ...PLATFORM_FAULTS,
  ...DELETION_FAULTS,
]

export function faultNamed(id: string): Fault {
  const fault = FAULTS.find(each => each.id === id)
  if (fault) return fault
  throw badInput(`there is no fault "${id}"`, `one of ${FAULTS.map(each => each.id).join(', ')}`)
}

/** Throws a Problem when the fault cannot strike that collection. */
export function refuseCollection(fault: Fault, name: string): void {
  if (name !== DOCUMENTS && name !== PACKAGES)
    throw badInput(`the platform has no collection "${name}"`, `one of ${DOCUMENTS}, ${PACKAGES}`)
  const ofQdrant = QDRANT_FAULTS.find(each => each.id === fault.id)
  if (name === DOCUMENTS || ofQdrant?.physicalToo) return
  const why = ofQdrant ? `needs an alias, and "${name}" has none` : 'does not strike a collection'
  throw badInput(`${fault.id} ${why}`, 'leave out --collection')
}

/**
 * Damages a practice ground, one collection of it when the fault is Qdrant's; refuses everything else.
 * Gives the collection as it was before.
 */
export async function inject(target: LabTarget, fault: Fault, name: string = DOCUMENTS): Promise<Victim> {
  refuseCollection(fault, name)
  await requirePracticeGround(target)
  await requireOwnPorts(target, [...fault.stores])
  // Faults start from a sound platform, so that the one asked for is the only one.
  const victim = await victimNamed(target, name)
  const ofQdrant = QDRANT_FAULTS.find(each => each.id === fault.id)
  await (ofQdrant ? ofQdrant.inject(target, victim) : fault.inject(target))
  return victim
}
