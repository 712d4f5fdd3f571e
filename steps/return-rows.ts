import { step } from '../runbook/tree.ts'
import { nodeIdsFile } from '../stores/neo4j/nodes/facts.ts'
import {
  columnOfRows,
  copyRows,
  listed,
  removeBeside,
  validateRows as validate,
} from '../stores/postgres/rows/bring-back.ts'
import { comingFile, type RowsWeighed } from '../stores/postgres/rows/facts.ts'
import { idsFile } from '../stores/qdrant/points.ts'
import type { WithNodes } from './choose-nodes.ts'
import type { WithPoints } from './choose-points.ts'

export const returnRows = step<RowsWeighed, unknown>({
  id: 'return-rows',
  about: 'postgres',
  title: 'Copy the rows into the live database',
  why: `One transaction, parents before children, INSERT and nothing else: a conflict that came up meanwhile ends all of it.
Before it commits it proves that every row is in as it was, and that it changed and deleted nothing. Triggers run
as for any INSERT; a sequence only goes forward. No service has to stop: nobody sees half of it.`,
  trouble:
    'The transaction has left nothing behind. When a row was written meanwhile that is in the way, retry weighs nothing again: undo, and start again. Undo deletes exactly the rows that came back, as long as they are unchanged and nothing written since refers to them.',
  body: s => s.use(copyRows),
  summary: f => listed(f.weighed.coming),
  details: f => [`the rows stay in ${comingFile(f)}, for an undo; they are data of the platform`],
})

export const validateRows = step<RowsWeighed & WithPoints & WithNodes, unknown>({
  id: 'validate-rows',
  about: 'postgres',
  title: 'Validate the rows that came back',
  why: 'Over the network, with the name and the password that the platform uses: every row again, and every foreign key against its rows. Their ids are written down for their points and their nodes.',
  trouble:
    'A row that differs was changed since by somebody: look at it before anything else. Undo leaves it alone.',
  body: s =>
    s
      .use(validate)
      .each(
        'work',
        f => f.works,
        s =>
          s.keep('write down which rows came back', f =>
            columnOfRows(f, f.work.table, f.work.column, idsFile(f, f.work.name)),
          ),
        'For each collection with points of them',
      )
      .each(
        'kind',
        f => f.graphWorks.flatMap(({ kinds }) => kinds),
        s =>
          s.keep('write down which rows came back', f =>
            columnOfRows(f, f.kind.table, f.kind.column, nodeIdsFile(f, f.kind.name)),
          ),
        'For each label with nodes of them',
      ),
})

export const removeRowsBeside = step<RowsWeighed, unknown>({
  id: 'remove-beside',
  about: 'postgres',
  title: 'Remove the database beside',
  why: 'It was made by this run, was never live, and costs the room of the whole database. The backup it came from is still in the bucket.',
  body: s => s.use(removeBeside),
})
