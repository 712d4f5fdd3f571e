import { resolve } from 'node:path'
import { type Command, type Io, type Output, ownCommand } from '../../../lib/command.ts'
import { ownerOnly } from '../../../lib/data-files.ts'
import { exec } from '../../../lib/exec.ts'
import type { PostgresStore, Target } from '../../../lib/target.ts'
import { psql, scriptFile } from '../commands.ts'
import { ident, literal } from '../sql.ts'
import { CATALOGUE_QUERY, type Catalogue, type KeyedTable, keyed, readCatalogue } from './catalogue.ts'
import { SESSION, temporary } from './session.ts'
import { joined, ROWS_END, rowsHeader, tuple } from './take.ts'

/** What of the rows that were taken out of the backup can be written to the live database. */
export interface Weighed {
  coming: { table: string; rows: number; samples: string[] }[]
  /** Rows that cannot come back, by reason; never overwritten, never forced. */
  refused: { table: string; why: string; rows: number; samples: string[] }[]
}

/**
 * Holds the rows against the live database, in temporary tables of one session: nothing of it is changed. Writes
 * the rows that can come back as a script for psql (tools/rows.ts weigh).
 */
export function weighRows(
  target: Target,
  store: PostgresStore,
  rows: string,
  tables: readonly string[],
  out: string,
): Command {
  const main = async ([, , from, to]: readonly string[], io: Io) => {
    const run = { cwd: io.cwd, signal: io.signal }
    const catalogue = readCatalogue(await exec(psql(target.runtime, store, CATALOGUE_QUERY), run))
    const whole = `${from}.weigh`
    await joined(io.cwd, [SESSION], from!, [weighScript(catalogue, tables)], whole)
    ownerOnly(resolve(io.cwd, to!))
    await exec({ ...scriptFile({ target, store }, whole, { seconds: 3600 }), stdout: to! }, run)
    return ''
  }
  return ownCommand('rows', ['weigh', store.name, rows, out, JSON.stringify(tables)], main, {
    limits: { total: 7200 },
  })
}

/** The first line of the script is a comment that says what is in it. */
export function readWeighed(o: Output): Weighed {
  return JSON.parse(o.stdout.replace(/^-- /, '')) as Weighed
}

/**
 * A row stays out when it is there again, when another row has taken a value that must be unique, and when its
 * parent neither is there nor comes back. The last two depend on each other, so they are repeated until nothing
 * changes. A conflict that this cannot see (an exclusion, an index over an expression) ends the transaction that
 * writes.
 */
export function weighScript(catalogue: Catalogue, tables: readonly string[]): string {
  const all = keyed(catalogue).filter(({ name }) => tables.includes(name))
  const again = all.map(table =>
    refuse(table, 'it is there again', isThere(table.name, table.key, table.key)),
  )
  const rounds = all.flatMap(table => [
    ...table.unique.map(columns =>
      refuse(table, `another row has its ${columns.join(', ')}`, isThere(table.name, columns, columns)),
    ),
    ...catalogue.foreign_keys
      .filter(({ child }) => child === table.name)
      .map(({ parent, columns, refers }) => {
        const set = columns.map(column => `r.${ident(column)} IS NOT NULL`).join(' AND ')
        const comes = tables.includes(parent)
          ? ` AND NOT ${isThere(temporary('row', parent), refers, columns)}`
          : ''
        const gone = `${set} AND NOT ${isThere(parent, refers, columns)}${comes}`
        return refuse(table, `its row in ${parent} is gone and does not come back`, gone)
      }),
  ])
  return [
    'CREATE TEMP TABLE refused (name text, why text, key text);',
    `DO $$ DECLARE changed bigint; more bigint; BEGIN`,
    ...again,
    'LOOP changed := 0;',
    ...rounds.map(one => `${one} GET DIAGNOSTICS more = ROW_COUNT; changed := changed + more;`),
    'EXIT WHEN changed = 0; END LOOP; END $$;',
    `SELECT '-- ' || jsonb_build_object('coming', (SELECT coalesce(jsonb_agg(c), '[]') FROM (${all.map(coming).join(' UNION ALL ')}) c WHERE c.rows > 0),
  'refused', (SELECT coalesce(jsonb_agg(r), '[]') FROM (SELECT name AS table, why, count(*) AS rows,
    (array_agg(key ORDER BY key))[1:3] AS samples FROM refused GROUP BY 1, 2 ORDER BY 1, 2) r))::text;`,
    ...all.flatMap(({ name, columns }) => {
      const list = columns.map(column => ident(column.name)).join(', ')
      return [...rowsHeader(name, list), `COPY ${temporary('row', name)} (${list}) TO STDOUT;`, ROWS_END]
    }),
  ].join('\n')
}

function coming({ name, key }: KeyedTable & { key: string[] }): string {
  const rows = temporary('row', name)
  const shown = key.map(column => `r.${ident(column)}::text`).join(` || '/' || `)
  return `SELECT ${literal(name)} AS table, (SELECT count(*) FROM ${rows}) AS rows,
    ARRAY(SELECT ${shown} FROM ${rows} r ORDER BY ${tuple('r', key, false)} LIMIT 3) AS samples`
}

function isThere(table: string, theirs: readonly string[], ours: readonly string[]): string {
  return `EXISTS (SELECT FROM ${table} t WHERE ${tuple('t', theirs)} = ${tuple('r', ours)})`
}

function refuse({ name, key }: KeyedTable & { key: string[] }, why: string, when: string): string {
  const shown = key.map(column => `r.${ident(column)}::text`).join(` || '/' || `)
  return `WITH out AS (DELETE FROM ${temporary('row', name)} r WHERE ${when} RETURNING ${shown} AS key)
    INSERT INTO refused SELECT ${literal(name)}, ${literal(why)}, key FROM out;`
}
