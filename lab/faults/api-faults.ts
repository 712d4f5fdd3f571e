import { connectQdrant, DOCUMENTS, PACKAGES, type Qdrant } from '../platform/qdrant.ts'
import { type LabTarget, settingsOf } from '../target.ts'
import type { QdrantFault } from './fault.ts'

const qdrantOf = (target: LabTarget) => connectQdrant(settingsOf(target).qdrant)

export const collectionEmptied: QdrantFault = {
  id: 'collection-emptied',
  title: 'Collection emptied',
  sentence: 'A script deleted every point; the collection is there and green.',
  physicalToo: true,
  inject: async (target, { physical }) => deleteAllPoints(qdrantOf(target), physical),
  expected: {
    found: 'ready and green, next to no points: only what the writers added since',
    recovered: 'the exact count of the backup',
  },
}

export const collectionDeleted: QdrantFault = {
  id: 'collection-deleted',
  title: 'Collection deleted',
  sentence: 'The collection was deleted; an alias that pointed to it went with it.',
  physicalToo: true,
  inject: async (target, { physical }) => {
    await qdrantOf(target).call('DELETE', `/collections/${physical}`, undefined, 60_000)
  },
  expected: {
    found: 'ready, but the collection is not in the list and requests for it answer 404',
    recovered: 'the name answers again, through the alias where there was one',
  },
}

export const indexLost: QdrantFault = {
  id: 'index-lost',
  title: 'Payload index lost',
  sentence: 'A payload index was dropped: answers stay right and become slow.',
  physicalToo: true,
  inject: async (target, { physical, indexed }) => {
    const path = `/collections/${physical}/index/${indexed}?wait=true`
    await qdrantOf(target).call('DELETE', path, undefined, 60_000)
  },
  expected: {
    found: 'ready, counts and content right, one payload index fewer than in the backup',
    recovered: 'the payload indexes of the backup',
  },
}

export const aliasWrong: QdrantFault = {
  id: 'alias-wrong',
  title: 'Alias points at the wrong collection',
  sentence: `A deployment pointed the alias "${DOCUMENTS}" at "${PACKAGES}".`,
  physicalToo: false,
  inject: async target => {
    const alias = { create_alias: { alias_name: DOCUMENTS, collection_name: PACKAGES } }
    await qdrantOf(target).call('POST', '/collections/aliases', { actions: [alias] })
  },
  expected: {
    found: `ready, nothing lost; the alias "${DOCUMENTS}" leads to "${PACKAGES}", answers have no text, and what the writers add lands there`,
    recovered: `the alias leads to a collection with the content of "${DOCUMENTS}"; the points of "${PACKAGES}" are as they were`,
  },
}

async function deleteAllPoints(qdrant: Qdrant, collection: string): Promise<void> {
  for (;;) {
    const page = { limit: 1000, with_payload: false, with_vector: false }
    const found = await qdrant.call('POST', `/collections/${collection}/points/scroll`, page)
    const ids = (found as { points: { id: number | string }[] }).points.map(point => point.id)
    if (ids.length === 0) return
    await qdrant.call('POST', `/collections/${collection}/points/delete?wait=true`, { points: ids }, 60_000)
  }
}
