import { connectNeo4j, type Neo4j, type Row } from './platform/neo4j.ts'
import { terms } from './platform/terms.ts'
import { batches } from './seed/batches.ts'
import type { Corpus } from './seed/corpus.ts'
import { type Dataset, makeDataset, variantName } from './seed/dataset.ts'
import { type LabTarget, settingsOf } from './target.ts'

/** What own reads over HTTP show of one part of the graph, compared with the data it was seeded with. */
export interface PartFinding {
  part: string
  /** Seeded things: as they were, gone, or with another content. */
  intact: number
  missing: number
  changed: number
}

export interface GraphFinding {
  nodes: number
  relationships: number
  parts: PartFinding[]
  /** Constraints and indexes of one's own that are there and online. */
  schema: string[]
}

/** Chunks at a time: all of an ordinary ground. */
const BATCH = 5000
/** What the seed has made; the lookup indexes come with every database. */
const SCHEMA = ['chunk_id', 'document_id', 'document_title', 'package_version', 'term_text']

/**
 * Compares every seeded node and relationship with the data of the seed: the drill's own judgement, which
 * shares no code with the tool that it judges. Throws StoreError when Neo4j is away.
 */
export async function lookAtNeo4j(target: LabTarget, corpus: Corpus, scale = 1): Promise<GraphFinding> {
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  const dataset = makeDataset(corpus, scale)
  const [nodes] = await read(neo4j, 'MATCH (n) RETURN count(n) AS n')
  const [relationships] = await read(neo4j, 'MATCH ()-[r]->() RETURN count(r) AS n')
  return {
    nodes: Number(nodes?.n),
    relationships: Number(relationships?.n),
    parts: [
      judge('packages', packages(dataset), await read(neo4j, PACKAGES)),
      judge('documents', documents(dataset), await read(neo4j, DOCUMENTS)),
      await judgeChunks(neo4j, dataset),
    ],
    schema: await schema(neo4j),
  }
}

/** True when every seeded node and relationship is as it was, and the schema too. */
export function isWholeGraph({ parts, schema }: GraphFinding): boolean {
  return parts.every(part => part.missing + part.changed === 0) && SCHEMA.every(name => schema.includes(name))
}

/** One line for people. */
export function describeGraph({ nodes, relationships, parts, schema }: GraphFinding): string {
  const told = parts.map(({ part, intact, missing, changed }) => {
    const bad = [missing > 0 ? `${missing} missing` : '', changed > 0 ? `${changed} changed` : ''].filter(
      Boolean,
    )
    return `${intact} ${part}${bad.length > 0 ? ` (${bad.join(', ')})` : ''}`
  })
  const lost = SCHEMA.filter(name => !schema.includes(name))
  return `${nodes} nodes, ${relationships} relationships; as seeded: ${told.join(', ')}; schema lost: ${lost.join(', ') || 'nothing'}`
}

/** A thing of the seed under its key, and all that a row of the graph must say of it, relationships included. */
interface Expected {
  key: string | number
  content: unknown[]
}

// The three queries are as plain as they can be: a server that has just started spends its time on planning them.
const PACKAGES = `MATCH (p:Package) OPTIONAL MATCH (p)-[d:DEPENDS_ON]->(q)
  RETURN p.name + '@' + p.version AS key, p.license, p.description,
    collect(q.name + '@' + q.version + ' ' + d.range)`

function* packages(dataset: Dataset): Generator<Expected> {
  for (const { name, version, license, description, dependencies, variant } of dataset.packages()) {
    const wanted = dependencies.map(to => `${variantName(to.name, variant)}@${to.version} ${to.range}`)
    yield { key: `${name}@${version}`, content: [license, description, wanted] }
  }
}

const DOCUMENTS = `MATCH (d:Document)-[:DESCRIBES]->(p:Package)
  RETURN d.id AS key, d.title, d.created_at.epochMillis, p.name + '@' + p.version`

function* documents(dataset: Dataset): Generator<Expected> {
  for (const { id, title, createdAt, package: name, version } of dataset.documents())
    yield { key: id, content: [title, Date.parse(createdAt), `${name}@${version}`] }
}

const CHUNKS = `MATCH (c:Chunk)-[:PART_OF]->(d:Document) WHERE $first <= c.id <= $last
  OPTIONAL MATCH (c)-[m:MENTIONS]->(t:Term)
  RETURN c.id AS key, c.ord, c.text, d.id, collect(t.text + ' ' + m.count)`

function* chunks(dataset: Dataset): Generator<Expected> {
  for (const { id, ord, text, document } of dataset.chunks()) {
    const words = terms(text).map(term => `${term.text} ${term.count}`)
    yield { key: id, content: [ord, text, document.id, words] }
  }
}

async function judgeChunks(neo4j: Neo4j, dataset: Dataset): Promise<PartFinding> {
  const all: PartFinding = { part: 'chunks', intact: 0, missing: 0, changed: 0 }
  for (const batch of batches(chunks(dataset), BATCH)) {
    const range = { first: batch[0]?.key, last: batch.at(-1)?.key }
    const { intact, missing, changed } = judge('chunks', batch, await read(neo4j, CHUNKS, range))
    all.intact += intact
    all.missing += missing
    all.changed += changed
  }
  return all
}

function judge(part: string, expected: Iterable<Expected>, found: readonly Row[]): PartFinding {
  const finding: PartFinding = { part, intact: 0, missing: 0, changed: 0 }
  const byKey = new Map<unknown, string[]>()
  for (const { key, ...content } of found)
    byKey.set(key, [...(byKey.get(key) ?? []), written(Object.values(content))])
  for (const { key, content } of expected) {
    const seen = byKey.get(key)
    if (seen === undefined) finding.missing++
    else if (seen.length === 1 && seen[0] === written(content)) finding.intact++
    else finding.changed++
  }
  return finding
}

/** A list of relationships has no order of its own. */
function written(content: unknown): string {
  return JSON.stringify(content, (_, value) =>
    Array.isArray(value) && value !== content ? value.map(String).sort() : value,
  )
}

async function schema(neo4j: Neo4j): Promise<string[]> {
  const rows = await read(neo4j, "SHOW INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name")
  const online = rows.map(row => String(row.name))
  const constraints = await read(neo4j, 'SHOW CONSTRAINTS YIELD name RETURN name')
  const names = constraints.map(row => String(row.name))
  // An index of a constraint can outlive it only as a mistake.
  return online.filter(name => name === 'document_title' || names.includes(name)).sort()
}

function read(neo4j: Neo4j, statement: string, parameters: Record<string, unknown> = {}): Promise<Row[]> {
  return neo4j.run(statement, parameters, 'read')
}
