import type { Io } from '../../lib/command.ts'
import { type Access, ask, type PointId, parsePoints, result } from './client.ts'
import { Fingerprint, type Point } from './fingerprint.ts'
import { findsItself, type Probe, probesOf } from './search.ts'
import { isSound, type Spaces, spacesOf } from './vectors.ts'

/** Points per page: half a megabyte of JSON at 384 dimensions. With 1,000 the peak of memory grew to 260 MB. */
const PAGE = 128
const SAMPLES = 5

/** What reading a whole collection showed. Counts and health prove nothing about content. */
export interface Inspection {
  collection: string
  /** By exact count, whether the points can be read or not. */
  points: number
  /** Points read. */
  read: number
  fingerprint: string
  buckets: string
  /** Points with a vector that is no number, of the wrong size, or whose length is not 1 where it has to be. */
  bad_vectors: number
  bad_samples: string[]
  /** The server's words when it could not give points; empty when all could be read. */
  unreadable: string
  /** Dense vectors read: those that one can search with. */
  vectors: number
  /** Searches with a stored vector that found its own point, of those tried. */
  searches: { tried: number; found: number }
}

interface Info {
  config: { params: { vectors?: unknown } }
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
  const scan = new Scan(spacesOf(info.config.params.vectors))
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
    vectors: scan.vectors,
    searches: scan.unreadable === '' ? await search(access, path, scan.probes()) : { tried: 0, found: 0 },
  }
}

/** What is gathered while the points go by. */
class Scan {
  readonly fingerprint = new Fingerprint()
  readonly samples: string[] = []
  vectors = 0
  bad = 0
  unreadable = ''
  readonly #spaces: Spaces
  readonly #seen = new Map<string, { count: number; probes: Probe[] }>()

  constructor(spaces: Spaces) {
    this.#spaces = spaces
  }

  add(point: Point): void {
    this.fingerprint.add(point)
    if (isSound(point.vector, this.#spaces)) this.#sample(point)
    else {
      this.bad++
      if (this.samples.length < SAMPLES) this.samples.push(String(point.id))
    }
  }

  /** Some of every kind of vector. */
  probes(): Probe[] {
    return [...this.#seen.values()].flatMap(({ probes }) => probes)
  }

  // Doubling distances: the first points, and some from everywhere behind them. A point need not have every kind.
  #sample(point: Point): void {
    for (const probe of probesOf(point, this.#spaces)) {
      this.vectors++
      const seen = this.#seen.get(probe.name) ?? { count: 0, probes: [] }
      this.#seen.set(probe.name, seen)
      const n = ++seen.count
      if ((n & (n - 1)) === 0) seen.probes[Math.log2(n) % SAMPLES] = probe
    }
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

/** A stored vector must find its own point. */
async function search(access: Access, path: string, probes: readonly Probe[]) {
  let found = 0
  for (const probe of probes) if (await findsItself(access, path, probe)) found++
  return { tried: probes.length, found }
}
