import { staging } from '../../base.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../facts.ts'
import type { Replacing } from '../where.ts'
import type { Catalogue, ForeignKey } from './catalogue.ts'
import type { Wanted } from './choice.ts'
import type { CopySql } from './copy.ts'
import type { Missing } from './missing.ts'
import type { Weighed } from './weigh.ts'

/** A backup that was held against the live database. */
export interface Searched {
  /** Id of the set. */
  name: string
  /** Id of its member. */
  backup: string
  missing: Missing
}

/** What the search has found, newest set first. */
export interface Found {
  catalogue: Catalogue
  searched: Searched[]
}

/** What is brought back, and how. */
export interface RowsChosen extends PostgresChosen, Replacing {
  wanted: Wanted[]
  /** Tables that are written to: those that are wanted, and those with rows that depend on them. */
  tables: string[]
  sql: CopySql
}

export type RowsBase = PostgresBase & PostgresAssessed & Found & RowsChosen
export type RowsWeighed = RowsBase & { weighed: Weighed }

/** Rows that are missing, over all tables. */
export function missingIn({ missing }: Pick<Searched, 'missing'>): number {
  return missing.tables.reduce((sum, table) => sum + table.missing, 0)
}

/** Tables whose missing rows may depend on the wanted ones. */
export function involved(
  foreignKeys: readonly ForeignKey[],
  lost: readonly string[],
  wanted: readonly Wanted[],
): string[] {
  const names = new Set(wanted.map(({ table }) => table))
  // A Set visits what is added while it is walked.
  for (const name of names) {
    for (const { child, parent } of foreignKeys) if (parent === name && lost.includes(child)) names.add(child)
  }
  return [...names].sort()
}

/** Keys of the missing rows, and the wanted rows themselves, while they are on their way. */
export function onTheWay(f: PostgresBase, what: 'keys' | 'wanted'): string {
  return `${staging(f.run)}/${f.store.name}-${what}.sql`
}

/** The rows that come back. It stays with the incident: an undo deletes exactly these. */
export function comingFile(f: PostgresBase): string {
  return `${f.run.folder}/${f.store.name}-rows.sql`
}
