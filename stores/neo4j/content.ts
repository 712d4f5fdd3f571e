import { ContentSum } from '../fingerprint.ts'
import { END, type Graph, GraphReader, HEAD, type Key, LOOK } from './graph.ts'
import { Records } from './plain.ts'

/** Everything a graph holds: figures and schema, and a digest of all nodes and all relationships. */
export interface Reading {
  graph: Graph
  /** `count:digest` over labels and properties of every node. */
  nodes: string
  /** The same over type, properties and both ends of every relationship. */
  relationships: string
}

/**
 * The session that reads a graph completely. Labels and property names are sorted by the server, ends are
 * told by their keys: nothing depends on internal ids or on the order of anything.
 */
export function contentQuery(keys: readonly Key[]): string {
  return `${LOOK}MATCH (n) RETURN "n" AS ${HEAD},
  COLLECT { UNWIND labels(n) AS l WITH l ORDER BY l RETURN l } AS labels, ${sorted('n')} AS properties;
MATCH (a)-[r]->(b) RETURN "r" AS ${HEAD}, type(r) AS type, ${sorted('r')} AS properties,
  ${identity('a', keys)} AS a, ${identity('b', keys)} AS b;
${END}`
}

function sorted(of: string): string {
  return `COLLECT { UNWIND keys(${of}) AS k WITH k ORDER BY k RETURN [k, ${of}[k]] }`
}

function identity(node: string, keys: readonly Key[]): string {
  const whens = keys.map(({ label, properties }) => {
    const values = properties.map(property => `${node}.${named(property)}`)
    return `WHEN ${node}:${named(label)} THEN [${[literal(label), ...values].join(', ')}]`
  })
  return whens.length === 0 ? sorted(node) : `CASE ${whens.join(' ')} ELSE ${sorted(node)} END`
}

/** A name as Cypher takes it whatever is in it. */
export function named(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

export function literal(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

const NODE = Buffer.from('"n", ')
const RELATIONSHIP = Buffer.from('"r", ')

/** Reads the answer of `contentQuery` as it passes by, in constant memory. */
export class ContentReader {
  readonly #nodes = new ContentSum()
  readonly #relationships = new ContentSum()
  readonly #graph = new GraphReader()
  readonly #records = new Records(record => this.#take(record))

  add(chunk: Buffer): void {
    this.#records.add(chunk)
  }

  /** Nodes and relationships so far. */
  get count(): number {
    return this.#nodes.count + this.#relationships.count
  }

  get keys(): readonly Key[] {
    return this.#graph.keys
  }

  /** How many there will be; known as soon as the first node comes. */
  get total(): number {
    const { nodes, relationships } = this.#graph.graph
    return nodes + relationships
  }

  /** Throws a Problem when the answer was cut or cannot be read. */
  end(): Reading {
    this.#records.end()
    this.#graph.end()
    return {
      graph: this.#graph.graph,
      nodes: this.#nodes.whole,
      relationships: this.#relationships.whole,
    }
  }

  #take(record: Buffer): void {
    if (record.subarray(0, NODE.length).equals(NODE)) this.#nodes.addBytes(record)
    else if (record.subarray(0, NODE.length).equals(RELATIONSHIP)) this.#relationships.addBytes(record)
    else this.#graph.add(record.toString('utf8'))
  }
}
