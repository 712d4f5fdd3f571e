import { step } from '../runbook/tree.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import { validateNeo4j as proveNeo4j } from '../stores/neo4j/validate.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import { validatePostgres as provePostgres } from '../stores/postgres/validate.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { validateQdrant as proveQdrant } from '../stores/qdrant/validate.ts'
import type { Around } from './assess.ts'

const TROUBLE =
  'Do not restart the services on data that failed here. Undo, then start again without --resume and choose the next older backup.'

export const validateQdrant = step<QdrantBase & Assessed & Chosen, unknown>({
  id: 'validate-qdrant',
  about: 'qdrant',
  title: 'Validate what the platform will read from Qdrant',
  why: `The same data is read once more, now through the names the platform uses, and held against the rows of
PostgreSQL. Rows that are younger than the backup have no point yet: that is the expected loss. It is counted
and listed for embedding, and is not a failure; a missing older one is.`,
  trouble: TROUBLE,
  body: s => s.use(proveQdrant),
})

export const validatePostgres = step<PostgresBase & PostgresAssessed & PostgresChosen, unknown>({
  id: 'validate-postgres',
  about: 'postgres',
  title: 'Validate what the platform will read from PostgreSQL',
  why: `The same data is read once more, now over the network, with the password and the name that the platform uses: rows and
their fingerprints against the backup, foreign keys, indexes and sequences.`,
  trouble: TROUBLE,
  body: s => s.use(provePostgres),
})

export const validateNeo4j = step<Neo4jBase & Neo4jAssessed & Neo4jChosen & Around, unknown>({
  id: 'validate-neo4j',
  about: 'neo4j',
  title: 'Validate what the platform will read from Neo4j',
  why: `The graph is asked over Bolt, with the password that the platform uses: online, counts per label and type and the
content against the backup, indexes and constraints online.`,
  trouble: TROUBLE,
  body: s => s.use(proveNeo4j),
})
