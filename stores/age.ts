/** A writer puts a row first and its partner a moment later; a backup in between has only the row. */
const GRACE_MS = 60_000

/** From when on something is younger than a backup that began then; milliseconds. */
export function youngFrom(since: string): number {
  return Date.parse(since) - GRACE_MS
}

/**
 * A time in milliseconds: ISO 8601, as PostgreSQL prints it, as Neo4j does (with the name of a zone behind), or a number
 * of seconds or milliseconds. NaN when it is none.
 */
export function timeIn(value: unknown): number {
  if (typeof value === 'number') return value < 1e11 ? value * 1000 : value
  if (typeof value !== 'string') return Number.NaN
  if (/^\d+(\.\d+)?$/.test(value)) return timeIn(Number(value))
  const text = value
    .trim()
    .replace(/\[.*\]$/, '')
    .replace(' ', 'T')
  return Date.parse(text.replace(/([+-]\d\d)$/, '$1:00'))
}
