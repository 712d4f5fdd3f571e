import { step } from '../runbook/tree.ts'
import type { Candidate } from '../stores/backups.ts'
import { choosePostgres } from '../stores/postgres/choose.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import { pick, TROUBLE, told, WHY } from './choose-backup.ts'

export const choosePostgresBackup = step<
  PostgresBase & PostgresAssessed & { candidates: Candidate[] },
  PostgresChosen & { backup: string }
>({
  id: 'choose-postgres-backup',
  about: 'postgres',
  title: 'List the backups of PostgreSQL and choose',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(s => pick(s, 'postgres')).use(choosePostgres),
  summary: f => told(f.candidate),
})
