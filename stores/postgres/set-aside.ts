/** A foreign key: names are quoted as SQL needs them. */
export interface ForeignKey {
  key: string
  child: string
  parent: string
  /** Columns of the child, and those of the parent that they refer to. */
  columns: readonly [child: string, parent: string][]
}

/** The foreign keys that satisfy a condition on pg_constraint, one line of JSON each. */
export function foreignKeys(condition: string): string {
  return `SELECT json_build_object('key', con.conname, 'child', con.conrelid::regclass::text,
  'parent', con.confrelid::regclass::text, 'columns', (SELECT json_agg(json_build_array(quote_ident(a.attname),
  quote_ident(b.attname))) FROM unnest(con.conkey, con.confkey) AS u(child, parent)
  JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = u.child
  JOIN pg_attribute b ON b.attrelid = con.confrelid AND b.attnum = u.parent))
FROM pg_constraint con WHERE con.contype = 'f' AND con.conparentid = 0 AND (${condition}) ORDER BY con.conname`
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Rows of a table, as a condition on them under a name. */
export interface Rows {
  table: string
  where: (row: string) => string
}

/** The rows of the child that have no parent. */
export function orphansOf({ child, parent, columns }: ForeignKey): Rows {
  return {
    table: child,
    where: row =>
      `${columns.map(([own]) => `${row}.${own} IS NOT NULL`).join(' AND ')} AND NOT EXISTS ` +
      `(SELECT FROM ${parent} p WHERE ${columns.map(([own, theirs]) => `p.${theirs} = ${row}.${own}`).join(' AND ')})`,
  }
}

/** The rows that refer to others: those would be refused to go, or would take these with them in silence. */
export function referringTo(others: Rows, { child, columns }: ForeignKey, depth: number): Rows {
  const other = `t${depth}`
  return {
    table: child,
    where: row =>
      `EXISTS (SELECT FROM ${others.table} ${other} WHERE ` +
      `${columns.map(([own, theirs]) => `${other}.${theirs} = ${row}.${own}`).join(' AND ')} AND ${others.where(other)})`,
  }
}

export function select({ table, where }: Rows): string {
  return `SELECT c.* FROM ${table} c WHERE ${where('c')}`
}

/** Copies rows into tables of their own, then deletes them, all or nothing; `all` has the referring ones last. */
export function setAside(all: readonly Rows[], id: string): string {
  const copies = all.map(rows => `CREATE TABLE ${copyOf(rows, id)} AS ${select(rows)}`)
  const deletions = [...all].reverse().map(({ table, where }) => `DELETE FROM ${table} c WHERE ${where('c')}`)
  return ['BEGIN', 'CREATE SCHEMA IF NOT EXISTS quarantine', ...copies, ...deletions, 'COMMIT'].join('; ')
}

function copyOf({ table }: Rows, id: string): string {
  return `quarantine."${table.split('.').at(-1)!.replaceAll('"', '')}_${id}"`
}
