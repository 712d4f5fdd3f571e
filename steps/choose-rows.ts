import { step } from '../runbook/tree.ts'
import type { Candidate } from '../stores/backups.ts'
import type { PostgresAssessed, PostgresBase } from '../stores/postgres/facts.ts'
import { chooseRows as choose } from '../stores/postgres/rows/choose.ts'
import type { Found, RowsChosen } from '../stores/postgres/rows/facts.ts'

type Needs = PostgresBase & PostgresAssessed & Found & { candidates: Candidate[] }

export const chooseRows = step<Needs, RowsChosen & { set: string; rows: string }>({
  id: 'choose-rows',
  about: 'postgres',
  title: 'Choose the set and the rows',
  why: `The newest set that holds the most of what is missing is offered first: an older one gives older rows. Not all that
is missing was lost by accident, so a person says which rows: all, tables, or single keys. Rows that depend on
a chosen one come along, because the same cascade took them. An old set loses nothing here: it only gives rows.`,
  trouble:
    'Somebody who knows why rows are gone is worth waking. What is not chosen stays away, and can come later.',
  body: s => s.use(choose),
  summary: f => `${f.rows === 'all' ? 'all that is missing' : f.rows} from ${f.candidate.set}`,
})
