import { step } from '../runbook/tree.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import { restorePostgres as recoverPostgres } from '../stores/postgres/restore.ts'

export const restorePostgres = step<PostgresBase & PostgresAssessed & PostgresChosen, unknown>({
  id: 'restore-postgres',
  about: 'postgres',
  title: 'Restore PostgreSQL into a database beside, prove, swap the names',
  why: `A restore into the live database leaves it half old and half new when it fails. So a database is made beside it, from
an empty template with the encoding and locale of the old one; what is restored there is proven; then two renames
in one transaction swap the names. The old database stays, fenced, and undo is the reverse swap. A cluster that does
not start is set aside as a whole before a new one is made.`,
  trouble:
    'Until the names are swapped, nothing the platform sees has changed: undo drops the database beside. After that, undo swaps the names back.',
  body: s => s.use(recoverPostgres),
  summary: f => f.candidate.id,
})
