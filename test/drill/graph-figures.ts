import { FIRST_NEW_ID } from '../../lab/platform/learning-engine.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'

/**
 * What was seeded, and not what the writers add meanwhile: their words are nodes of the label that is left out, and one of
 * them does nothing but link packages.
 */
const SEEDED = `MATCH (n:Chunk|Document|Package) WHERE coalesce(n.id, 0) < $first
  OPTIONAL MATCH (n)-[r]->() WHERE type(r) <> 'SEEN_WITH'
  RETURN labels(n)[0] AS label, count(DISTINCT n) AS nodes, count(r) AS relationships ORDER BY label`

/** How much of the seed is in the graph, for a comparison; undefined when Neo4j does not say. */
export async function graphFigures(target: LabTarget): Promise<string | undefined> {
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  return neo4j.run(SEEDED, { first: FIRST_NEW_ID }, 'read').then(
    rows => JSON.stringify(rows),
    () => undefined,
  )
}
