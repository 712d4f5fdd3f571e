import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import { LineFile, linesOf, privateFile } from '../../lib/data-files.ts'
import { Problem } from '../../lib/problem.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { SeenContents, sameValue, sampledRows } from '../content.ts'
import { type How, howWords } from '../references.ts'
import { alike, located, type TracedVector, tellWrong, type Vectors } from '../vectors.ts'
import { batches, idOf } from './carry.ts'
import { type Access, encode, parsePoints, result } from './client.ts'
import type { Point } from './fingerprint.ts'
import { keyIn } from './references.ts'

/** Points per request; with vectors of 384 dimensions a quarter of a megabyte. */
const BATCH = 64
const SAMPLES = 5
/** Of so many wrong vectors it is looked for where the right one is; the others are listed. */
const TRACED = 1000

/** Compares fields of payloads with the rows of a sample (tools/points.ts content). */
export function comparePayloads(
  store: QdrantStore,
  collection: string,
  rows: string,
  fields: readonly string[],
  different: string,
  how: How,
): Command {
  const words = [collection, rows, JSON.stringify(fields), different, ...howWords(how)]
  return own(store, 'content', words, async (access, io) => {
    const seen = new SeenContents(resolve(io.cwd, different))
    for await (const batch of sampledRows(rows, io, parsePoints, BATCH)) {
      const points = await pointsOfKeys(
        access,
        collection,
        batch.map(({ key }) => key),
        how,
        { with_payload: fieldsWith(fields, how), with_vector: false },
      )
      for (const { key, values } of batch) {
        const differ = (points.get(key) ?? []).map(({ payload }) =>
          fields.filter((field, at) => !sameValue(values[at], valueIn(payload, field))),
        )
        seen.add(key, points.has(key) ? [...new Set(differ.flat())] : undefined)
      }
    }
    return seen.end()
  })
}

function valueIn(payload: unknown, field: string): unknown {
  return (payload as Record<string, unknown> | null)?.[field]
}

/**
 * Compares stored vectors with those that the platform gave (tools/points.ts vectors): `keys` are the rows it was asked
 * for, `given` its answers, one JSON a line. A wrong vector and the place of the right one are both listed.
 */
export function compareVectors(
  store: QdrantStore,
  collection: string,
  keys: string,
  given: string,
  different: string,
  how: How,
): Command {
  return own(store, 'vectors', [collection, keys, given, different, ...howWords(how)], async (access, io) => {
    const found: Vectors = {
      keys: await count(resolve(io.cwd, keys)),
      given: 0,
      compared: 0,
      different: 0,
      samples: [],
    }
    const list = new LineFile(resolve(io.cwd, different))
    const wrong: WrongPoint[] = []
    for await (const batch of givenIn(resolve(io.cwd, given))) {
      found.given += batch.length
      const points = await pointsOfKeys(
        access,
        collection,
        batch.map(({ key }) => key),
        how,
        { with_payload: fieldsWith([], how), with_vector: true },
      )
      for (const { key, vector } of batch) {
        const there = points.get(key) ?? []
        found.compared += there.length
        const bad = there.filter(point => !alike(point.vector, vector))
        found.different += bad.length
        if (bad.length > 0) list.add(key)
        for (const { id, vector: stored } of bad.slice(0, TRACED - wrong.length))
          wrong.push({ id: String(id), stored, right: vector })
      }
    }
    const traced = located(await trace(access, collection, wrong))
    // Where the right one was found stands a wrong one most likely; only ids that are keys can be made again.
    const listed = new Set(wrong.map(({ id }) => id))
    if (how.field === undefined)
      for (const { at } of traced) if (at !== undefined && !listed.has(at)) list.add(at)
    list.end()
    return { ...found, samples: tellWrong(traced, SAMPLES) }
  })
}

/** A point with another vector than the right one, which is that of its row. */
interface WrongPoint {
  id: string
  stored: unknown
  right: unknown
}

/** Where the right vectors are: among the wrong ones first, as a search of Qdrant is approximate and may miss those. */
async function trace(
  access: Access,
  collection: string,
  wrong: readonly WrongPoint[],
): Promise<TracedVector[]> {
  const traced: TracedVector[] = []
  for (const { id, right } of wrong) {
    const amongThem = wrong.filter(({ stored }) => alike(stored, right)).map(one => one.id)
    traced.push({ id, places: [...amongThem, ...(await placesOf(access, collection, right, id))] })
  }
  return traced
}

