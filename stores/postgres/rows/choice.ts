import type { MissingRows } from './missing.ts'

/** Rows of one table that a person wants back: all that are missing, or those with these keys. */
export interface Wanted {
  table: string
  keys: string[] | null
}

/**
 * Reads "all", "documents", "documents:12,13 feedback" and the like; a name without its schema is enough when
 * only one table has it. Gives the reason when it cannot be read.
 */
export function readChoice(answer: string, tables: readonly MissingRows[]): Wanted[] | string {
  const gone = tables.filter(({ missing }) => missing > 0)
  if (answer.trim() === 'all') return gone.map(({ table }) => ({ table, keys: null }))
  const words = answer.trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return 'say "all", or tables such as documents or documents:12,13'
  const wanted: Wanted[] = []
  for (const word of words) {
    const [name = '', keys] = word.split(':', 2)
    const fitting = gone.filter(({ table }) => table === name || table.split('.').at(-1) === name)
    if (fitting.length === 0)
      return `no row of ${name.slice(0, 60)} is missing; rows are missing of ${named(gone)}`
    if (fitting.length > 1) return `${name} is several tables: ${named(fitting)}`
    if (keys === '') return `${word} names no key after its colon`
    const [{ table, key }] = fitting as [MissingRows]
    if (keys !== undefined && key.length !== 1)
      return `the key of ${table} is ${key.join(', ')}: rows of it cannot be named one by one, only the table`
    wanted.push({ table, keys: keys === undefined ? null : keys.split(',') })
  }
  return wanted
}

function named(tables: readonly MissingRows[]): string {
  return tables.map(({ table }) => table).join(', ')
}
