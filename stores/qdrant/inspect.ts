import type { Io } from '../../lib/command.ts'
import { type Access, ask, type PointId, parsePoints, result } from './client.ts'
import { Fingerprint, type Point } from './fingerprint.ts'

/** Points per page: half a megabyte of JSON at 384 dimensions. With 1,000 the peak of memory grew to 260 MB. */
const PAGE = 128
const SAMPLES = 5
/** Cosine vectors are stored with length 1; rounding to 32 bits stays far below this. */
const LENGTH_TOLERANCE = 0.01

/** What reading a whole collection showed. Counts and health prove nothing about content. */
export interface Inspection {
  collection: string
  /** By exact count, whether the points can be read or not. */
  points: number
  /** Points read. */
  read: number
  fingerprint: string
  buckets: string
  /** Points whose vector is no number, or whose length is not 1 where it has to be. */
  bad_vectors: number
  bad_samples: string[]
  /** The server's words when it could not give points; empty when all could be read. */
  unreadable: string
  /** Searches with a stored vector that found its own point, of those tried. */
  searches: { tried: number; found: number }
}

interface Info {
  config: { params: { vectors: { distance?: string } } }
}

/** Reads every point with payload and vector. Damage is a result; a Problem means Qdrant could not be asked. */
export async function inspectCollection(
  access: Access,
  collection: string,
  progress: Io['progress'],
): Promise<Inspection> {
  const path = `/collections/${collection}`
  const info = await result<Info>(access, 'GET', path)
  const counted = await result<{ count: number }>(access, 'POST', `${path}/points/count`, { exact: true })
  const unit = info.config.params.vectors.distance === 'Cosine'
  const scan = new Scan(unit)
  for await (const page of pages(access, path, scan)) {
    for (const point of page) scan.add(point)
    progress({ done: scan.fingerprint.count, total: counted.count, unit: 'points' })
  }
  return {
    collection,
    points: counted.count,
    read: scan.fingerprint.count,
    fingerprint: scan.fingerprint.whole,
    buckets: scan.fingerprint.buckets,
    bad_vectors: scan.bad,
    bad_samples: scan.samples,
    unreadable: scan.unreadable,
    searches: scan.unreadable === '' ? await search(access, path, scan.probes) : { tried: 0, found: 0 },
  }
}

/** What is gathered while the points go by. */
class Scan {
  readonly fingerprint = new Fingerprint()
  readonly samples: string[] = []
  readonly probes: Point[] = []
  bad = 0
  unreadable = ''
  readonly #unit: boolean

  constructor(unit: boolean) {
    this.#unit = unit
  }

  add(point: Point): void {
    this.fingerprint.add(point)
    const sound = isSound(point.vector, this.#unit)
    if (!sound) {
      this.bad++
      if (this.samples.length < SAMPLES) this.samples.push(String(point.id))
    } else this.#sample(point)
  }

  // Doubling distances: the first points, and some from everywhere behind them.
  #sample(point: Point): void {
    const n = this.fingerprint.count
    if ((n & (n - 1)) === 0) this.probes[Math.log2(n) % SAMPLES] = point
  }
}

async function* pages(access: Access, path: string, scan: Scan): AsyncGenerator<Point[]> {
  let offset: PointId | null | undefined
  while (offset !== null) {
    const body = {
      limit: PAGE,
      with_payload: true,
      with_vector: true,
      ...(offset === undefined ? {} : { offset }),
    }
    const answer = await ask(access, 'POST', `${path}/points/scroll`, body)
    if (answer.status !== 200) {
      scan.unreadable = `${answer.status}: ${answer.body.slice(0, 200)}`
      return
    }
    const { result: page } = parsePoints(answer.body) as {
      result: { points: Point[]; next_page_offset: PointId | null }
    }
    yield page.points
    offset = page.next_page_offset
  }
}

function isSound(vector: unknown, unit: boolean): boolean {
  if (!Array.isArray(vector) || typeof vector[0] !== 'number') return vector !== null && vector !== undefined
  let sum = 0
  for (const x of vector as number[]) sum += x * x
  return Number.isFinite(sum) && (!unit || Math.abs(Math.sqrt(sum) - 1) < LENGTH_TOLERANCE)
}

/** A stored vector must find its own point, or one that is as near: duplicates have the same vector. */
async function search(access: Access, path: string, probes: readonly Point[]) {
  const tries = probes.filter(probe => Array.isArray(probe?.vector))
  let found = 0
  for (const probe of tries) {
    const body = { query: probe.vector, limit: 10 }
    const answer = await ask(access, 'POST', `${path}/points/query`, body)
    if (answer.status !== 200) continue
    const { result: hits } = parsePoints(answer.body) as {
      result: { points: { id: PointId; score: number }[] }
    }
    const best = hits.points[0]?.score ?? 0
    if (hits.points.some(hit => hit.id === probe.id) || (best > 0.999 && best < 1.001)) found++
  }
  return { tried: tries.length, found }
}
