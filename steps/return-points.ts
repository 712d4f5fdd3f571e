import { plural } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { Base } from '../stores/base.ts'
import type { RowsWeighed } from '../stores/postgres/rows/facts.ts'
import { bringPoints, pointsFile } from '../stores/qdrant/points.ts'
import type { WithPoints } from './choose-points.ts'
import { verifyQdrantBackup } from './verify-backup-qdrant.ts'

export const verifyPoints = step<Base & WithPoints, unknown>({
  id: 'verify-points',
  about: 'qdrant',
  title: 'Verify the backup of their points',
  why: 'It is read back whole before the first change, as in every recovery: a damaged one is found now, and not when the rows are back already.',
  body: s =>
    s.each(
      'work',
      f => f.works,
      s => s.let('take up what is known of it', f => f.work).step(verifyQdrantBackup),
      'For each collection',
    ),
  summary: f => plural(f.works.length, 'collection'),
})

export const returnPoints = step<RowsWeighed & WithPoints, unknown>({
  id: 'return-with-points',
  about: 'qdrant',
  title: 'Bring back the points that belong to the rows',
  why: `The collection is recovered beside under a fresh name and proven. Points of the rows that came back are taken out of it,
vector and payload as they were, and only those are written whose id is missing live. The live collection is neither
replaced nor switched, and no service has to stop: rows came first, so no point is ever without its row.`,
  trouble:
    'The rows are back and stay. Undo takes away the points that came back, as long as they are unchanged, then the rows.',
  body: s =>
    s.each(
      'work',
      f => f.works,
      s => s.let('take up what is known of it', f => f.work).use(bringPoints),
      'For each collection',
    ),
  summary: f => f.works.map(({ collection }) => collection).join(', ') || 'none were wanted',
  details: f => f.works.map(work => `the points stay in ${pointsFile(f, work.name)}, for an undo`),
})
