import { plural } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { Candidate } from '../stores/backups.ts'
import type { PostgresAssessed, PostgresBase } from '../stores/postgres/facts.ts'
import { told } from '../stores/postgres/rows/choose.ts'
import type { Found } from '../stores/postgres/rows/facts.ts'
import { findRows as find } from '../stores/postgres/rows/find.ts'

export const findRows = step<PostgresBase & PostgresAssessed & { candidates: Candidate[] }, Found>({
  id: 'find-rows',
  about: 'postgres',
  title: 'Find the backups that still hold the rows',
  why: `Nobody knows to the minute when it was deleted. So the primary keys are read out of one backup after the other,
newest first, and held against the live database; nothing is restored for that. A row that a backup has and the
database does not have was deleted since: by accident, or on purpose. A table without a primary key cannot be
compared, and neither can partitions.`,
  trouble:
    'When no backup holds the rows, search more of them (--set search=30). When rows were changed and not deleted, this is the wrong scenario: npx tsx scenarios/postgres-loss.ts.',
  body: s => s.use(find),
  summary: f => `${plural(f.searched.length, 'backup')} searched`,
  details: f => [
    ...f.searched.map(one => `${one.name}: ${told(one)}`),
    ...uncompared(f).map(table => `not compared: ${table} (no primary key, a partition, or gone)`),
  ],
})

function uncompared({ searched }: Found): string[] {
  return [...new Set(searched.flatMap(({ missing }) => missing.uncompared))]
}
