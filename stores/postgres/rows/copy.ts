import { ident, literal } from '../sql.ts'
import { type Catalogue, type KeyedTable, keyed } from './catalogue.ts'
import { parentsFirst } from './order.ts'
import { temporary } from './session.ts'
import { tuple } from './take.ts'

/** The statements that write the rows, look for them, and take them away again; each runs behind the rows' script. */
export interface CopySql {
  copy: string
  look: string
  undo: string
}

/** Statements for these tables. Throws a Problem when their foreign keys form a circle that cannot be written. */
export function copySql(catalogue: Catalogue, names: readonly string[]): CopySql {
  const { tables, deferred } = parentsFirst(names, catalogue.foreign_keys)
  const all = tables.map(name => keyed(catalogue).find(table => table.name === name)!)
  return {
    copy: [
      ...(deferred ? ['SET CONSTRAINTS ALL DEFERRED;'] : []),
      ...all.map(insert),
      assertion(
        `SELECT ${sum(all.map(differing))}`,
        'rows were changed on their way in: a trigger has other ideas',
      ),
      assertion(UNTOUCHED, 'rows that were there before were changed or deleted: a trigger has other ideas'),
      ...all.flatMap(forward),
    ].join('\n'),
    look: `SELECT ${sum(all.map(rows))}, ${sum(all.map(there))}`,
    undo: [
      ...(deferred ? ['SET CONSTRAINTS ALL DEFERRED;'] : []),
      ...referredTo(catalogue, all).map(query =>
        assertion(query, 'rows written since refer to those that came back; delete them first'),
      ),
      ...[...all].reverse().map(remove),
    ].join('\n'),
  }
}

type Table = KeyedTable & { key: string[] }

/** What this transaction has changed or deleted, outside of its temporary tables. */
const UNTOUCHED = `SELECT coalesce(sum(n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables WHERE schemaname !~ '^pg_(toast_)?temp'`

function list({ columns }: Table): string[] {
  return columns.map(column => column.name)
}

/** Never ON CONFLICT: a conflict that came up since ends the whole transaction. */
function insert(table: Table): string {
  const columns = list(table).map(ident).join(', ')
  return `INSERT INTO ${table.name} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${temporary('row', table.name)};`
}

/** Same key and, as text, the same content: there are types without an operator for equality. */
function same(table: Table): string {
  const columns = list(table)
  return `${tuple('t', table.key)} = ${tuple('r', table.key)} AND ROW${tuple('t', columns)}::text = ROW${tuple('r', columns)}::text`
}

function rows({ name }: Table): string {
  return `(SELECT count(*) FROM ${temporary('row', name)})`
}

function there(table: Table): string {
  return `(SELECT count(*) FROM ${temporary('row', table.name)} r WHERE EXISTS (SELECT FROM ONLY ${table.name} t WHERE ${same(table)}))`
}

function differing(table: Table): string {
  return `${rows(table)} - ${there(table)}`
}

function sum(terms: readonly string[]): string {
  return terms.length === 0 ? '0' : terms.join(' + ')
}

function remove(table: Table): string {
  return `DELETE FROM ONLY ${table.name} t USING ${temporary('row', table.name)} r WHERE ${same(table)};`
}

/** A sequence never goes back; it goes forward when a row that came back has a higher number. */
function forward(table: Table): string[] {
  return table.sequences.map(({ name, column }) => {
    const highest = `(SELECT max(${ident(column)}) FROM ${temporary('row', table.name)})`
    return `SELECT setval(${literal(name)}, ${highest}) FROM ${name} WHERE ${highest} > last_value;`
  })
}

/** A cascade would take rows with it that were written since: what refers to a row keeps it. */
function referredTo({ foreign_keys }: Catalogue, all: readonly Table[]): string[] {
  return foreign_keys.flatMap(({ child, parent, columns, refers }) => {
    const above = all.find(({ name }) => name === parent)
    if (!above) return []
    const below = all.find(({ name }) => name === child)
    const ours = below
      ? ` AND NOT EXISTS (SELECT FROM ${temporary('row', child)} r WHERE ${same(below)})`
      : ''
    return `SELECT count(*) FROM ${child} t WHERE EXISTS (SELECT FROM ${temporary('row', parent)} p WHERE ${tuple('p', refers)} = ${tuple('t', columns)})${ours}`
  })
}

function assertion(count: string, sentence: string): string {
  return `DO $$ DECLARE n bigint; BEGIN n := (${count}); IF n > 0 THEN RAISE EXCEPTION '% %', n, ${literal(sentence)}; END IF; END $$;`
}
