import { createInterface } from 'node:readline'
import { embed } from './embedding.ts'
import { pointOf } from './learning-engine.ts'
import { DOCUMENTS } from './qdrant.ts'
import type { Settings } from './settings.ts'
import { reason } from './store-error.ts'
import { connectStores, type Stores } from './stores.ts'
import { terms } from './terms.ts'

const BATCH = 256

/** A chunk with its document, as the rows have them. */
interface Row {
  id: string
  document: string
  package: string
  version: string
  title: string
  ord: number
  text: string
  created_at: Date
}

type Again = (stores: Stores, rows: readonly Row[]) => Promise<void>

/** What can be made again from rows: points of chunks, nodes of chunks, nodes of documents. */
const KINDS: Record<string, { of: 'c.id' | 'd.id'; make: Again }> = {
  points: { of: 'c.id', make: ({ qdrant }, rows) => qdrant.upsert(DOCUMENTS, rows.map(pointOf)) },
  chunks: { of: 'c.id', make: chunkNodes },
  documents: { of: 'd.id', make: documentNodes },
}

/**
 * Makes again what belongs to rows: keys on stdin, one a line. The same row gives the same point and the same node,
 * and what is there is left as it is.
 */
export async function reindex(settings: Settings, kind = ''): Promise<void> {
  const { of, make } = KINDS[kind] ?? {}
  if (!of || !make) throw new Error(`reindex makes ${Object.keys(KINDS).join(', ')}, not "${kind}"`)
  await forKeys(settings, `the ${kind} could not be made again`, async (stores, keys) => {
    const rows = await rowsOf(stores, of, keys)
    if (rows.length > 0) await make(stores, rows)
  })
}

/** Prints the vectors that chunks should have, one JSON a line: keys on stdin, one a line. Writes nothing. */
export async function embedRows(settings: Settings): Promise<void> {
  await forKeys(settings, 'the vectors could not be computed', async (stores, keys) => {
    for (const { id, text } of await rowsOf(stores, 'c.id', keys))
      process.stdout.write(`${JSON.stringify({ key: id, vector: embed(text) })}\n`)
  })
}

type Work = (stores: Stores, keys: readonly string[]) => Promise<void>

/** Does something with the keys on stdin, a batch at a time. */
async function forKeys(settings: Settings, otherwise: string, work: Work): Promise<void> {
  const stores = connectStores(settings, 'reindex')
  try {
    let keys: string[] = []
    for await (const line of createInterface({ input: process.stdin })) {
      if (line.trim() !== '') keys.push(line.trim())
      if (keys.length < BATCH) continue
      await work(stores, keys)
      keys = []
    }
    if (keys.length > 0) await work(stores, keys)
  } catch (error) {
    console.error(`${otherwise}: ${reason(error)}`)
    process.exitCode = 1
  } finally {
    await stores.postgres.close()
  }
}

async function rowsOf({ postgres }: Stores, of: string, keys: readonly string[]): Promise<Row[]> {
  return postgres.query<Row>(
    `SELECT c.id, d.id AS document, d.package, d.version, d.title, c.ord, c.text, c.created_at
     FROM chunks c JOIN documents d ON d.id = c.document_id WHERE ${of} = ANY($1::bigint[])`,
    [keys],
  )
}

const DOCUMENT = `UNWIND $rows AS row
  MERGE (d:Document {id: row.document})
  ON CREATE SET d.title = row.title, d.created_at = datetime(row.createdAt)
  WITH d, row OPTIONAL MATCH (p:Package {name: row.package, version: row.version})
  FOREACH (there IN CASE WHEN p IS NULL THEN [] ELSE [p] END | MERGE (d)-[:DESCRIBES]->(there))`

const CHUNK = `UNWIND $rows AS row
  MATCH (d:Document {id: row.document})
  MERGE (c:Chunk {id: row.id}) ON CREATE SET c.ord = row.ord, c.text = row.text
  MERGE (c)-[:PART_OF]->(d)
  WITH c, row UNWIND row.terms AS term
  MERGE (t:Term {text: term.text})
  MERGE (c)-[m:MENTIONS]->(t) ON CREATE SET m.count = term.count`

/** A document is as old as its first chunk. */
async function documentNodes({ neo4j }: Stores, rows: readonly Row[]): Promise<void> {
  const first = new Map<string, Row>()
  for (const row of [...rows].sort((a, b) => b.ord - a.ord)) first.set(row.document, row)
  const nodes = [...first.values()].map(row => ({
    document: Number(row.document),
    title: row.title,
    package: row.package,
    version: row.version,
    createdAt: row.created_at.toISOString(),
  }))
  await neo4j.run(DOCUMENT, { rows: nodes })
}

async function chunkNodes(stores: Stores, rows: readonly Row[]): Promise<void> {
  const documents = [...new Set(rows.map(({ document }) => document))]
  await documentNodes(stores, await rowsOf(stores, 'd.id', documents))
  const nodes = rows.map(({ id, document, ord, text }) => ({
    id: Number(id),
    document: Number(document),
    ord,
    text,
    terms: terms(text),
  }))
  await stores.neo4j.run(CHUNK, { rows: nodes })
}
