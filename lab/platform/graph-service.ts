import type { Write } from './writer.ts'

/** Adds an edge between two packages that people look at together. */
export const linkPackages: Write = async ({ neo4j }) => {
  await neo4j.run(
    `MATCH (p:Package) WITH collect(p) AS packages
     WITH packages[toInteger(rand() * size(packages))] AS a, packages[toInteger(rand() * size(packages))] AS b
     WHERE a <> b
     CREATE (a)-[:SEEN_WITH {at: datetime()}]->(b)`,
  )
}
