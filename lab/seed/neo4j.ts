import type { Neo4j } from '../platform/neo4j.ts'
import { terms } from '../platform/terms.ts'
import { bar } from '../progress.ts'
import { batches } from './batches.ts'
import { type Dataset, variantName } from './dataset.ts'

const CONSTRAINTS = [
  'CREATE CONSTRAINT package_version FOR (p:Package) REQUIRE (p.name, p.version) IS UNIQUE',
  'CREATE CONSTRAINT document_id FOR (d:Document) REQUIRE d.id IS UNIQUE',
  'CREATE CONSTRAINT chunk_id FOR (c:Chunk) REQUIRE c.id IS UNIQUE',
  'CREATE CONSTRAINT term_text FOR (t:Term) REQUIRE t.text IS UNIQUE',
  'CREATE INDEX document_title FOR (d:Document) ON (d.title)',
]

/**
 * (:Package)-[:DEPENDS_ON {range}]->(:Package), (:Document)-[:DESCRIBES]->(:Package),
 * (:Chunk)-[:PART_OF]->(:Document) and (:Chunk)-[:MENTIONS {count}]->(:Term). Expects an empty graph.
 */
export async function seedNeo4j(neo4j: Neo4j, dataset: Dataset): Promise<void> {
  for (const statement of CONSTRAINTS) await neo4j.run(statement)
  await neo4j.run('CALL db.awaitIndexes(120)')
  const { packages, dependencies, documents, chunks } = dataset.counts
  await load(neo4j, 'packages', packages, packageRows(dataset), 1000, PACKAGES)
  await load(neo4j, 'dependencies', dependencies, dependencyRows(dataset), 1000, DEPENDENCIES)
  await load(neo4j, 'documents', documents, documentRows(dataset), 1000, DOCUMENTS)
  await load(neo4j, 'chunks', chunks, chunkRows(dataset), 500, CHUNKS)
}

const PACKAGES = `UNWIND $rows AS row
  CREATE (:Package {name: row.name, version: row.version, license: row.license, description: row.description})`

const DEPENDENCIES = `UNWIND $rows AS row
  MATCH (a:Package {name: row.name, version: row.version}), (b:Package {name: row.to, version: row.toVersion})
  CREATE (a)-[:DEPENDS_ON {range: row.range}]->(b)`

const DOCUMENTS = `UNWIND $rows AS row
  MATCH (p:Package {name: row.package, version: row.version})
  CREATE (:Document {id: row.id, title: row.title, created_at: datetime(row.createdAt)})-[:DESCRIBES]->(p)`

const CHUNKS = `UNWIND $rows AS row
  MATCH (d:Document {id: row.document})
  CREATE (c:Chunk {id: row.id, ord: row.ord, text: row.text})-[:PART_OF]->(d)
  WITH c, row UNWIND row.terms AS term
  MERGE (t:Term {text: term.text})
  CREATE (c)-[:MENTIONS {count: term.count}]->(t)`

function* packageRows(dataset: Dataset) {
  for (const { name, version, license, description } of dataset.packages()) {
    yield { name, version, license, description }
  }
}

function* dependencyRows(dataset: Dataset) {
  for (const { name, version, dependencies, variant } of dataset.packages()) {
    for (const to of dependencies) {
      yield { name, version, to: variantName(to.name, variant), toVersion: to.version, range: to.range }
    }
  }
}

function* documentRows(dataset: Dataset) {
  for (const { id, package: name, version, title, createdAt } of dataset.documents()) {
    yield { id, package: name, version, title, createdAt }
  }
}

function* chunkRows(dataset: Dataset) {
  for (const { id, ord, document, text } of dataset.chunks()) {
    yield { id, ord, text, document: document.id, terms: terms(text) }
  }
}

async function load(
  neo4j: Neo4j,
  title: string,
  total: number,
  rows: Iterable<object>,
  size: number,
  statement: string,
): Promise<void> {
  const progress = bar(`neo4j ${title}`, total, 'rows')
  for (const batch of batches(rows, size)) {
    await neo4j.run(statement, { rows: batch })
    progress.add(batch.length)
  }
  progress.done()
}
