import { type Command, command, type Output } from '../../../lib/command.ts'
import { count, plural } from '../../../lib/format.ts'
import type { Verdict, WorldState } from '../../../runbook/model.ts'
import type { Sequence } from '../../../runbook/tree.ts'
import { whichExist } from '../cluster-state.ts'
import { admin, psql, scriptFile } from '../commands.ts'
import { removeSide, restoreBeside } from '../restore.ts'
import { bringMissingRoles } from '../roles.ts'
import { ident } from '../sql.ts'
import { soundPostgres } from '../validate.ts'
import { archive } from '../verify.ts'
import { CATALOGUE_QUERY, incompatible, readCatalogue } from './catalogue.ts'
import { comingFile, onTheWay, type RowsBase, type RowsWeighed } from './facts.ts'
import { writeMissingKeys } from './missing.ts'
import { temporary } from './session.ts'
import { takeRows } from './take.ts'
import { readWeighed, weighRows } from './weigh.ts'

const COPY_SECONDS = 3600

/** The whole backup into a database of its own; the live one keeps its name and its sessions. */
export const restoreForRows = (s: Sequence<RowsBase>) =>
  s
    .when(
      'roles of the backup are missing',
      f => f.missingRoles.length > 0,
      s => s.use(bringMissingRoles),
    )
    .use(restoreBeside)

/** Finds out what can come back. The live database is only read. */
export const weigh = (s: Sequence<RowsBase>) =>
  s
    .check(
      'its tables are still those of the backup',
      f => psql(f.target.runtime, f.store, CATALOGUE_QUERY, { database: f.side }),
      (o, f) => compatible(o, f),
    )
    .keep('write down the keys that are missing now', f =>
      writeMissingKeys(f.target, f.store, archive(f), onTheWay(f, 'keys')),
    )
    .keep('take these rows out of the database beside', f =>
      takeRows(f.target, f.store, f.side, onTheWay(f, 'keys'), f.wanted, f.tables, onTheWay(f, 'wanted')),
    )
    .keep('hold them against the live database', f =>
      weighRows(f.target, f.store, onTheWay(f, 'wanted'), f.tables, comingFile(f)),
    )
    .read(
      'see what comes back and what cannot',
      f => command(['grep', '-m', '1', '^-- ', comingFile(f)]),
      o => ({ weighed: readWeighed(o) }),
    )
    .check(
      'something comes back',
      f => command(['grep', '-m', '1', '^-- ', comingFile(f)]),
      o => {
        const { coming } = readWeighed(o)
        return { verdict: coming.length > 0 ? 'proven' : 'failed', found: listed(coming) || 'no row can' }
      },
    )

/** One transaction of INSERTs: all of the rows, or none. */
export const copyRows = (s: Sequence<RowsWeighed>) =>
  s.write('copy the rows into the live database, parents first, in one transaction', {
    run: f => scriptFile(f, comingFile(f), { seconds: COPY_SECONDS }, f.sql.copy),
    probe: { look: lookForRows, state: rowsState },
    undo: f => scriptFile(f, comingFile(f), { seconds: COPY_SECONDS }, f.sql.undo),
  })

export const validateRows = (s: Sequence<RowsWeighed>) =>
  s.check('every row that came back is equal to the backup’s', lookForRows, allThere).use(soundPostgres)

/** One column of the rows that came back, one value a line. */
export function columnOfRows(f: RowsBase, table: string, column: string, out: string): Command {
  const copy = `COPY (SELECT ${ident(column)} FROM ${temporary('row', table)}) TO STDOUT`
  return { ...scriptFile(f, comingFile(f), { seconds: COPY_SECONDS }, copy), stdout: out }
}

/** The copy beside has served its end: the rows are proven, and the backup is in the bucket. */
export const removeBeside = (s: Sequence<RowsWeighed>) =>
  s.write('remove the database beside', {
    run: f => removeSide(f),
    probe: {
      look: f => admin(f, whichExist([f.side])),
      state: o => (o.stdout.trim() === '' ? 'done' : 'absent'),
    },
    undo: { none: 'this run has made it, out of a backup that is still in the bucket' },
  })

function lookForRows(f: RowsBase) {
  return scriptFile(f, comingFile(f), { seconds: COPY_SECONDS }, f.sql.look)
}

/** Rows that came back, and those of them that are in the live database as they were. */
function figures(o: Output): { all: number; there: number } {
  const [all = 0, there = 0] = (o.stdout.trim().split('\n').at(-1) ?? '').split('|').map(Number)
  return { all, there }
}

export function rowsState(o: Output): WorldState {
  const { all, there } = figures(o)
  if (there === 0) return 'absent'
  return there === all ? 'done' : 'partial'
}

export function allThere(o: Output): Verdict {
  const { all, there } = figures(o)
  if (all > 0 && there === all) return { verdict: 'proven', found: `${plural(all, 'row')}, all equal` }
  return { verdict: 'failed', found: `${count(there)} of ${plural(all, 'row')}` }
}

export function compatible(o: Output, f: Pick<RowsBase, 'catalogue' | 'tables'>): Verdict {
  const wrong = incompatible(f.catalogue, readCatalogue(o), f.tables)
  if (wrong.length > 0) return { verdict: 'failed', found: wrong.join('; ') }
  return { verdict: 'proven', found: `${plural(f.tables.length, 'table')}, columns equal` }
}

/** "public.chunks 131 rows (4, 5, 6, …)". */
export function listed(some: readonly { table: string; rows: number; samples: readonly string[] }[]): string {
  return some
    .map(
      ({ table, rows, samples }) =>
        `${table} ${plural(rows, 'row')} (${samples.join(', ')}${rows > samples.length ? ', …' : ''})`,
    )
    .join('; ')
}
