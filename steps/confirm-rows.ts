import type { Binding } from '../runbook/model.ts'
import { bindRows } from '../stores/postgres/rows/binding.ts'
import type { RowsBase } from '../stores/postgres/rows/facts.ts'
import type { WithNodes } from './choose-nodes.ts'
import type { WithPoints } from './choose-points.ts'
import { confirmRecovery } from './confirm.ts'

type Needs = RowsBase & WithPoints & WithNodes

const recovery = confirmRecovery<Needs>(bindRows)

/** A throw-away server comes up, is asked, and goes. */
const NODES_SECONDS = 30

/** Bound to the backups of rows, points and nodes; nothing is replaced, so there is no damaged data to speak of. */
export const confirmRows: Binding<Needs> = {
  ...recovery,
  derive: (outputs, f) => ({
    ...recovery.derive(outputs, f),
    points: f.works.map(({ candidate }) => `${candidate.id} ${candidate.member.sha256}`).join(', '),
    nodes: f.graphWorks.map(({ candidate }) => `${candidate.id} ${candidate.member.sha256}`).join(', '),
  }),
  facts: f => [
    ...bindRows.lines(f),
    ...f.works.map(one => `points    of ${one.table} → ${one.collection}, from ${one.candidate.id}`),
    ...f.graphWorks.flatMap(({ kinds, candidate }) =>
      kinds.map(one => `nodes     of ${one.table} → ${one.label}, from ${candidate.id}`),
    ),
    'undo      seconds; takes away exactly what came back, as long as it is unchanged',
  ],
  estimate: f =>
    recovery.estimate(f) +
    f.graphWorks.reduce((sum, { candidate }) => sum + candidate.member.load_seconds + NODES_SECONDS, 0),
}
