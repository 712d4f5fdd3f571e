import { embed } from './embedding.ts'
import { DOCUMENTS, PACKAGES } from './qdrant.ts'
import type { Stores } from './stores.ts'

/** A chunk found by meaning, and whether PostgreSQL still knows it. */
export interface RagHit {
  id: number
  score: number
  package: string
  title: string
  text: string
  /** False when the vector has no row any more: the two stores disagree. */
  row: boolean
}

export interface RagAnswer {
  query: string
  hits: RagHit[]
}

/** The `topK` chunks nearest to the query, best first. Reads Qdrant, then PostgreSQL; throws StoreError. */
export async function retrieve(stores: Stores, query: string, topK: number): Promise<RagAnswer> {
  const points = await stores.qdrant.query(DOCUMENTS, embed(query), topK)
  const rows = await stores.postgres.query<{ id: string }>(
    'SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document_id WHERE c.id = ANY($1::bigint[])',
    [points.map(point => point.id)],
  )
  const known = new Set(rows.map(row => Number(row.id)))
  const hits = points.map(({ id, score, payload }) => ({
    id: Number(id),
    score,
    package: String(payload.package),
    title: String(payload.title),
    text: String(payload.text),
    row: known.has(Number(id)),
  }))
  return { query, hits }
}

/** The packages nearest to the query; asks the collection by its physical name. Throws StoreError. */
export async function findPackages(stores: Stores, query: string, topK: number) {
  const points = await stores.qdrant.query(PACKAGES, embed(query), topK)
  return { query, hits: points.map(({ id, score, payload }) => ({ id, score, ...payload })) }
}
