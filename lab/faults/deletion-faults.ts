import { FIRST_NEW_ID } from '../platform/learning-engine.ts'
import { connectNeo4j } from '../platform/neo4j.ts'
import { connectQdrant, DOCUMENTS } from '../platform/qdrant.ts'
import { connectStores } from '../platform/stores.ts'
import { type LabTarget, settingsOf } from '../target.ts'
import type { Fault } from './fault.ts'

/** Every so many seeded documents one is deleted. */
const EVERY = 29

const rowsDeleted: Fault = {
  id: 'rows-deleted',
  title: 'Documents deleted by accident',
  sentence: `Somebody cleaned up every ${EVERY}th document with a careless DELETE: its chunks, their ratings, their points and their nodes went too.`,
  stores: ['postgres', 'qdrant', 'neo4j'],
  scenario: 'accidental-deletion',
  inject: async target => {
    const chunks = await deleteRows(target)
    // As the platform does it: the point goes when its row has gone.
    const qdrant = connectQdrant(settingsOf(target).qdrant)
    await qdrant.call('POST', `/collections/${DOCUMENTS}/points/delete?wait=true`, { points: chunks })
    await deleteNodes(target, chunks)
  },
  expected: {
    found: 'every service is healthy; some rows of three tables are gone, and the platform goes on writing',
    recovered: 'every row, every point and every node as it was, and every one that was written since',
  },
}

export const DELETION_FAULTS: readonly Fault[] = [rowsDeleted]

/** Children first, in one statement; gives the ids of the chunks. */
async function deleteRows(target: LabTarget): Promise<number[]> {
  const { postgres } = connectStores(settingsOf(target), 'careless')
  try {
    const gone = await postgres.query<{ id: string }>(
      `WITH document AS (SELECT id FROM documents WHERE id % $1 = 0 AND id < $2),
            chunk AS (SELECT id FROM chunks WHERE document_id IN (SELECT id FROM document)),
            a AS (DELETE FROM feedback WHERE chunk_id IN (SELECT id FROM chunk)),
            b AS (DELETE FROM documents WHERE id IN (SELECT id FROM document))
       DELETE FROM chunks WHERE id IN (SELECT id FROM chunk) RETURNING id`,
      [EVERY, FIRST_NEW_ID],
    )
    return gone.map(({ id }) => Number(id))
  } finally {
    await postgres.close()
  }
}

/** With every relationship they have; the terms that the chunks mention stay. */
async function deleteNodes(target: LabTarget, chunks: readonly number[]): Promise<void> {
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  await neo4j.run(
    `MATCH (c:Chunk)-[:PART_OF]->(d:Document) WHERE c.id IN $chunks
     WITH collect(DISTINCT c) + collect(DISTINCT d) AS nodes UNWIND nodes AS n DETACH DELETE n`,
    { chunks },
  )
}
