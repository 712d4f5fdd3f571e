import { bytes } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import { verifyNeo4j } from '../stores/neo4j/verify.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import { verifyPostgres } from '../stores/postgres/verify.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { verifyQdrant } from '../stores/qdrant/verify.ts'
import type { Around } from './assess.ts'

const WHY = `A backup that cannot be read back is found now, while nothing has been changed, and not half-way through
the restore.`
const TROUBLE =
  'A wrong sha256 after two downloads means that the object itself is damaged: choose the next older backup. Make room by growing the volume or removing old incident folders; never with `docker system prune`, which removes the containers that were just stopped.'

export const verifyQdrantBackup = step<QdrantBase & Assessed & Chosen, unknown>({
  id: 'verify-qdrant-backup',
  about: 'qdrant',
  title: 'Verify the backup of Qdrant',
  why: `${WHY} Its sha256 must be the one in the manifest, every archive in it complete, the engine able to read it,
and there must be room for the copy beside the live data.`,
  trouble: TROUBLE,
  body: s => s.use(verifyQdrant),
  summary: f =>
    f.restoring.length === 0
      ? 'nothing to restore from it'
      : `${bytes(f.candidate.member.size_bytes)} read back, whole`,
})

export const verifyPostgresBackup = step<PostgresBase & PostgresAssessed & PostgresChosen, unknown>({
  id: 'verify-postgres-backup',
  about: 'postgres',
  title: 'Verify the backup of PostgreSQL',
  why: `${WHY} Its sha256 must be the one in the manifest. The archive is read from the first byte to the last (its table of
contents can be listed when half of it is missing), its rows are counted again, its roles and extensions must be
there, and the volume must have room for the copy beside the live database.`,
  trouble: TROUBLE,
  body: s => s.use(verifyPostgres),
  summary: f => `${bytes(f.candidate.member.size_bytes)} read back, whole`,
})

export const verifyNeo4jBackup = step<Neo4jBase & Neo4jAssessed & Neo4jChosen & Around, unknown>({
  id: 'verify-neo4j-backup',
  about: 'neo4j',
  title: 'Verify the backup of Neo4j',
  why: `${WHY} Its sha256 must be the one in the manifest. A dump that is cut off still shows its header, so it is loaded and
checked in a scratch volume, by the same Neo4j, while the live one runs on.`,
  trouble: TROUBLE,
  body: s => s.use(verifyNeo4j),
  summary: f => `${bytes(f.candidate.member.size_bytes)} read back, whole`,
})
