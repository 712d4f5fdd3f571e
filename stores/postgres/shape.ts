import { type Command, type Output, ownCommand } from '../../lib/command.ts'
import type { Critical } from '../../lib/config-schema.ts'
import { exec } from '../../lib/exec.ts'
import type { PostgresStore, Target } from '../../lib/target.ts'
import { script } from './commands.ts'
import { literal } from './sql.ts'

/** What a database shows without being dumped: every table counted, every foreign key, NULLs where none may be. */
export interface Shape {
  /** Rows per table, named as pg_dump names them. */
  tables: Record<string, number>
  /** "public.chunks chunks_document_id_fkey", and whether it was ever held against all rows. */
  foreignKeys: { name: string; validated: boolean }[]
  nulls: Nulls[]
}

/** `rows` null: there is no such column. */
export interface Nulls {
  column: string
  rows: number | null
}

/** Leaves out what an extension brought along: pg_dump does not save its rows. */
const SHAPE = `SELECT format('SELECT json_build_object(''table'', %L, ''rows'', count(*)) FROM ONLY %I.%I', format('%I.%I', n.nspname, c.relname), n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
\\gexec
SELECT json_build_object('key', n.nspname || '.' || c.relname || ' ' || con.conname, 'validated', con.convalidated)
FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE con.contype = 'f' AND con.conparentid = 0 ORDER BY n.nspname, c.relname, con.conname;
`

/** A column that is not there is an answer, not an error that ends the script. */
function nullQuery(columns: readonly [string, string][]): string {
  if (columns.length === 0) return ''
  const values = columns.map(([table, column]) => `(${literal(table)}, ${literal(column)})`)
  // An identifier that is NULL cannot be formatted, so the case comes first.
  return `SELECT CASE WHEN a.attname IS NULL THEN format('SELECT json_build_object(''column'', %L, ''nulls'', NULL)', v.t || '.' || v.c)
  ELSE format('SELECT json_build_object(''column'', %L, ''nulls'', count(*)) FROM %s WHERE %I IS NULL', v.t || '.' || v.c, a.attrelid::regclass, a.attname) END
FROM (VALUES ${values.join(', ')}) v(t, c)
LEFT JOIN pg_attribute a ON a.attrelid = to_regclass(v.t) AND a.attname = v.c AND NOT a.attisdropped
\\gexec
`
}

/** The critical columns of a store as [table, column]. */
export function criticalColumns(critical: Critical | undefined): [string, string][] {
  return Object.entries(critical?.tables ?? {}).flatMap(([table, { not_null = [] }]) =>
    not_null.map((column): [string, string] => [table, column]),
  )
}

/** Counts every table of the store's database, and the NULLs in its critical columns (tools/rows.ts shape). */
export function shapeOf(target: Target, store: PostgresStore): Command {
  return ownCommand('rows', ['shape', store.name, store.database], async ([, , database], io) => {
    const queries = SHAPE + nullQuery(criticalColumns(store.critical))
    const command = script({ target, store }, queries, { database: database!, seconds: 3600 })
    const output = await exec(command, { cwd: io.cwd, signal: io.signal })
    return `${JSON.stringify(shapeIn(output))}\n`
  })
}

interface Line {
  table?: string
  rows?: number
  key?: string
  validated?: boolean
  column?: string
  nulls?: number | null
}

/** One line of JSON per table, key and column. */
export function shapeIn(o: Output): Shape {
  const shape: Shape = { tables: {}, foreignKeys: [], nulls: [] }
  for (const line of o.stdout.split('\n')) {
    if (!line.startsWith('{')) continue
    const { table, rows, key, validated, column, nulls } = JSON.parse(line) as Line
    if (table !== undefined) shape.tables[table] = rows ?? 0
    if (key !== undefined) shape.foreignKeys.push({ name: key, validated: validated ?? false })
    if (column !== undefined) shape.nulls.push({ column, rows: nulls ?? null })
  }
  return shape
}
