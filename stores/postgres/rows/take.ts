import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Command, type Io, ownCommand } from '../../../lib/command.ts'
import { ownerOnly, privateFile } from '../../../lib/data-files.ts'
import { exec } from '../../../lib/exec.ts'
import type { PostgresStore, Target } from '../../../lib/target.ts'
import { psql, scriptFile } from '../commands.ts'
import { ident, literal } from '../sql.ts'
import { CATALOGUE_QUERY, type Catalogue, type ForeignKey, keyed, readCatalogue } from './catalogue.ts'
import type { Wanted } from './choice.ts'
import { SESSION, temporary } from './session.ts'

/**
 * Takes the wanted rows out of the database beside, and every missing row that depends on one of them (it was
 * deleted by the same cascade), as a script for psql (tools/rows.ts take). `tables` are those of which rows are
 * missing, as `keys` lists them.
 */
export function takeRows(
  target: Target,
  store: PostgresStore,
  side: string,
  keys: string,
  wanted: readonly Wanted[],
  tables: readonly string[],
  out: string,
): Command {
  const main = async ([, , , from, to]: readonly string[], io: Io) => {
    const run = { cwd: io.cwd, signal: io.signal }
    const catalogue = readCatalogue(
      await exec(psql(target.runtime, store, CATALOGUE_QUERY, { database: side }), run),
    )
    const whole = `${from}.take`
    await joined(io.cwd, [SESSION], from!, [takeScript(catalogue, wanted, tables)], whole)
    ownerOnly(resolve(io.cwd, to!))
    await exec(
      { ...scriptFile({ target, store }, whole, { database: side, seconds: 3600 }), stdout: to! },
      run,
    )
    return ''
  }
  const args = ['take', store.name, side, keys, out, JSON.stringify(wanted), JSON.stringify(tables)]
  return ownCommand('rows', args, main, { limits: { total: 7200 } })
}

/** Texts, a file and texts as one file: data never goes through memory. */
export async function joined(
  cwd: string,
  before: readonly string[],
  file: string,
  after: readonly string[],
  to: string,
): Promise<void> {
  const out = privateFile(resolve(cwd, to))
  out.write(`${before.join('\n')}\n`)
  await pipeline(createReadStream(resolve(cwd, file)), out, { end: false })
  out.end(`${after.join('\n')}\n`)
  await new Promise<void>((done, failed) => out.on('finish', done).on('error', failed))
}

export function takeScript(
  catalogue: Catalogue,
  wanted: readonly Wanted[],
  tables: readonly string[],
): string {
  const all = keyed(catalogue).filter(({ name }) => tables.includes(name))
  const chosen = all.flatMap(({ name, key }) => [
    `CREATE TEMP TABLE ${bare(temporary('chosen', name))} AS SELECT * FROM ${temporary('missing', name)} WITH NO DATA;`,
    ...wanted.filter(({ table }) => table === name).map(({ keys }) => choose(name, key, keys)),
  ])
  const foreignKeys = catalogue.foreign_keys.filter(
    ({ child, parent }) => tables.includes(child) && tables.includes(parent),
  )
  const written = all.flatMap(({ name, key, columns }) => {
    const list = columns.map(column => ident(column.name)).join(', ')
    const same = tuple('t', key)
    return [
      ...rowsHeader(name, list),
      `COPY (SELECT ${list} FROM ONLY ${name} t WHERE ${same} IN (SELECT ${key.map(ident).join(', ')} FROM ${temporary('chosen', name)})) TO STDOUT;`,
      ROWS_END,
    ]
  })
  return [...chosen, dependents(catalogue, foreignKeys), ...written].join('\n')
}

/** Lines that make a temporary table and fill it, printed by the session that gives the rows. */
export function rowsHeader(name: string, list: string): string[] {
  const table = temporary('row', name)
  const lines = [
    `CREATE TEMP TABLE ${bare(table)} AS SELECT ${list} FROM ${name} WITH NO DATA;`,
    `COPY ${table} (${list}) FROM stdin;`,
  ]
  return lines.map(line => `SELECT ${literal(line)};`)
}

export const ROWS_END = `SELECT E'\\\\.';`

/** CREATE TEMP TABLE takes no schema but its own; without it is the usual form. */
export function bare(table: string): string {
  return table.replace('pg_temp.', '')
}

function choose(name: string, key: readonly string[], keys: readonly string[] | null): string {
  const some = keys === null ? '' : ` WHERE ${ident(key[0]!)}::text IN (${keys.map(literal).join(', ')})`
  return `INSERT INTO ${temporary('chosen', name)} SELECT * FROM ${temporary('missing', name)}${some} EXCEPT SELECT * FROM ${temporary('chosen', name)};`
}

/** Until nothing is added: a row whose parent is chosen is chosen, too. Circles end because rows are finite. */
function dependents(catalogue: Catalogue, foreignKeys: readonly ForeignKey[]): string {
  if (foreignKeys.length === 0) return ''
  const steps = foreignKeys.map(({ child, parent, columns, refers }) => {
    const [below, above] = [child, parent].map(name => keyed(catalogue).find(table => table.name === name)!)
    const keys = (table: { key: string[] }) => table.key.map(ident).join(', ')
    return `  INSERT INTO ${temporary('chosen', child)} SELECT ${tuple('t', below!.key, false)} FROM ONLY ${child} t
    WHERE ${tuple('t', below!.key)} IN (SELECT ${keys(below!)} FROM ${temporary('missing', child)})
    AND ${tuple('t', below!.key)} NOT IN (SELECT ${keys(below!)} FROM ${temporary('chosen', child)})
    AND ${tuple('t', columns)} IN (SELECT ${tuple('p', refers, false)} FROM ONLY ${parent} p
      WHERE ${tuple('p', above!.key)} IN (SELECT ${keys(above!)} FROM ${temporary('chosen', parent)}));
  GET DIAGNOSTICS more = ROW_COUNT; added := added + more;`
  })
  return `DO $$ DECLARE added bigint; more bigint; BEGIN LOOP added := 0;
${steps.join('\n')}
  EXIT WHEN added = 0;
END LOOP; END $$;`
}

/** (t."a", t."b"), or without the parentheses. */
export function tuple(of: string, columns: readonly string[], closed = true): string {
  const list = columns.map(column => `${of}.${ident(column)}`).join(', ')
  return closed ? `(${list})` : list
}
