import { memberSchema, type SuccessMember } from '../member.ts'

/** What a backup of a PostgreSQL database holds: counted in the archive itself. */
export interface PostgresMember extends SuccessMember {
  kind: 'postgres'
}

export const postgresMember = memberSchema('postgres', {})

export function contentsPostgres(_: PostgresMember): string {
  return ''
}

/** Why nothing can be recovered from it; undefined when something can. */
export function emptyPostgres(_: PostgresMember): string | undefined {
  return undefined
}
