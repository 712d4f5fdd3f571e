import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import { linesOf, privateFile } from '../../lib/data-files.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { putInOrder, withoutRows } from '../keys.ts'
import { type Access, encode, parsePoints, result } from './client.ts'
import { Fingerprint, type Point } from './fingerprint.ts'

/** Points per request; with 384 dimensions a quarter of a megabyte. */
const BATCH = 64

/** Points that were carried over, and those of them that are live and equal. */
export interface Carried {
  all: number
  there: number
  /** Live, but with another vector or payload. */
  different: number
}

/**
 * Writes the points that belong to these ids, that the recovered collection has and the live one has not, into a
 * file, one a line (tools/points.ts take).
 */
export function takePoints(
  store: QdrantStore,
  fresh: string,
  live: string,
  ids: string,
  out: string,
): Command {
  return own(store, ['take', store.name, fresh, live, ids, out], async (access, io) => {
    const to = privateFile(resolve(io.cwd, out))
    for await (const batch of batches(linesOf(resolve(io.cwd, ids)))) {
      const wanted = batch.map(idOf)
      const known = new Set((await points(access, live, wanted, false)).map(({ id }) => String(id)))
      const missing = wanted.filter(id => !known.has(String(id)))
      for (const point of await points(access, fresh, missing, true)) to.write(`${encode(point)}\n`)
    }
    to.end()
    await finished(to)
    return ''
  })
}

/**
 * Writes the live points of these sorted ids into a file, but for those that have a row in the sorted list by now
 * (tools/points.ts save): rows are listed after the ids, and a row comes before its point.
 */
export function savePoints(
  store: QdrantStore,
  live: string,
  ids: string,
  rows: string,
  out: string,
): Command {
  return own(store, ['save', store.name, live, ids, rows, out], async (access, io) => {
    const to = privateFile(resolve(io.cwd, out))
    await putInOrder(rows, io)
    const alone = withoutRows(linesOf(resolve(io.cwd, ids)), linesOf(resolve(io.cwd, rows)))
    for await (const batch of batches(alone))
      for (const point of await points(access, live, batch.map(idOf), true)) to.write(`${encode(point)}\n`)
    to.end()
    await finished(to)
    return ''
  })
}

/** Writes those of the file that are not live (tools/points.ts put): a point that is there is left as it is. */
export function putPoints(store: QdrantStore, live: string, file: string): Command {
  return own(store, ['put', store.name, live, file], async (access, io) => {
    let done = 0
    for await (const batch of batches(pointsIn(resolve(io.cwd, file)))) {
      const ids = batch.map(({ id }) => id)
      const known = new Set((await points(access, live, ids, false)).map(({ id }) => String(id)))
      const missing = batch.filter(({ id }) => !known.has(String(id)))
      const body = { points: missing.map(({ id, vector, payload }) => ({ id, vector, payload })) }
      if (missing.length > 0) await result(access, 'PUT', `/collections/${live}/points?wait=true`, body)
      done += batch.length
      io.progress({ done, unit: 'points' })
    }
    return ''
  })
}

/** Writes the points of the file, also over those that are there by now (tools/points.ts replace): an undo. */
export function replacePoints(store: QdrantStore, live: string, file: string): Command {
  return own(store, ['replace', store.name, live, file], async (access, io) => {
    for await (const batch of batches(pointsIn(resolve(io.cwd, file)))) {
      const body = { points: batch.map(({ id, vector, payload }) => ({ id, vector, payload })) }
      await result(access, 'PUT', `/collections/${live}/points?wait=true`, body)
    }
    return ''
  })
}

/** Looks for the points of the file (tools/points.ts there). */
export function lookForPoints(store: QdrantStore, live: string, file: string): Command {
  return own(store, ['there', store.name, live, file], async (access, io) => {
    const seen: Carried = { all: 0, there: 0, different: 0 }
    for await (const batch of batches(pointsIn(resolve(io.cwd, file)))) {
      const { equal, different } = await sorted(access, live, batch)
      seen.all += batch.length
      seen.there += equal.length
      seen.different += different
    }
    return `${JSON.stringify(seen)}\n`
  })
}

/** Deletes exactly the points of the file, those that are still as they were written (tools/points.ts remove). */
export function removePoints(store: QdrantStore, live: string, file: string): Command {
  return own(store, ['remove', store.name, live, file], async (access, io) => {
    for await (const batch of batches(pointsIn(resolve(io.cwd, file)))) {
      const { equal } = await sorted(access, live, batch)
      const body = { points: equal.map(({ id }) => id) }
      if (equal.length > 0) await result(access, 'POST', `/collections/${live}/points/delete?wait=true`, body)
    }
    return ''
  })
}

/** How many of these ids have a live point (tools/points.ts covered). */
export function coveredIds(store: QdrantStore, live: string, ids: string): Command {
  return own(store, ['covered', store.name, live, ids], async (access, io) => {
    const seen = { rows: 0, points: 0 }
    for await (const batch of batches(linesOf(resolve(io.cwd, ids)))) {
      seen.rows += batch.length
      seen.points += (await points(access, live, batch.map(idOf), false)).length
    }
    return `${JSON.stringify(seen)}\n`
  })
}

function own(store: QdrantStore, args: readonly string[], work: (access: Access, io: Io) => Promise<string>) {
  const main = (_: readonly string[], io: Io) =>
    work({ url: store.url, apiKey: store.apiKey, signal: io.signal }, io)
  return ownCommand('points', args, main, { limits: { total: 3600 } })
}

async function sorted(access: Access, live: string, batch: readonly Point[]) {
  const ids = batch.map(({ id }) => id)
  const there = new Map(
    (await points(access, live, ids, true)).map(point => [String(point.id), digest(point)]),
  )
  const equal = batch.filter(point => there.get(String(point.id)) === digest(point))
  return { equal, different: there.size - equal.length }
}

/** Vector as 32-bit floats and payload, whatever the order of its fields. */
function digest(point: Point): string {
  const fingerprint = new Fingerprint()
  fingerprint.add(point)
  return fingerprint.whole
}

async function points(access: Access, collection: string, ids: readonly Point['id'][], whole: boolean) {
  if (ids.length === 0) return []
  const body = { ids, with_payload: whole, with_vector: whole }
  return result<Point[]>(access, 'POST', `/collections/${collection}/points`, body)
}

/** A whole number, exact whatever its size, or a UUID. */
export function idOf(text: string): Point['id'] {
  if (!/^\d+$/.test(text)) return text
  return text.length < 16 ? Number(text) : BigInt(text)
}

async function* pointsIn(file: string): AsyncGenerator<Point> {
  for await (const line of linesOf(file)) yield parsePoints(line) as Point
}

/** So many at a time. */
export async function* batches<T>(all: AsyncIterable<T>, size = BATCH): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const one of all) {
    batch.push(one)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
