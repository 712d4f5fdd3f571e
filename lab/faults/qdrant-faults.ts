import { badInput } from '../../lib/problem.ts'
import { connectQdrant, DOCUMENTS, PACKAGES } from '../platform/qdrant.ts'
import { type LabTarget, settingsOf } from '../target.ts'
import { aliasWrong, collectionDeleted, collectionEmptied, indexLost } from './api-faults.ts'
import type { Fault, QdrantFault, Victim } from './fault.ts'
import {
  payloadBytes,
  segmentJson,
  segmentsGone,
  storageGone,
  vectorBytes,
  vectorTruncated,
} from './file-faults.ts'

export const QDRANT_FAULTS: readonly QdrantFault[] = [
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

/** A fault of Qdrant as any other: it strikes the collection behind the alias. */
export function onCollection(fault: QdrantFault, name: string = DOCUMENTS): Fault {
  const inject = async (target: LabTarget) => fault.inject(target, await victimNamed(target, name))
  return { ...fault, stores: ['qdrant'], inject }
}

/** One collection as it is now. */
export async function victimNamed(target: LabTarget, name: string): Promise<Victim> {
  const indexed = name === PACKAGES ? 'name' : 'package'
  return { name, indexed, physical: await physicalName(target, name) }
}

async function physicalName(target: LabTarget, name: string): Promise<string> {
  const { aliases } = await healthyAnswer(target)
  return aliases.find(alias => alias.alias_name === name)?.collection_name ?? name
}

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
