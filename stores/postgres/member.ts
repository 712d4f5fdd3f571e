import { count, plural } from '../../lib/format.ts'
import { listOf, memberSchema, object, type SuccessMember, text, whole } from '../member.ts'
import { type Properties, propertiesSchema } from './properties.ts'

/** What a backup of a PostgreSQL database holds: counted in the archive itself, not in the live database. */
export interface PostgresMember extends SuccessMember {
  kind: 'postgres'
  /** Name of the database that was dumped. */
  database: string
  /** Encoding, locale, owner, settings, privileges: what an archive does not bring back by itself. */
  properties: Properties
  /** Roles that own something in it or have a privilege on it. */
  roles: string[]
  extensions: Extension[]
  /** What the database took in its volume. */
  database_bytes: number
  tables: Table[]
  sequences: SequenceValue[]
  /** A digest of the definition of every object: "TABLE public.documents" → digest. */
  objects: Record<string, string>
  large_objects: number
  foreign_keys: number
  /** Seconds that reading all of the archive took when it was proven; basis of estimates. */
  prove_seconds: number
}

export interface Extension {
  name: string
  version: string
}

export interface Table {
  /** With its schema, quoted as SQL has it. */
  name: string
  rows: number
  /** Over all rows, in any order. */
  fingerprint: string
}

export interface SequenceValue {
  name: string
  /** Last value, and whether it has been used: "711 true". */
  value: string
}

const texts = { type: 'array', items: text }

export const postgresMember = memberSchema('postgres', {
  database: text,
  properties: propertiesSchema,
  roles: texts,
  extensions: listOf({ name: text, version: text }),
  database_bytes: whole,
  tables: listOf({ name: text, rows: whole, fingerprint: text }),
  sequences: listOf({ name: text, value: text }),
  objects: { ...object({}), additionalProperties: text },
  large_objects: whole,
  foreign_keys: whole,
  prove_seconds: { type: 'number', minimum: 0 },
})

export function contentsPostgres({ tables }: PostgresMember): string {
  return `${plural(tables.length, 'table')}, ${count(rowsOf(tables))} rows`
}

/** Why nothing can be recovered from it; undefined when something can. */
export function emptyPostgres({ tables }: PostgresMember): string | undefined {
  if (tables.length === 0) return 'it holds no tables'
  return rowsOf(tables) === 0 ? 'it holds no rows' : undefined
}

export function rowsOf(tables: readonly { rows: number }[]): number {
  return tables.reduce((sum, table) => sum + table.rows, 0)
}
