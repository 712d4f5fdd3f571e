/** A name in SQL, whatever is in it. */
export function ident(name: string): string {
  return `"${`${name}`.replaceAll('"', '""')}"`
}

/** A text in SQL; standard_conforming_strings is on since PostgreSQL 9.1. */
export function literal(value: string): string {
  return `'${`${value}`.replaceAll("'", "''")}'`
}
