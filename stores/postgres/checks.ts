import type { Output } from '../../lib/command.ts'
import { plural } from '../../lib/format.ts'
import type { Judge, Skip, Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { tableOf } from '../base.ts'
import { type Against, enough, leastOf, named, none, presence, skip, unknown } from '../expected.ts'
import { psql, SILENT } from './commands.ts'
import type { PostgresBase } from './facts.ts'
import { CATALOGUE } from './findings.ts'
import { readHealth } from './health.ts'
import { inspectReferences } from './inspect.ts'
import { criticalColumns, type Shape, shapeOf } from './shape.ts'

/** `restored`: rows and definitions are proven to be those of the backup, so its flaws are no damage of today. */
export type Needs = PostgresBase & Against<'postgres'> & { restored: boolean }

/** What the checklist of PostgreSQL asks, of live data and after a restore; over TCP, as the platform connects. */
export const checkPostgres = (s: Sequence<Needs>) =>
  s
    .check('it can be reached over TCP with its password', reach, reached)
    .checks('count its rows and foreign keys', f => shapeOf(f.target, f.store), SHAPE)
    .checks(
      'hold every row against its foreign keys, every index and sequence',
      f => inspectReferences(f.target, f.store, [f.store.database]),
      HEALTH,
    )

export function reach(f: PostgresBase) {
  return psql(f.target.runtime, f.store, 'SELECT current_database(), current_user', { ok: SILENT })
}

export function reached(o: Output, { store }: Pick<Needs, 'store'>): Verdict {
  const expected = `${store.database} as ${store.user}, at ${store.service}`
  if (o.exitCode === 0) return { verdict: 'proven', expected, found: o.stdout.trim().replace('|', ' as ') }
  const said = `${o.stdout}${o.stderr}`.trim().split('\n').at(-1) ?? ''
  return { verdict: 'failed', expected, found: said.slice(0, 200) || `exit code ${o.exitCode}` }
}

function shape(o: Output): Shape {
  return JSON.parse(o.stdout) as Shape
}

/** Of a backup all tables but the copy of the catalogue; of the configuration those with a least number of rows. */
function least(f: Pick<Needs, 'backup' | 'store'>, there: readonly string[]) {
  const tables = Object.entries(f.store.critical?.tables ?? {})
  const configured = tables.map(([name, { rows }]) => [tableOf(name, there) ?? name, rows ?? 0])
  return leastOf(
    f.backup,
    member =>
      Object.fromEntries(
        member.tables.filter(({ name }) => name !== CATALOGUE).map(({ name, rows }) => [name, rows]),
      ),
    tables.length === 0 ? undefined : (Object.fromEntries(configured) as Record<string, number>),
  )
}

export function tablesThere(o: Output, f: Needs): Verdict {
  const there = Object.keys(shape(o).tables)
  return presence('tables', there, least(f, there))
}

export function rowsThere(o: Output, f: Needs): Verdict {
  const { tables } = shape(o)
  return enough(tables, least(f, Object.keys(tables)))
}

export function noNulls(o: Output, { store }: Pick<Needs, 'store'>): Verdict | Skip {
  const columns = criticalColumns(store.critical)
  if (columns.length === 0) return skip('no critical columns are named in the configuration (`critical`)')
  const { nulls } = shape(o)
  const wrong = nulls.flatMap(({ column, rows }) => {
    if (rows === null) return [`there is no column ${column}`]
    return rows > 0 ? [`${column}: ${plural(rows, 'NULL')}`] : []
  })
  const found = `${plural(nulls.length, 'column')} without a NULL`
  return none(wrong, `no NULL in ${named(nulls.map(({ column }) => column))}`, found)
}

/** By the names that the definitions of a backup have: "FK CONSTRAINT public.chunks chunks_document_id_fkey". */
const FOREIGN_KEY = 'FK CONSTRAINT '

export function foreignKeysThere(o: Output, { backup }: Pick<Needs, 'backup'>): Verdict {
  const now = shape(o).foreignKeys.map(({ name }) => name)
  if (!backup) return unknown(named(now) || 'no foreign keys')
  const due = Object.keys(backup.member.objects)
    .filter(name => name.startsWith(FOREIGN_KEY))
    .map(name => name.slice(FOREIGN_KEY.length))
  const gone = due.filter(name => !now.includes(name)).map(name => `${name} is missing`)
  return none(gone, `${named(due) || 'none'} (${backup.id})`, plural(now.length, 'foreign key'))
}

/** A script that was stopped, as by a lock that is held, says nothing of what it did not reach. */
function healthy(expected: string, found: string, wrong: (o: Output) => string[]): Judge<Needs> {
  return o => {
    const { unreadable } = readHealth(o)
    return unreadable ? { verdict: 'unchecked', found: unreadable } : none(wrong(o), expected, found)
  }
}

/** The same, but what a backup has is not held against the restore of it. */
function asInBackup(judge: Judge<Needs>, listed: (o: Output) => string[]): Judge<Needs> {
  return (o, f) => {
    const verdict = judge(o, f)
    if (!f.restored || 'skip' in verdict || verdict.verdict !== 'failed') return verdict
    return { ...verdict, verdict: 'proven', found: `as in the backup: ${named(listed(o))}` }
  }
}

export const SHAPE: Record<string, Judge<Needs>> = {
  'every table is there': tablesThere,
  'every table has its rows': rowsThere,
  'no critical column has a NULL': noNulls,
  'every foreign key of the backup is there': foreignKeysThere,
}

export const HEALTH: Record<string, Judge<Needs>> = {
  'every row has the parents that its foreign keys name': healthy('no row without a parent', 'none', o =>
    readHealth(o).orphans.map(
      ({ key, table, rows }) => `${plural(rows, 'row')} of ${table} without a parent (${key})`,
    ),
  ),
  'every constraint is validated': asInBackup(
    healthy('no constraint that is NOT VALID', 'none', o =>
      readHealth(o).unvalidated.map(name => `${name} was never held against its rows`),
    ),
    o => readHealth(o).unvalidated,
  ),
  'every index is valid': healthy('no index that is invalid or not ready', 'none', o =>
    readHealth(o).invalid.map(name => `${name} is invalid and not used`),
  ),
  'every sequence is ahead of its rows': asInBackup(
    healthy('no sequence whose next value is taken', 'none', o =>
      readHealth(o).behind.map(name => `${name} is behind`),
    ),
    o => readHealth(o).behind,
  ),
}
