import { memberSchema, type SuccessMember } from '../member.ts'

/** What a backup of Neo4j holds. */
export interface Neo4jMember extends SuccessMember {
  kind: 'neo4j'
}

export const neo4jMember = memberSchema('neo4j', {})

export function contentsNeo4j(_: Neo4jMember): string {
  return ''
}

/** Why nothing can be recovered from it; undefined when something can. */
export function emptyNeo4j(_: Neo4jMember): string | undefined {
  return undefined
}
