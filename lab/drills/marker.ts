import { embed } from '../platform/embedding.ts'
import { FIRST_NEW_ID } from '../platform/learning-engine.ts'
import { connectNeo4j } from '../platform/neo4j.ts'
import { connectQdrant, DOCUMENTS } from '../platform/qdrant.ts'
import { connectStores } from '../platform/stores.ts'
import { type LabTarget, settingsOf } from '../target.ts'

/** A document written by the drill itself: what becomes of it tells which state came back. */
export interface Marker {
  id: number
  text: string
}

/** Writes a document as the platform does: its rows first, then its point and its node. Throws StoreError. */
export async function writeMarker(target: LabTarget, when: string): Promise<Marker> {
  const stores = connectStores(settingsOf(target), 'drill')
  const text = `Marker of a drill, written ${when}, ${new Date().toISOString()}`
  try {
    const [row] = await stores.postgres.query<{ id: string; created_at: Date }>(
      `WITH next AS (SELECT greatest($1::bigint, max(id)) + 1 AS id FROM documents),
            doc AS (INSERT INTO documents (id, package, version, title, created_at)
                    SELECT id, 'drill', '1.0.0', $2, now() FROM next RETURNING id, created_at)
       INSERT INTO chunks (id, document_id, ord, text, created_at)
       SELECT id, id, 0, $2, created_at FROM doc RETURNING id, created_at`,
      [FIRST_NEW_ID, text],
    )
    const id = Number(row!.id)
    const payload = {
      package: 'drill',
      version: '1.0.0',
      title: text,
      ord: 0,
      text,
      created_at: row!.created_at.toISOString(),
    }
    await stores.qdrant.upsert(DOCUMENTS, [{ id, vector: embed(text), payload }])
    await stores.neo4j.run('MERGE (c:Chunk {id: $id}) SET c.ord = 0, c.text = $text', { id, text })
    return { id, text }
  } finally {
    await stores.postgres.close()
  }
}

/** Whether the row of a marker is there, with its text. Throws StoreError when PostgreSQL does not answer. */
export async function hasRow(target: LabTarget, marker: Marker): Promise<boolean> {
  const { postgres } = connectStores(settingsOf(target), 'drill')
  try {
    const found = await postgres.query<{ text: string }>('SELECT text FROM chunks WHERE id = $1', [marker.id])
    return found.length === 1 && found[0]?.text === marker.text
  } finally {
    await postgres.close()
  }
}

/** Whether the point of a marker is there, with its text. Throws StoreError when Qdrant does not answer. */
export async function hasMarker(target: LabTarget, marker: Marker): Promise<boolean> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const body = { ids: [marker.id], with_payload: true, with_vector: true }
  const found = (await qdrant.call('POST', `/collections/${DOCUMENTS}/points`, body)) as {
    payload: { text?: string }
    vector: number[]
  }[]
  return found.length === 1 && found[0]?.payload.text === marker.text && found[0].vector.length > 0
}

/** Whether the node of a marker is there, with its text. Throws StoreError when Neo4j does not answer. */
export async function hasNode(target: LabTarget, { id, text }: Marker): Promise<boolean> {
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  const found = await neo4j.run('MATCH (c:Chunk {id: $id}) RETURN c.text AS text', { id }, 'read')
  return found.length === 1 && found[0]?.text === text
}
