import { count, plural } from '../../../lib/format.ts'
import { EXIT, Problem } from '../../../lib/problem.ts'
import type { Choice } from '../../../runbook/model.ts'
import type { Sequence } from '../../../runbook/tree.ts'
import { type Candidate, usable } from '../../backups.ts'
import { conclude } from '../choose.ts'
import type { PostgresAssessed, PostgresBase } from '../facts.ts'
import { readChoice } from './choice.ts'
import { copySql } from './copy.ts'
import { type Found, involved, missingIn, type RowsChosen, type Searched } from './facts.ts'
import { best } from './find.ts'

type Needs = PostgresBase & PostgresAssessed & Found & { candidates: Candidate[] }

/** Which backup, and which of its missing rows: some may have been deleted on purpose. */
export const chooseRows = (s: Sequence<Needs>) =>
  s
    .let('see that rows are missing at all', f => {
      refuseNothing(f)
      return {}
    })
    .ask({
      id: 'set',
      say: 'Rows of which set are to come back?',
      choices,
      suggest: f => best(f)?.name,
      refuse: (answer, f) => (named(f, answer) ? undefined : refusal(answer, f)),
    })
    .ask({
      id: 'rows',
      say: 'Which rows? (all, or tables and keys: documents:12,13 feedback; what depends on them comes along)',
      suggest: () => 'all',
      refuse: (answer, f) => {
        const read = readChoice(answer, named(f, f.set)?.missing.tables ?? [])
        return typeof read === 'string' ? read : undefined
      },
    })
    .let('conclude what follows', concludeRows)
    .when(
      'the backup was taken of another installation',
      f => f.candidate.source.project !== f.target.runtime.project,
      s =>
        s.ask({
          id: 'accept',
          say: 'It is of another installation. Type its id to copy its rows all the same',
          typed: true,
          suggest: f => f.candidate.id,
          refuse: (answer, f) =>
            answer.trim() === f.candidate.id
              ? undefined
              : `it is of project ${f.candidate.source.project}; type ${f.candidate.id} to use it`,
        }),
    )

function named({ searched, ...f }: Found, answer: string): Searched | undefined {
  if (answer === 'best') return best({ ...f, searched })
  return searched.find(one => one.name === answer && missingIn(one) > 0)
}

function choices({ searched }: Found): Choice[] {
  return searched
    .filter(one => missingIn(one) > 0)
    .map(one => ({ value: one.name, label: one.name, hint: told(one) }))
}

function refusal(answer: string, { searched }: Found): string {
  const known = searched.some(({ name }) => name === answer)
  if (known) return `no row of ${answer} is missing`
  return `"${answer.slice(0, 40)}" was not searched; it can be best, ${searched.map(({ name }) => name).join(', ')}`
}

/** "documents 24 of 706 (1, 30, 59), chunks 131 of 3,565 (4, 5, 6)". */
export function told({ missing }: Pick<Searched, 'missing'>): string {
  const some = missing.tables.filter(table => table.missing > 0)
  if (some.length === 0) return 'nothing is missing'
  return some
    .map(
      one =>
        `${one.table} ${count(one.missing)} of ${count(one.rows)} (${one.samples.join(', ')}${one.missing > one.samples.length ? ', …' : ''})`,
    )
    .join(', ')
}

function refuseNothing({ searched }: Found): void {
  if (searched.some(one => missingIn(one) > 0)) return
  throw new Problem(`no row is missing that ${plural(searched.length, 'backup')} had`, {
    exitCode: EXIT.badInput,
    hint: 'were rows changed and not deleted? Then npx tsx scenarios/postgres-loss.ts; or search more: --set search=30',
  })
}

function concludeRows(f: Needs & { set: string; rows: string }): RowsChosen {
  const set = named(f, f.set)!
  const wanted = readChoice(f.rows, set.missing.tables)
  if (typeof wanted === 'string') throw new Problem(wanted, { exitCode: EXIT.badInput })
  const candidate = usable(f.candidates, 'postgres').find(({ id }) => id === set.backup)!
  const lost = set.missing.tables.filter(({ missing }) => missing > 0).map(({ table }) => table)
  const tables = involved(f.catalogue.foreign_keys, lost, wanted)
  // The live name is never given away: only the restore beside is used.
  const rest = { replaces: true, wanted, tables, sql: copySql(f.catalogue, tables) }
  return { ...conclude({ ...f, candidate }), ...rest }
}
