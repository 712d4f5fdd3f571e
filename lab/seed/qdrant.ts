import { DIMENSIONS } from '../platform/embedding.ts'
import { DOCUMENTS, PACKAGES, type Point, type Qdrant } from '../platform/qdrant.ts'
import { bar } from '../progress.ts'
import { batches } from './batches.ts'
import { chunkPoints, type Dataset, packagePoints } from './dataset.ts'

/** The collection behind the alias `documents`. */
export const DOCUMENTS_V1 = 'documents_v1'

const BATCH = 256

/** Collections, payload indexes, points and the alias. Expects none of them to be there. */
export async function seedQdrant(qdrant: Qdrant, dataset: Dataset): Promise<void> {
  await create(qdrant, DOCUMENTS_V1, { package: 'keyword', ord: 'integer' })
  await create(qdrant, PACKAGES, { name: 'keyword' })
  await fill(qdrant, DOCUMENTS_V1, dataset.counts.chunks, chunkPoints(dataset))
  await fill(qdrant, PACKAGES, dataset.counts.packages, packagePoints(dataset))
  // The alias comes last: whoever asks for `documents` finds all of it or nothing.
  const alias = { create_alias: { alias_name: DOCUMENTS, collection_name: DOCUMENTS_V1 } }
  await qdrant.call('POST', '/collections/aliases', { actions: [alias] })
}

async function create(qdrant: Qdrant, name: string, indexes: Record<string, string>): Promise<void> {
  const vectors = { size: DIMENSIONS, distance: 'Cosine' }
  await qdrant.call('PUT', `/collections/${name}`, { vectors }, 60_000)
  for (const [field_name, field_schema] of Object.entries(indexes)) {
    await qdrant.call('PUT', `/collections/${name}/index?wait=true`, { field_name, field_schema }, 60_000)
  }
}

async function fill(qdrant: Qdrant, name: string, total: number, all: Generator<Point>): Promise<void> {
  const progress = bar(`qdrant ${name}`, total, 'points')
  for (const batch of batches(all, BATCH)) {
    await qdrant.upsert(name, batch)
    progress.add(batch.length)
  }
  progress.done()
}
