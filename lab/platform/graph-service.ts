import type { Write } from './writer.ts'

/** Adds an edge between two packages that people look at together. */
export const linkPackages: Write = async ({ neo4j }) => {
  await neo4j.run(
    `MATCH (p:Package) WITH collect(p) AS all
     WITH all[toInteger(rand() * size(all))] AS a, all[toInteger(rand() * size(all))] AS b
     WHERE a <> b
     CREATE (a)-[:SEEN_WITH {at: datetime()}]->(b)`,
  )
}
