import { bytes } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import { verifyNeo4j } from '../stores/neo4j/verify.ts'
import { TROUBLE, WHY } from './verify-backup.ts'

export const verifyNeo4jBackup = step<Neo4jBase & Neo4jAssessed & Neo4jChosen, unknown>({
  id: 'verify-neo4j-backup',
  about: 'neo4j',
  title: 'Verify the backup of Neo4j',
  why: `${WHY} Its sha256 must be the one in the manifest. A dump that is cut off still shows its header, so it is checked
as a whole in a container of its own, by the same Neo4j, while the live one runs on.`,
  trouble: TROUBLE,
  body: s => s.use(verifyNeo4j),
  summary: f => `${bytes(f.candidate.member.size_bytes)} read back, whole`,
})
