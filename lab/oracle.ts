import { connectQdrant, DOCUMENTS, type Point, type Qdrant } from './platform/qdrant.ts'
import { batches } from './seed/batches.ts'
import type { Corpus } from './seed/corpus.ts'
import { chunkPoints, makeDataset, packagePoints } from './seed/dataset.ts'
import { type LabTarget, settingsOf } from './target.ts'

/** What own reads over HTTP show of one collection, compared with the data it was seeded with. */
export interface Finding {
  collection: string
  /** The collection behind the name; the same as the name when it is no alias; undefined when there is none. */
  physical: string | undefined
  /** Exact count as Qdrant gives it. */
  count: number
  /** Seeded points: intact, gone, with another vector, with another payload, not readable at all. */
  intact: number
  missing: number
  wrongVectors: number
  wrongPayloads: number
  unreadable: number
  /** Payload fields that have an index. */
  indexes: string[]
  /** Best score of fifty searches with the vectors of seeded points: 1 when all is well; undefined when one fails. */
  bestScore: number | undefined
}

interface Stored {
  id: number | string
  vector: number[]
  payload: Record<string, unknown> | null
}

/** A request of this many points fails as a whole when one of them cannot be read. */
const BATCH = 128

/** So many that their words together fall on most dimensions, wherever a vector is damaged. */
const PROBES = 50

/** From this many unreadable points on, whole requests are counted instead of single points. */
const UNREADABLE_ENOUGH = 50

/**
 * Reads every seeded point of a collection and compares it with the data of the seed: the drill's own
 * judgement, which shares no code with the tool that it judges. Throws StoreError when Qdrant is away.
 */
export async function look(
  target: LabTarget,
  collection: string,
  corpus: Corpus,
  scale = 1,
): Promise<Finding> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const dataset = makeDataset(corpus, scale)
  const expected = collection === DOCUMENTS ? chunkPoints(dataset) : packagePoints(dataset)
  const physical = await physicalName(qdrant, collection)
  const finding: Finding = { ...NOTHING, collection, physical }
  if (physical === undefined) return { ...finding, missing: [...expected].length }
  const info = (await qdrant.call('GET', `/collections/${physical}`)) as { payload_schema?: object }
  finding.indexes = Object.keys(info.payload_schema ?? {}).sort()
  finding.count = await qdrant.count(physical)
  const probes: Point[] = []
  for (const batch of batches(expected, BATCH)) {
    probes.push(...batch.slice(0, PROBES - probes.length))
    await judge(qdrant, physical, batch, finding)
  }
  finding.bestScore = await bestScore(qdrant, physical, probes)
  return finding
}

/** True when every seeded point is there with its vector and its payload. */
export function isIntact(finding: Finding): boolean {
  const { missing, wrongVectors, wrongPayloads, unreadable, physical } = finding
  return physical !== undefined && missing + wrongVectors + wrongPayloads + unreadable === 0
}

/** One line for people. */
export function describe(finding: Finding): string {
  const { collection, physical, count, intact, indexes, bestScore } = finding
  if (physical === undefined) return `${collection}: not there`
  const bad = (['missing', 'wrongVectors', 'wrongPayloads', 'unreadable'] as const)
    .filter(kind => finding[kind] > 0)
    .map(kind => `${finding[kind]} ${WORDS[kind]}`)
  const score = bestScore === undefined ? 'search fails' : `best score ${Number(bestScore.toPrecision(4))}`
  const name = physical === collection ? collection : `${collection} (${physical})`
  const parts = [
    `${count} points`,
    `${intact} of the seed intact`,
    ...bad,
    score,
    `indexes: ${indexes.join(', ') || 'none'}`,
  ]
  return `${name}: ${parts.join(', ')}`
}

const WORDS = {
  missing: 'missing',
  wrongVectors: 'with a wrong vector',
  wrongPayloads: 'with a wrong payload',
  unreadable: 'unreadable',
}

const NOTHING = {
  count: 0,
  intact: 0,
  missing: 0,
  wrongVectors: 0,
  wrongPayloads: 0,
  unreadable: 0,
  indexes: [] as string[],
  bestScore: undefined,
}

async function physicalName(qdrant: Qdrant, name: string): Promise<string | undefined> {
  const { aliases } = (await qdrant.call('GET', '/aliases')) as {
    aliases: { alias_name: string; collection_name: string }[]
  }
  const alias = aliases.find(each => each.alias_name === name)
  if (alias) return alias.collection_name
  const { collections } = (await qdrant.call('GET', '/collections')) as { collections: { name: string }[] }
  return collections.some(each => each.name === name) ? name : undefined
}

/** Compares a batch; when it cannot be read, halves it until the points at fault stand alone. */
async function judge(qdrant: Qdrant, collection: string, expected: readonly Point[], finding: Finding) {
  let stored: Stored[]
  try {
    stored = await read(qdrant, collection, expected)
  } catch {
    if (expected.length === 1 || finding.unreadable >= UNREADABLE_ENOUGH) {
      finding.unreadable += expected.length
      return
    }
    const middle = expected.length >> 1
    await judge(qdrant, collection, expected.slice(0, middle), finding)
    await judge(qdrant, collection, expected.slice(middle), finding)
    return
  }
  const byId = new Map(stored.map(point => [point.id, point]))
  for (const point of expected) finding[verdict(point, byId.get(point.id))]++
}

async function read(qdrant: Qdrant, collection: string, points: readonly Point[]): Promise<Stored[]> {
  const body = { ids: points.map(point => point.id), with_vector: true, with_payload: true }
  return (await qdrant.call('POST', `/collections/${collection}/points`, body)) as Stored[]
}

function verdict(expected: Point, stored: Stored | undefined) {
  if (!stored) return 'missing'
  if (!sameVector(expected.vector, stored.vector)) return 'wrongVectors'
  return samePayload(expected.payload, stored.payload) ? 'intact' : 'wrongPayloads'
}

/** Qdrant keeps 32-bit floats and normalises them again, so equal means equal to about six decimals. */
function sameVector(expected: readonly number[], stored: readonly number[]): boolean {
  if (!Array.isArray(stored) || stored.length !== expected.length) return false
  return expected.every((value, i) => Math.abs(value - (stored[i] ?? Number.NaN)) < 1e-4)
}

function samePayload(expected: Record<string, unknown>, stored: Record<string, unknown> | null): boolean {
  if (!stored || Object.keys(stored).length !== Object.keys(expected).length) return false
  return Object.entries(expected).every(([key, value]) => stored[key] === value)
}

async function bestScore(qdrant: Qdrant, collection: string, probes: readonly Point[]) {
  try {
    const answers = await Promise.all(probes.map(({ vector }) => qdrant.query(collection, vector, 1)))
    return Math.max(...answers.map(hits => hits[0]?.score ?? 0))
  } catch {
    return undefined
  }
}
