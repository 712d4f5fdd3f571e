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

const BATCH = 500
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
      await judge(neo4j, 'packages', packages(dataset), PACKAGES),
      await judge(neo4j, 'documents', documents(dataset), DOCUMENTS),
      await judge(neo4j, 'chunks', chunks(dataset), CHUNKS),
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

/** A thing of the seed under its key, and all that the graph must say of it, relationships included. */
interface Expected {
  key: string
  content: unknown
}

const PACKAGES = `UNWIND $keys AS key MATCH (p:Package) WHERE p.name + '@' + p.version = key
  RETURN key, [p.license, p.description,
    COLLECT { MATCH (p)-[d:DEPENDS_ON]->(q) WITH q.name + '@' + q.version + ' ' + d.range AS dep ORDER BY dep RETURN dep }] AS content`

function* packages(dataset: Dataset): Generator<Expected> {
  for (const { name, version, license, description, dependencies, variant } of dataset.packages()) {
    const wanted = dependencies.map(to => `${variantName(to.name, variant)}@${to.version} ${to.range}`)
    yield { key: `${name}@${version}`, content: [license, description, wanted.sort(byCodePoint)] }
  }
}

const DOCUMENTS = `UNWIND $keys AS key MATCH (d:Document {id: toInteger(key)})-[:DESCRIBES]->(p:Package)
  RETURN key, [d.title, d.created_at.epochMillis, p.name + '@' + p.version] AS content`

function* documents(dataset: Dataset): Generator<Expected> {
  for (const { id, title, createdAt, package: name, version } of dataset.documents())
    yield { key: String(id), content: [title, Date.parse(createdAt), `${name}@${version}`] }
}

const CHUNKS = `UNWIND $keys AS key MATCH (c:Chunk {id: toInteger(key)})-[:PART_OF]->(d:Document)
  RETURN key, [c.ord, c.text, d.id,
    COLLECT { MATCH (c)-[m:MENTIONS]->(t:Term) WITH t.text + ' ' + m.count AS term ORDER BY term RETURN term }] AS content`

function* chunks(dataset: Dataset): Generator<Expected> {
  for (const { id, ord, text, document } of dataset.chunks()) {
    const words = terms(text).map(term => `${term.text} ${term.count}`)
    yield { key: String(id), content: [ord, text, document.id, words.sort(byCodePoint)] }
  }
}

/** As Cypher orders strings: by code point, not by UTF-16 unit or locale. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

async function judge(
  neo4j: Neo4j,
  part: string,
  expected: Iterable<Expected>,
  query: string,
): Promise<PartFinding> {
  const finding: PartFinding = { part, intact: 0, missing: 0, changed: 0 }
  for (const batch of batches(expected, BATCH)) {
    const found = await read(neo4j, query, { keys: batch.map(({ key }) => key) })
    const byKey = new Map(found.map(row => [row.key, JSON.stringify(row.content)]))
    for (const { key, content } of batch) {
      const seen = byKey.get(key)
      if (seen === undefined) finding.missing++
      else if (seen === JSON.stringify(content)) finding.intact++
      else finding.changed++
    }
  }
  return finding
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
