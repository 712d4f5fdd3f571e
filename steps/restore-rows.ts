import { step } from '../runbook/tree.ts'
import { restoreForRows } from '../stores/postgres/rows/bring-back.ts'
import type { RowsBase } from '../stores/postgres/rows/facts.ts'

export const restoreBeside = step<RowsBase, unknown>({
  id: 'restore-beside',
  about: 'postgres',
  title: 'Restore PostgreSQL into a database beside, and leave it there',
  why: `Rows are taken out of a database, not out of an archive: only there can be asked what depends on what. It is
restored whole and proven like any other recovery; the live database keeps its name, its sessions and its writers.`,
  trouble: 'Nothing the platform sees has changed: undo drops the database beside.',
  body: s => s.use(restoreForRows),
  summary: f => `${f.candidate.id} as ${f.side}`,
})
