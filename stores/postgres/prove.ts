import type { Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import { sameContent } from './compare.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { readHealth } from './health.ts'
import { readInspection } from './inspect.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen

/** Rows, sequences and definitions as the manifest counted them. */
export function content(o: Output, f: Pick<Needs, 'candidate' | 'version'>): Verdict {
  const { member } = f.candidate
  return sameContent(readInspection(o), member, f.version === member.engine_version || f.version === '')
}

/** What is NOT VALID or behind here was so in the backup: rows and definitions are proven equal. */
export function references(o: Output): Verdict {
  const { orphans, invalid, unvalidated, behind, unreadable } = readHealth(o)
  if (unreadable) return { verdict: 'unchecked', found: unreadable }
  const wrong = [
    ...orphans.map(({ key, table, rows }) => `${rows} rows of ${table} without a parent (${key})`),
    ...invalid.map(name => `the index ${name} is invalid`),
  ]
  if (wrong.length > 0) return { verdict: 'failed', found: wrong.join('; ') }
  const told = ['every foreign key holds, every index is valid']
  if (unvalidated.length > 0) told.push(`never validated, as in the backup: ${unvalidated.join(', ')}`)
  if (behind.length > 0) told.push(`sequence behind its rows, as in the backup: ${behind.join(', ')}`)
  return { verdict: 'proven', found: told.join('; ') }
}
