import { resolve } from 'node:path'
import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import { LineFile, linesOf } from '../../lib/data-files.ts'
import { Problem } from '../../lib/problem.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { SeenContents, sameValue, sampledRows } from '../content.ts'
import { type How, howWords } from '../references.ts'
import { alike, tellWrong, type Vectors, type WrongVector } from '../vectors.ts'
import { idOf } from './carry.ts'
import { type Access, parsePoints, result } from './client.ts'
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
        fields,
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
    const wrong: WrongVector[] = []
    for await (const batch of givenIn(resolve(io.cwd, given))) {
      found.given += batch.length
      const points = await pointsOfKeys(
        access,
        collection,
        batch.map(({ key }) => key),
        how,
      )
      for (const { key, vector } of batch) {
        const there = points.get(key) ?? []
        found.compared += there.length
        const bad = there.filter(point => !alike(point.vector, vector))
        found.different += bad.length
        if (bad.length > 0) list.add(key)
        for (const { id } of bad.slice(0, TRACED - wrong.length))
          wrong.push({ id: String(id), at: await placeOf(access, collection, vector, String(id)) })
      }
    }
    // Where the right one was found stands a wrong one most likely; only ids that are keys can be made again.
    const listed = new Set(wrong.map(({ id }) => id))
    if (how.field === undefined)
      for (const { at } of wrong) if (at !== undefined && !listed.has(at)) list.add(at)
    list.end()
    return { ...found, samples: tellWrong(wrong, SAMPLES) }
  })
}

/** The other point that has this vector; undefined where none has. */
async function placeOf(access: Access, collection: string, vector: unknown, not: string) {
  // Named vectors are searched by the first name: a point that was swapped has all of them.
  const [using] = Array.isArray(vector) ? [] : Object.keys(vector as object)
  const query = using === undefined ? vector : (vector as Record<string, unknown>)[using]
  const body = { query, limit: 3, ...(using === undefined ? {} : { using }) }
  const path = `/collections/${collection}/points`
  const { points } = await result<{ points: Point[] }>(access, 'POST', `${path}/query`, body)
  const ids = points.map(({ id }) => id).filter(id => String(id) !== not)
  if (ids.length === 0) return undefined
  const others = await result<Point[]>(access, 'POST', path, { ids, with_payload: false, with_vector: true })
  const place = others.find(point => alike(point.vector, vector))
  return place && String(place.id)
}

interface Given {
  key: string
  vector: unknown
}

async function* givenIn(file: string): AsyncGenerator<Given[]> {
  let batch: Given[] = []
  for await (const line of linesOf(file)) {
    batch.push(givenOf(line))
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
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

/** The points of these keys, with payload fields or with vectors. */
async function pointsOfKeys(
  access: Access,
  collection: string,
  keys: readonly string[],
  { field }: How,
  fields?: readonly string[],
): Promise<Map<string, Point[]>> {
  const path = `/collections/${collection}/points`
  const wanted = { with_payload: payloadOf(fields, field), with_vector: fields === undefined }
  const points = new Map<string, Point[]>()
  const add = (key: string | undefined, point: Point) => {
    if (key !== undefined) points.set(key, [...(points.get(key) ?? []), point])
  }
  if (field === undefined) {
    const ids = keys.map(idOf)
    for (const point of await result<Point[]>(access, 'POST', path, { ids, ...wanted }))
      add(String(point.id), point)
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

function payloadOf(fields: readonly string[] | undefined, field: string | undefined): false | string[] {
  const all = [...(fields ?? []), ...(field === undefined ? [] : [field])]
  return all.length === 0 ? false : all
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
