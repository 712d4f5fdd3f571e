import { createHash } from 'node:crypto'

/**
 * What every session is set to that writes or reads rows as text: the settings of pg_dump, so that the same
 * value is the same text, and an error where a policy would silently hide rows.
 */
export const SESSION = `SET datestyle = ISO;
SET intervalstyle = postgres;
SET extra_float_digits = 3;
SET row_security = off;
SET client_min_messages = warning;`

/** A temporary table about a table. By a digest of its name: PostgreSQL cuts names at 63 bytes without a word. */
export function temporary(what: 'missing' | 'chosen' | 'row', table: string): string {
  return `pg_temp.${what}_${createHash('sha256').update(`${table}`).digest('hex').slice(0, 12)}`
}
