import { plural } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { RowsBase } from '../stores/postgres/rows/facts.ts'
import { type PointsWork, seeQdrants, unasked, worksFor } from '../stores/qdrant/points.ts'

/** The collections whose points come back with the rows. */
export interface WithPoints {
  works: PointsWork[]
}

export const choosePoints = step<RowsBase, WithPoints & { points: string }>({
  id: 'choose-with-points',
  title: 'Choose whether their points come back too',
  why: `A row without its point is there and not found. The relations of the configuration say which tables have points
in which collection; they come out of the same set as the rows, because the two were saved minutes apart. A set that
has no usable backup of Qdrant gives rows only: their points are then made by embedding them again.`,
  trouble: 'When Qdrant does not answer, bring it back first: npx tsx scenarios/qdrant-corruption.ts.',
  body: s =>
    s
      .use(seeQdrants)
      .ask({
        id: 'points',
        say: 'Bring back the points that belong to the rows?',
        choices: f => [
          { value: 'yes', label: 'yes', hint: told(all(f)) },
          { value: 'no', label: 'no', hint: 'rows only' },
        ],
        suggest: f => (all(f).length > 0 ? 'yes' : 'no'),
        assume: { because: 'only what is missing is written, and undo takes it away again' },
        refuse: (answer, f) => {
          if (answer !== 'yes' && answer !== 'no') return 'yes or no'
          const nothing = answer === 'yes' && all(f).length === 0
          return nothing ? `${f.candidate.set} has no points of ${f.tables.join(', ')}` : undefined
        },
      })
      .let('conclude what follows', f => ({ works: f.points === 'yes' ? all(f) : [] })),
  summary: f => (f.works.length === 0 ? 'rows only' : told(f.works)),
  details: f => unasked(f, f.store.name, f.tables).map(why => `not brought back: ${why}`),
})

function all(f: RowsBase & Pick<Parameters<typeof worksFor>[0], 'qdrants'>): PointsWork[] {
  return worksFor(f, f.candidate.set, f.store.name, f.tables)
}

function told(works: readonly PointsWork[]): string {
  if (works.length === 0) return 'the set has none'
  const named = works.map(({ table, collection, candidate }) => `${table} → ${collection} (${candidate.id})`)
  return `${plural(works.length, 'collection')}: ${named.join(', ')}`
}
