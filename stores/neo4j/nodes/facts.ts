import type { Neo4jStore } from '../../../lib/target.ts'
import type { Candidate } from '../../backups.ts'
import { type Base, staging } from '../../base.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../facts.ts'
import type { Key } from '../graph.ts'
import type { Wanted } from './carry.ts'

/** Nodes of a label that belong to the rows of a table; `ids` is the file with the keys of those that came back. */
export interface NodeKind extends Wanted {
  /** The relation in the configuration. */
  name: string
  table: string
  /** The column that is the property of the node. */
  column: string
}

/** A graph with nodes that belong to rows, and what is needed to bring them back. */
export interface NodesWork extends Neo4jBase, Neo4jAssessed, Neo4jChosen {
  kinds: NodeKind[]
  /** What tells nodes apart, in the backup and in the live graph. */
  keys: Key[]
}

/** A Neo4j with what was seen of it. */
export interface SeenNeo4j {
  store: Neo4jStore
  keys: Key[]
  candidates: Candidate[]
}

/** Ids of the rows that came back, one a line. */
export function nodeIdsFile(f: Base, name: string): string {
  return `${staging(f.run)}/${name}-nodes.txt`
}

/** The nodes that come back. It stays with the incident: an undo deletes exactly these. */
export function nodesFile(f: Neo4jBase): string {
  return `${f.run.folder}/${f.store.name}-nodes.jsonl`
}
