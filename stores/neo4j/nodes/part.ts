import { named } from '../content.ts'
import { END, HEAD, type Key } from '../graph.ts'
import { endedEarly, parseDoubled, Records, type Value } from '../plain.ts'
import { doubled, expression, type Property, quoted, typed } from './values.ts'

/** A label and the properties of its uniqueness constraint: tells one node from every other. */
export type Identity = [label: string, key: Property[]]

export interface NodeLine {
  node: Identity
  labels: string[]
  properties: Property[]
}

export interface RelationshipLine {
  type: string
  properties: Property[]
  /** Null for an end that has no identity. */
  from: Identity | null
  to: Identity | null
}

/** A part of a graph, one thing after the other; equal things are equal as JSON. */
export type Line = NodeLine | RelationshipLine

export function isNode(line: Line): line is NodeLine {
  return 'node' in line
}

/** Things per statement: one with many thousands takes long to plan. */
export const PER_STATEMENT = 500

/** The session that tells these nodes and every relationship they have. */
export function partQuery(identities: readonly Identity[], keys: readonly Key[]): string {
  return (
    grouped(identities)
      .map(batch => statements(batch, keys))
      .join('') + END
  )
}

/** The session that tells which of these nodes there are: their places in the list. */
export function existQuery(identities: readonly Identity[]): string {
  const places = new Map(identities.map((identity, place) => [identity, place]))
  const asked = grouped(identities).map(batch => {
    const rows = batch.map(identity => `[${[places.get(identity), ...values(identity)].join(', ')}]`)
    return `UNWIND [${rows.join(', ')}] AS k MATCH ${pattern('n', batch[0]!, 'k', 1)} RETURN "there" AS ${HEAD}, k[0];\n`
  })
  return asked.join('') + END
}

/** The places that the answer of `existQuery` names. Throws a Problem when it was cut. */
export function readPlaces(answer: string): number[] {
  const places = [...answer.matchAll(/^"there", (\d+)$/gm)].map(([, place]) => Number(place))
  if (!/^"end"$/m.test(answer)) throw endedEarly()
  return places
}

/** In batches of one label and one key, because a statement has one pattern. */
export function grouped(identities: readonly Identity[]): Identity[][] {
  const groups = new Map<string, Identity[]>()
  for (const identity of identities) {
    const kind = kindOf(identity)
    const group = groups.get(kind) ?? []
    groups.set(kind, group)
    group.push(identity)
  }
  return [...groups.values()].flatMap(inBatches)
}

export function inBatches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / PER_STATEMENT) }, (_, index) =>
    all.slice(index * PER_STATEMENT, (index + 1) * PER_STATEMENT),
  )
}

export function kindOf([label, key]: Identity): string {
  return JSON.stringify([label, key.map(([name]) => name)])
}

/** Cypher of the values of a key. */
export function values([, key]: Identity): string[] {
  return key.map(([, value]) => expression(value))
}

/** `(n:Label {id: k[0]})`: the form for which the index of the constraint is used. */
export function pattern(variable: string, [label, key]: Identity, from: string, first = 0): string {
  const equal = key.map(([name], index) => `${named(name)}: ${from}[${index + first}]`)
  return `(${variable}:${named(label)} {${equal.join(', ')}})`
}

function statements(batch: readonly Identity[], keys: readonly Key[]): string {
  const rows = batch.map(identity => `[${values(identity).join(', ')}]`)
  const nodes = `UNWIND [${rows.join(', ')}] AS k MATCH ${pattern('n', batch[0]!, 'k')}`
  return `${nodes}
  RETURN "node" AS ${HEAD}, elementId(n) AS id, ${identityOf('n', keys)} AS node,
    COLLECT { UNWIND labels(n) AS l WITH l ORDER BY l RETURN ${doubled('l')} } AS labels, ${propertiesOf('n')} AS properties;
${nodes}-[r]-() WITH DISTINCT r, startNode(r) AS a, endNode(r) AS b
  RETURN "relationship" AS ${HEAD}, elementId(r) AS id, ${doubled('type(r)')} AS type, ${propertiesOf('r')} AS properties,
    ${identityOf('a', keys)} AS first, ${identityOf('b', keys)} AS second;
`
}

export function propertiesOf(of: string): string {
  return `COLLECT { UNWIND keys(${of}) AS p WITH p ORDER BY p RETURN [${doubled('p')}, ${typed(`${of}[p]`)}] }`
}

export function identityOf(node: string, keys: readonly Key[]): string {
  const whens = keys.map(({ label, properties }) => {
    const there = properties.map(property => `${node}.${named(property)} IS NOT NULL`)
    const told = properties.map(name => `[${asTold(name)}, ${typed(`${node}.${named(name)}`)}]`)
    return `WHEN ${node}:${named(label)} AND ${there.join(' AND ')} THEN [${asTold(label)}, [${told.join(', ')}]]`
  })
  return whens.length === 0 ? 'NULL' : `CASE ${whens.join(' ')} ELSE NULL END`
}

function asTold(name: string): string {
  return quoted(name.replaceAll('\\', '\\\\'))
}

/** Reads the answer of `partQuery` as it passes by; a thing that two statements tell is given once. */
export class PartReader {
  readonly #records = new Records(record => this.#take(record.toString('utf8')))
  readonly #seen = new Set<string>()
  readonly #give: (line: Line, id: string) => void
  #ended = false

  /** `id` is what the server calls a thing for now. */
  constructor(give: (line: Line, id: string) => void) {
    this.#give = give
  }

  add(chunk: Buffer): void {
    this.#records.add(chunk)
  }

  /** Throws a Problem when the answer was cut or cannot be read. */
  end(): void {
    this.#records.end()
    if (!this.#ended) throw endedEarly()
  }

  #take(record: string): void {
    if (record.startsWith('"head"')) return
    const [tag, id, ...rest] = parseDoubled(record)
    if (tag === 'end') this.#ended = true
    else if (!this.#seen.has(`${tag} ${id}`)) {
      this.#seen.add(`${tag} ${id}`)
      this.#give(tag === 'node' ? nodeOf(rest) : relationshipOf(rest), String(id))
    }
  }
}

function nodeOf([node, labels, properties]: Value[]): NodeLine {
  return { node: node as unknown as Identity, labels: labels as string[], properties: properties as never }
}

function relationshipOf([type, properties, from, to]: Value[]): RelationshipLine {
  return { type: type as string, properties: properties as never, from: from as never, to: to as never }
}
