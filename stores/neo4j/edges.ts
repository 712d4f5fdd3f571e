import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, ownCommand } from '../../lib/command.ts'
import type { Edge, NodeSide } from '../../lib/config-schema.ts'
import type { Neo4jStore, Target } from '../../lib/target.ts'
import { type EdgeLists, edgeLists, edgeRowsFile, mergeEdges } from '../edges.ts'
import { lineOf } from '../keys.ts'
import { relationsWith } from '../references.ts'
import { session } from './commands.ts'
import { named } from './content.ts'
import type { Neo4jBase } from './facts.ts'
import { END, HEAD } from './graph.ts'
import { keyIn, listRecords, type NodeRelation } from './references.ts'

/** One edge of one relation. */
export interface EdgeOf {
  /** "chunks/document": what it is called in reports, and in a manifest beside the names of relations. */
  name: string
  relation: NodeRelation
  edge: Edge
}

/** What tells the two ends of an edge. */
export type Ends = Pick<NodeSide, 'label' | 'property'> & { edge: Edge }

/** The edges whose nodes are in a store, as the configuration declares them. */
export function edgesIn(f: Neo4jBase): EdgeOf[] {
  return relationsWith(f, 'neo4j').flatMap(relation =>
    (relation.edges ?? []).map(edge => edgeOf(relation as NodeRelation, edge)),
  )
}

export function edgeOf(relation: NodeRelation, edge: Edge): EdgeOf {
  return { name: `${relation.name}/${edge.name}`, relation, edge }
}

/** Compares the listed foreign keys with the relationships (tools/graph.ts edges). */
export function compareEdges(
  target: Target,
  store: Neo4jStore,
  ends: Ends,
  rows: string,
  since: string,
  lists: EdgeLists,
): Command {
  const { missing, repointed, additional } = lists
  const words = ['edges', store.name, JSON.stringify(ends), rows, since, missing, repointed, additional]
  return ownCommand('graph', words, async (_, io) => {
    const listed = `${rows}.edges`
    const path = resolve(io.cwd, listed)
    try {
      await listRecords(session(target.runtime, store, edgesQuery(ends)), path, io, edgeLine)
      return `${JSON.stringify(await mergeEdges(rows, listed, since, lists, io))}\n`
    } finally {
      rmSync(path, { force: true })
    }
  })
}

/** The same for an edge of the configuration. */
export function compareEdge(f: Neo4jBase & { edge: EdgeOf }, since: string): Command {
  const { relation, edge } = f.edge
  const { name, neo4j } = relation
  const rows = edgeRowsFile(f, name, edge)
  return compareEdges(f.target, f.store, endsOf(neo4j, edge), rows, since, edgeLists(f, name, edge))
}

export function endsOf({ label, property }: NodeSide, edge: Edge): Ends {
  return { label, property, edge }
}

/** In the order of the index on the key. A node that has no such relationship is one record too. */
function edgesQuery({ label, property, edge }: Ends): string {
  const from = `a.${named(property)}`
  return `MATCH (a:${named(label)}) WHERE ${from} IS NOT NULL
OPTIONAL MATCH ${arrow(edge, 'a', 'b')}
WITH ${from} AS one, b.${named(edge.property)} AS other ORDER BY one RETURN "edge" AS ${HEAD}, other, one;
${END}`
}

/** `(a)-[r:TYPE]->(b:Label)`; with a name for the relationship. */
export function arrow(edge: Edge, from: string, to: string): string {
  const [before, behind] = edge.direction === 'in' ? ['<-', '-'] : ['-', '->']
  return `(${from})${before}[r:${named(edge.type)}]${behind}(${to}:${named(edge.label)})`
}

/** Both keys of a record as a line; undefined for a header and for the end. */
export function edgeLine(record: string): string | undefined {
  const [, other, one] = EDGE.exec(record.trimEnd()) ?? []
  if (other === undefined || one === undefined) return undefined
  return other === 'NULL' ? `${lineOf(keyIn(one))}\t\\N` : lineOf(keyIn(one), keyIn(other))
}

/** A text ends at a quote with no backslash before it. */
const EDGE = /^"edge", (NULL|-?[\d.E]+|"(?:\\"|[^"])*"), ([\s\S]*)$/
