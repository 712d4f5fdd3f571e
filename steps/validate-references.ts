import { step } from '../runbook/tree.ts'
import { checkEdges } from '../stores/neo4j/check-edges.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import { NODES } from '../stores/neo4j/references.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { POINTS } from '../stores/qdrant/references.ts'
import { checkReferences } from '../stores/references.ts'
import { TROUBLE } from './validate.ts'

export const validatePoints = step<QdrantBase & Assessed & Chosen, unknown>({
  id: 'validate-points',
  about: 'qdrant',
  title: 'Hold the points of Qdrant against the rows of PostgreSQL',
  why: `Rows that are younger than the backup have no point yet: that is the expected loss. It is counted and listed for
embedding, and is not a failure; a missing older one is.`,
  trouble: TROUBLE,
  survey: true,
  body: s => checkReferences(s, POINTS),
})

export const validateNodes = step<Neo4jBase & Neo4jAssessed & Neo4jChosen, unknown>({
  id: 'validate-nodes',
  about: 'neo4j',
  title: 'Hold the graph of Neo4j against the rows of PostgreSQL',
  why: `Every row has its node, every node its row, and every relationship is the one that its row names, as far as the
configuration declares them. What is younger than the backup is the expected loss, as with the points of Qdrant.`,
  trouble: TROUBLE,
  survey: true,
  body: s => checkReferences(s, NODES).use(s => checkEdges(s)),
})
