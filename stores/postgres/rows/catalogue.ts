import type { Output } from '../../../lib/command.ts'

/** What has to be known of a table to find rows of it again and to put them back. */
export interface KeyedTable {
  /** With its schema, quoted as SQL and COPY have it. */
  name: string
  /** Every column that can be written; generated ones are not among them. */
  columns: { name: string; type: string }[]
  /** Columns of the primary key; null when there is none. */
  key: string[] | null
  /** Columns of further unique indexes without expressions and conditions. */
  unique: string[][]
  /** Triggers of its owner that run for an INSERT. */
  triggers: string[]
  sequences: { name: string; column: string }[]
}

export interface ForeignKey {
  name: string
  child: string
  parent: string
  /** Columns of the child, and those of the parent that they refer to, in the same order. */
  columns: string[]
  refers: string[]
  deferrable: boolean
}

/** Tables and foreign keys of a database; partitions are left out. */
export interface Catalogue {
  tables: KeyedTable[]
  foreign_keys: ForeignKey[]
}

const COLUMNS = (numbers: string, of: string) => `(SELECT json_agg(a.attname ORDER BY k.place)
      FROM unnest(${numbers}) WITH ORDINALITY AS k(number, place)
      JOIN pg_attribute a ON a.attrelid = ${of} AND a.attnum = k.number)`

/** Gives a Catalogue as JSON. */
export const CATALOGUE_QUERY = `SELECT json_build_object('tables', coalesce((SELECT json_agg(t ORDER BY t.name) FROM (
  SELECT format('%I.%I', n.nspname, c.relname) AS name,
    (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
      ORDER BY a.attname) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
    (SELECT ${COLUMNS('i.indkey[0:i.indnkeyatts - 1]', 'c.oid')}
      FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
    coalesce((SELECT json_agg(${COLUMNS('i.indkey[0:i.indnkeyatts - 1]', 'c.oid')} ORDER BY i.indexrelid)
      FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND NOT i.indisprimary
      AND i.indpred IS NULL AND i.indexprs IS NULL), '[]') AS unique,
    coalesce((SELECT json_agg(g.tgname ORDER BY g.tgname) FROM pg_trigger g WHERE g.tgrelid = c.oid
      AND NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & 4 <> 0), '[]') AS triggers,
    coalesce((SELECT json_agg(json_build_object('name', format('%I.%I', sn.nspname, s.relname), 'column', a.attname)
      ORDER BY s.relname) FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      JOIN pg_namespace sn ON sn.oid = s.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
      WHERE d.refobjid = c.oid AND d.deptype IN ('a', 'i')), '[]') AS sequences
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relpersistence = 'p'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')) t), '[]'),
'foreign_keys', coalesce((SELECT json_agg(json_build_object('name', con.conname,
    'child', format('%I.%I', n.nspname, c.relname), 'parent', format('%I.%I', m.nspname, p.relname),
    'columns', ${COLUMNS('con.conkey', 'c.oid')}, 'refers', ${COLUMNS('con.confkey', 'p.oid')},
    'deferrable', con.condeferrable) ORDER BY n.nspname, c.relname, con.conname)
  FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class p ON p.oid = con.confrelid JOIN pg_namespace m ON m.oid = p.relnamespace
  WHERE con.contype = 'f' AND con.conparentid = 0), '[]'))`

export function readCatalogue(o: Output): Catalogue {
  return JSON.parse(o.stdout) as Catalogue
}

/** Tables whose rows can be told apart. */
export function keyed(catalogue: Catalogue): (KeyedTable & { key: string[] })[] {
  return catalogue.tables.filter((table): table is KeyedTable & { key: string[] } => table.key !== null)
}

/** Why rows of these tables cannot be carried from the one database to the other; empty when they can. */
export function incompatible(live: Catalogue, side: Catalogue, names: readonly string[]): string[] {
  return names.flatMap(name => {
    const [now, was] = [live, side].map(of => of.tables.find(table => table.name === name))
    if (!now || !was) return [`${name} is only in one of the two databases`]
    const told = (table: KeyedTable) =>
      table.columns.map(column => `${column.name} ${column.type}`).join(', ')
    return told(now) === told(was) ? [] : [`${name} has (${told(now)}) now and (${told(was)}) in the backup`]
  })
}
