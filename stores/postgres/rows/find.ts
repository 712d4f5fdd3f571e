import type { Sequence } from '../../../runbook/tree.ts'
import { type Candidate, ownElseAll, type Usable, usable } from '../../backups.ts'
import { psql } from '../commands.ts'
import type { PostgresAssessed, PostgresBase } from '../facts.ts'
import { CATALOGUE_QUERY, readCatalogue } from './catalogue.ts'
import { type Found, missingIn, type Searched } from './facts.ts'
import { missingRows, readMissing } from './missing.ts'

type Needs = PostgresBase & PostgresAssessed & { candidates: Candidate[] }

/** Sets that are searched when nobody says otherwise: a week of nights. */
const SETS = '7'

/** Looks into backup after backup, newest first; the live database is read, and nothing is restored. */
export const findRows = (s: Sequence<Needs>) =>
  s
    .ask({
      id: 'search',
      say: 'How many backups are to be searched, newest first?',
      suggest: () => SETS,
      assume: { because: 'more can be searched when the rows are in none of them' },
      refuse: answer => (/^[1-9]\d{0,3}$/.test(answer) ? undefined : 'a number from 1 to 9999'),
    })
    .read(
      'see its tables, keys, foreign keys and triggers',
      f => psql(f.target.runtime, f.store, CATALOGUE_QUERY),
      o => ({ catalogue: readCatalogue(o) }),
    )
    .gather(
      'backup',
      f => newest(f),
      s =>
        s.read(
          'hold its keys against the live database',
          f => missingRows(f.target, f.store, f.backup.key, f.backup.sha256),
          o => ({ missing: readMissing(o) }),
        ),
      'searched',
      (f): Searched => ({ name: f.backup.set, backup: f.backup.name, missing: f.missing }),
      'For each of these backups',
    )

interface Archive {
  name: string
  set: string
  key: string
  sha256: string
}

function newest(f: Needs & { search: string }): Archive[] {
  const of = ({ id, set, member }: Usable<'postgres'>): Archive => {
    return { name: id, set, key: member.key, sha256: member.sha256 }
  }
  return ownElseAll(f.target, usable(f.candidates, 'postgres')).slice(0, Number(f.search)).map(of)
}

/** The newest of those that hold the most of what is missing; undefined when nothing is. */
export function best({ searched }: Pick<Found, 'searched'>): Searched | undefined {
  const most = Math.max(0, ...searched.map(missingIn))
  return most === 0 ? undefined : searched.find(one => missingIn(one) === most)
}
