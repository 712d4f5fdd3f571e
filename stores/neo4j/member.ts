import { plural } from '../../lib/format.ts'
import { listOf, memberSchema, name, type SuccessMember, text, whole } from '../member.ts'
import type { Constraint, Index, Key } from './graph.ts'

/** What a backup of Neo4j holds: read in a throw-away server that runs on the dumps themselves. */
export interface Neo4jMember extends SuccessMember {
  kind: 'neo4j'
  database: string
  nodes: number
  relationships: number
  /** Nodes without any relationship; older backups do not say. */
  isolated?: number
  /** Nodes per label, relationships per type. */
  labels: Record<string, number>
  types: Record<string, number>
  /** `count:digest` over all nodes and all relationships; see stores/neo4j/content.ts. */
  content: { nodes: string; relationships: string }
  /** What told the ends of relationships apart in that digest. */
  keys: Key[]
  indexes: Index[]
  constraints: Constraint[]
  users: string[]
  /**
   * Rows that had no node when the backup was taken, per relation, and wrong relationships per edge (`relation/edge`);
   * older backups do not say.
   */
  gaps?: Record<string, number>
  /** What store and transaction logs take once they are loaded. */
  store_bytes: number
  /** Seconds that loading and checking took, and reading everything; basis of estimates. */
  load_seconds: number
  read_seconds: number
  /** How long Neo4j was away for the dump. */
  downtime_seconds: number
}

const counts = { type: 'object', additionalProperties: whole }
const seconds = { type: 'number', minimum: 0 }
/** Statements of a manifest are run one day: nothing but what makes an index or a constraint. */
const create = { type: 'string', pattern: '^CREATE [A-Z ]*(INDEX|CONSTRAINT) [^;]*$' }

export const neo4jMember = memberSchema(
  'neo4j',
  {
    database: name,
    nodes: whole,
    relationships: whole,
    isolated: whole,
    labels: counts,
    types: counts,
    content: {
      type: 'object',
      properties: { nodes: text, relationships: text },
      required: ['nodes', 'relationships'],
      additionalProperties: false,
    },
    keys: listOf({ label: text, properties: { type: 'array', items: text } }),
    indexes: listOf({ name: text, state: text, create, constraint: { type: ['string', 'null'] } }),
    constraints: listOf({ name: text, create }),
    users: { type: 'array', items: text },
    gaps: counts,
    store_bytes: whole,
    load_seconds: seconds,
    read_seconds: seconds,
    downtime_seconds: seconds,
  },
  ['gaps', 'isolated'],
)

/** "14,765 nodes, 119,418 relationships". */
export function contentsNeo4j({
  nodes,
  relationships,
}: Pick<Neo4jMember, 'nodes' | 'relationships'>): string {
  return `${plural(nodes, 'node')}, ${plural(relationships, 'relationship')}`
}

/** Why nothing can be recovered from it; undefined when something can. */
export function emptyNeo4j({ nodes }: Neo4jMember): string | undefined {
  return nodes === 0 ? 'it holds no nodes' : undefined
}

/** Bytes where Neo4j runs: once loaded beside the old store, once unpacked for the check, and the dump itself. */
export function roomForNeo4j({ store_bytes, size_bytes }: Pick<Neo4jMember, 'store_bytes' | 'size_bytes'>) {
  return 2.2 * store_bytes + size_bytes
}