/** The other points that have this vector, as far as a search finds them: several, where texts are equal. */
async function placesOf(access: Access, collection: string, vector: unknown, not: string) {
  // Named vectors are searched by the first name: a point that was swapped has all of them.
  const [using] = Array.isArray(vector) ? [] : Object.keys(vector as object)
  const query = using === undefined ? vector : (vector as Record<string, unknown>)[using]
  const body = { query, limit: 10, ...(using === undefined ? {} : { using }) }
  const path = `/collections/${collection}/points`
  const { points } = await result<{ points: Point[] }>(access, 'POST', `${path}/query`, body)
  const ids = points.map(({ id }) => id).filter(id => String(id) !== not)
  if (ids.length === 0) return []
  const others = await result<Point[]>(access, 'POST', path, { ids, with_payload: false, with_vector: true })
  return others.filter(point => alike(point.vector, vector)).map(({ id }) => String(id))
}

interface Given {
  key: string
  vector: unknown
}

async function* givenIn(file: string): AsyncGenerator<Given[]> {
  for await (const batch of batches(linesOf(file), BATCH)) yield batch.map(givenOf)
}

function givenOf(line: string): Given {
  const one = parsed(line) as Partial<Given> | null
  if (typeof one?.key === 'string' && one.vector !== null && typeof one.vector === 'object')
    return { key: one.key, vector: one.vector }
  throw new Problem(`the platform gave no vector but: ${line.slice(0, 80)}`, {
    hint: 'its command ("embed" of the relation) prints one JSON a line: {"key": "5", "vector": [0.1]}',
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

async function count(file: string): Promise<number> {
  let lines = 0
  for await (const _ of linesOf(file)) lines++
  return lines
}

/** What is wanted of points: fields of their payloads or all of it, and vectors. */
interface Wanted {
  with_payload: boolean | string[]
  with_vector: boolean
}

/** The points of these keys. */
async function pointsOfKeys(
  access: Access,
  collection: string,
  keys: readonly string[],
  { field }: How,
  wanted: Wanted,
): Promise<Map<string, Point[]>> {
  const path = `/collections/${collection}/points`
  const points = new Map<string, Point[]>()
  const add = (key: string | undefined, point: Point) => {
    if (key !== undefined) points.set(key, [...(points.get(key) ?? []), point])
  }
  if (field === undefined) {
    const ids = keys.map(idOf)
    const found = await result<Point[]>(access, 'POST', path, { ids, ...wanted })
    for (const point of found) add(String(point.id), point)
    return points
  }
  let offset: Point['id'] | null | undefined
  while (offset !== null) {
    const filter = { must: [{ key: field, match: { any: keys.map(idOf) } }] }
    const body = { filter, limit: 10 * BATCH, ...wanted, ...(offset === undefined ? {} : { offset }) }
    type Page = { points: Point[]; next_page_offset: Point['id'] | null }
    const page = await result<Page>(access, 'POST', `${path}/scroll`, body)
    for (const point of page.points) add(keyIn(valueIn(point.payload, field)), point)
    offset = page.next_page_offset
  }
  return points
}

function fieldsWith(fields: readonly string[], { field }: How): string[] {
  return field === undefined ? [...fields] : [...fields, field]
}

/** Writes the points of these keys into a file as they are (tools/points.ts keep): they are going to be written anew. */
export function keepPoints(
  store: QdrantStore,
  collection: string,
  keys: string,
  out: string,
  how: How,
): Command {
  return own(store, 'keep', [collection, keys, out, ...howWords(how)], async (access, io) => {
    const to = privateFile(resolve(io.cwd, out))
    let kept = 0
    for await (const batch of batches(linesOf(resolve(io.cwd, keys)), BATCH)) {
      const whole = { with_payload: true, with_vector: true }
      for (const points of (await pointsOfKeys(access, collection, batch, how, whole)).values())
        for (const point of points) {
          to.write(`${encode(point)}\n`)
          kept++
        }
    }
    to.end()
    await finished(to)
    return { kept }
  })
}

function own(
  store: QdrantStore,
  verb: string,
  words: readonly string[],
  work: (access: Access, io: Io) => Promise<object>,
): Command {
  const main = async (_: readonly string[], io: Io) =>
    `${JSON.stringify(await work({ url: store.url, apiKey: store.apiKey, signal: io.signal }, io))}\n`
  return ownCommand('points', [verb, store.name, ...words], main, { limits: { total: 3600 } })
}
