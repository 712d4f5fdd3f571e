import { step } from '../runbook/tree.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import { restoreNeo4j as recoverNeo4j } from '../stores/neo4j/restore.ts'
import type { Around } from './assess.ts'

export const restoreNeo4j = step<Neo4jBase & Neo4jAssessed & Neo4jChosen & Around, unknown>({
  id: 'restore-neo4j',
  about: 'neo4j',
  title: 'Restore Neo4j: set the old store aside, load, check, start',
  why: `Neo4j Community has one database and loads it only while it is stopped. A load with overwrite deletes the old store
before it opens the dump, so the old store and its transaction logs are moved aside inside the volume instead, and
the dump is loaded where nothing is left to overwrite. Undo moves the old store back.`,
  trouble:
    'Undo stops Neo4j, moves the loaded store away, the old one back, and starts it again. A store that was killed while it wrote has to be started and stopped cleanly once before anything can read it.',
  body: s => s.use(recoverNeo4j),
  summary: f => f.candidate.id,
})
