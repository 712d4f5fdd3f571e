import { createHash } from 'node:crypto'
import { embed } from '../platform/embedding.ts'
import { FIRST_NEW_ID } from '../platform/learning-engine.ts'
import type { Point } from '../platform/qdrant.ts'
import type { Corpus, CorpusPackage } from './corpus.ts'

export interface DocumentRow {
  id: number
  package: string
  version: string
  title: string
  createdAt: string
}

export interface ChunkRow {
  id: number
  document: DocumentRow
  ord: number
  text: string
  createdAt: string
}

export interface DatasetCounts {
  documents: number
  chunks: number
  packages: number
  dependencies: number
}

/** The corpus, `scale` times: variant 0 as it is, the others with shifted ids and other words. */
export interface Dataset {
  scale: number
  counts: DatasetCounts
  /** Changes when the data would: seeded stores carry it. */
  fingerprint: string
  documents(): Generator<DocumentRow>
  chunks(): Generator<ChunkRow>
  packages(): Generator<CorpusPackage & { variant: number }>
}

/** The first row is this old; each further one is a second younger, so time stamps are known beforehand. */
const EPOCH = Date.parse('2026-01-01T00:00:00Z')

export function makeDataset(corpus: Corpus, scale: number): Dataset {
  const perVariant = corpus.documents.reduce((sum, document) => sum + document.chunks.length, 0)
  const counts = {
    documents: corpus.documents.length * scale,
    chunks: perVariant * scale,
    packages: corpus.packages.length * scale,
    dependencies: corpus.packages.reduce((sum, each) => sum + each.dependencies.length, 0) * scale,
  }
  if (counts.chunks >= FIRST_NEW_ID) throw new RangeError(`scale ${scale} needs more ids than are free`)
  return {
    scale,
    counts,
    get fingerprint() {
      return fingerprint(corpus, scale)
    },
    *documents() {
      for (const { document } of walk(corpus, scale)) yield document
    },
    *chunks() {
      for (const { document, texts, firstChunk, variant } of walk(corpus, scale)) {
        for (const [ord, text] of texts.entries()) {
          const id = firstChunk + ord
          yield { id, document, ord, text: varied(text, variant), createdAt: time(id) }
        }
      }
    },
    *packages() {
      for (let variant = 0; variant < scale; variant++) {
        for (const each of corpus.packages) yield { ...each, name: variantName(each.name, variant), variant }
      }
    },
  }
}

/** Every document with its id and the id of its first chunk; both count from 1 through all variants. */
function* walk(corpus: Corpus, scale: number) {
  let id = 0
  let firstChunk = 1
  for (let variant = 0; variant < scale; variant++) {
    for (const source of corpus.documents) {
      id++
      const name = variantName(source.package, variant)
      const { version, title, chunks } = source
      const document: DocumentRow = { id, package: name, version, title, createdAt: time(firstChunk) }
      yield { document, texts: chunks, firstChunk, variant }
      firstChunk += chunks.length
    }
  }
}

function time(chunkId: number): string {
  return new Date(EPOCH + chunkId * 1000).toISOString()
}

export function variantName(name: string, variant: number): string {
  return variant === 0 ? name : `${name}-v${variant}`
}

/**
 * Every word is another one in each variant: where all say the same, the first ten hits of a question with a known answer
 * are ten copies of another passage, and the smoke tests of a platform of scale 60 fail.
 */
function varied(text: string, variant: number): string {
  return variant === 0 ? text : text.replace(/[A-Za-z0-9]{2,}/g, word => `${word}v${variant}`)
}

/** The point of a chunk in the collection of documents. */
export function chunkPoint({ id, document, ord, text, createdAt }: ChunkRow): Point {
  const { package: name, version, title } = document
  return {
    id,
    vector: embed(text),
    payload: { package: name, version, title, ord, text, created_at: createdAt },
  }
}

/** The point of a package version; its id is a UUID made from name and version. */
export function packagePoint({ name, version, description, license }: CorpusPackage): Point {
  return {
    id: uuid(`${name}@${version}`),
    vector: embed(`${name} ${description}`),
    payload: { name, version, description, license },
  }
}

export function* chunkPoints(dataset: Dataset): Generator<Point> {
  for (const row of dataset.chunks()) yield chunkPoint(row)
}

export function* packagePoints(dataset: Dataset): Generator<Point> {
  for (const each of dataset.packages()) yield packagePoint(each)
}

/** A name → a UUID of version 8 (RFC 9562: made from a hash of one's own choice). */
function uuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function fingerprint(corpus: Corpus, scale: number): string {
  const hash = createHash('sha256').update(JSON.stringify(corpus))
  if (scale > 1) hash.update(varied('a word', 1))
  return hash.digest('hex').slice(0, 16)
}
