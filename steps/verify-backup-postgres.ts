import { bytes } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import { verifyPostgres } from '../stores/postgres/verify.ts'
import { TROUBLE, WHY } from './verify-backup.ts'

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
