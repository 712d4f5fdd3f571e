import { count } from '../lib/format.ts'
import { EXIT, Problem } from '../lib/problem.ts'
import { step } from '../runbook/tree.ts'
import { listed, weigh } from '../stores/postgres/rows/bring-back.ts'
import type { RowsBase, RowsWeighed } from '../stores/postgres/rows/facts.ts'

export const showRows = step<RowsBase, Pick<RowsWeighed, 'weighed'>>({
  id: 'show-rows',
  about: 'postgres',
  title: 'See what comes back and what cannot',
  why: `The platform went on meanwhile. A row that is there again is not written a second time; a row whose unique value
another one has taken, or whose parent is gone for good, is listed and left out. Nothing is overwritten to make room.`,
  trouble:
    'A parent that was not chosen keeps its children away: start again and choose it too. A value that is taken has to be sorted out by a person, row by row.',
  body: s => s.use(weigh),
  summary: f => `${count(total(f))} rows come back`,
  details: f => [
    `comes back: ${listed(f.weighed.coming)}`,
    ...f.weighed.refused.map(one => `left out: ${listed([one])}: ${one.why}`),
  ],
})

export const agreeToRows = step<RowsWeighed, { copy: string }>({
  id: 'return-agree',
  title: 'Agree to what comes back',
  why: 'Only now is it known which rows these are. The last word has a person who has seen them.',
  body: s =>
    s
      .ask({
        id: 'copy',
        say: 'Copy these rows into the live database?',
        choices: f => [
          { value: 'yes', label: 'yes', hint: listed(f.weighed.coming) },
          { value: 'no', label: 'no', hint: 'stop; undo removes the database beside' },
        ],
        suggest: () => 'yes',
        assume: {
          answer: 'yes',
          because: 'the rows were chosen before, and only fewer can have become of them',
        },
      })
      .let('go on only with a yes', f => {
        if (f.copy === 'yes') return {}
        throw new Problem('the rows are not to come back; nothing live was changed', {
          exitCode: EXIT.declined,
          hint: 'undo removes the database beside; start again to choose other rows',
        })
      }),
  summary: f => f.copy,
})

function total({ weighed }: Pick<RowsWeighed, 'weighed'>): number {
  return weighed.coming.reduce((sum, { rows }) => sum + rows, 0)
}
