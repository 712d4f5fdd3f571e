import { step } from '../runbook/tree.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import { validateNeo4j as proveNeo4j } from '../stores/neo4j/validate.ts'
import type { Around } from './assess.ts'
import { TROUBLE } from './validate.ts'

export const validateNeo4j = step<Neo4jBase & Neo4jAssessed & Neo4jChosen & Around, unknown>({
  id: 'validate-neo4j',
  about: 'neo4j',
  title: 'Validate what the platform will read from Neo4j',
  why: `The graph is asked over Bolt, with the password that the platform uses: online, counts per label and type and the
content against the backup, indexes and constraints online.`,
  trouble: TROUBLE,
  survey: true,
  body: s => s.use(proveNeo4j),
})
