import type { Binding } from '../runbook/model.ts'
import { bindRows } from '../stores/postgres/rows/binding.ts'
import type { RowsBase } from '../stores/postgres/rows/facts.ts'
import type { WithPoints } from './choose-points.ts'
import { confirmRecovery } from './confirm.ts'

type Needs = RowsBase & WithPoints

const recovery = confirmRecovery<Needs>(bindRows)

/** Bound to the backups of rows and points; nothing is replaced, so there is no damaged data to speak of. */
export const confirmRows: Binding<Needs> = {
  ...recovery,
  derive: (outputs, f) => ({
    ...recovery.derive(outputs, f),
    points: f.works.map(({ candidate }) => `${candidate.id} ${candidate.member.sha256}`).join(', '),
  }),
  facts: f => [
    ...bindRows.lines(f),
    ...f.works.map(one => `points    of ${one.table} → ${one.collection}, from ${one.candidate.id}`),
    'graph     not touched: nodes that were deleted too do not come back with this scenario',
    'undo      seconds; takes away exactly what came back, as long as it is unchanged',
  ],
}
