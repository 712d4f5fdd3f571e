import { badInput } from '../../lib/problem.ts'
import { requireOwnPorts, requirePracticeGround } from '../ground.ts'
import { connectQdrant, DOCUMENTS, PACKAGES } from '../platform/qdrant.ts'
import { type LabTarget, settingsOf } from '../target.ts'
import { aliasWrong, collectionDeleted, collectionEmptied, indexLost } from './api-faults.ts'
import type { Fault, Victim } from './fault.ts'
import {
  payloadBytes,
  segmentJson,
  segmentsGone,
  storageGone,
  vectorBytes,
  vectorTruncated,
} from './file-faults.ts'

/** Every fault the practice ground knows, from silent to loud. A new one is one more entry. */
export const FAULTS: readonly Fault[] = [
  vectorBytes,
  payloadBytes,
  vectorTruncated,
  segmentsGone,
  segmentJson,
  collectionEmptied,
  collectionDeleted,
  indexLost,
  aliasWrong,
  storageGone,
]

export function faultNamed(id: string): Fault {
  const fault = FAULTS.find(each => each.id === id)
  if (fault) return fault
  throw badInput(`there is no fault "${id}"`, `one of ${FAULTS.map(each => each.id).join(', ')}`)
}

/** Damages one collection of a practice ground and gives back which; refuses everything else. */
export async function inject(target: LabTarget, fault: Fault, name: string = DOCUMENTS): Promise<Victim> {
  const indexed = { [DOCUMENTS]: 'package', [PACKAGES]: 'name' }[name]
  if (!indexed) throw badInput(`the platform has no collection "${name}"`, `one of ${DOCUMENTS}, ${PACKAGES}`)
  if (name === PACKAGES && !fault.physicalToo) {
    throw badInput(`${fault.id} needs an alias, and "${name}" has none`, `leave out --collection`)
  }
  await requirePracticeGround(target)
  await requireOwnPorts(target, ['qdrant'])
  const victim = { name, indexed, physical: await physicalName(target, name) }
  await fault.inject(target, victim)
  return victim
}

async function physicalName(target: LabTarget, name: string): Promise<string> {
  const { aliases } = await healthyAnswer(target)
  return aliases.find(alias => alias.alias_name === name)?.collection_name ?? name
}

/** Faults start from a running Qdrant, so that the one asked for is the only one. */
async function healthyAnswer(target: LabTarget) {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  try {
    return (await qdrant.call('GET', '/aliases')) as {
      aliases: { alias_name: string; collection_name: string }[]
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw badInput(`qdrant does not answer: ${why}`, 'is it broken already? npm run lab -- reset')
  }
}
