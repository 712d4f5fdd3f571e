import { createHash } from 'node:crypto'
import { ContentSum } from '../fingerprint.ts'
import type { PointId } from './client.ts'

/** How many buckets ids are spread over: enough that a few new points leave most of them untouched. */
export const BUCKETS = 1024

/** A point as the scroll gives it, integers beyond 2^53 as bigints. */
export interface Point {
  id: PointId
  payload: unknown
  vector: unknown
}

/**
 * A digest of a whole collection, over id, payload (keys sorted) and vector (as 32-bit floats, what Qdrant
 * keeps) of every point, and the same per bucket of ids.
 */
export class Fingerprint {
  readonly #all = new ContentSum()
  readonly #buckets = new BigUint64Array(BUCKETS)
  readonly #counts = new Uint32Array(BUCKETS)

  add(point: Point): void {
    const hash = createHash('sha256')
    const id = String(point.id)
    hash.update(id).update('\0').update(canonical(point.payload)).update('\0')
    addVector(hash, point.vector)
    const digest = this.#all.add(hash)
    const bucket = bucketOf(id)
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0n) + digest
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
  }

  get count(): number {
    return this.#all.count
  }

  get whole(): string {
    return this.#all.whole
  }

  /** `count:digest` per bucket, separated by blanks. */
  get buckets(): string {
    return Array.from(this.#counts, (n, i) => `${n}:${this.#buckets[i]!.toString(36)}`).join(' ')
  }
}

/** Two states of one collection, compared bucket by bucket. */
export interface Difference {
  /** Buckets with as many points as before but other content: changed in place. */
  changed: number
  /** Points that are gone, at least. */
  fewer: number
  /** Points that were added, at least. */
  more: number
}

export function compareBuckets(before: string, now: string): Difference {
  const a = before.split(' ')
  const b = now.split(' ')
  const difference: Difference = { changed: 0, fewer: 0, more: 0 }
  for (const [index, was] of a.entries()) {
    const is = b[index] ?? ''
    if (was === is) continue
    const gap = Number.parseInt(is, 10) - Number.parseInt(was, 10)
    if (gap === 0) difference.changed++
    else if (gap < 0) difference.fewer -= gap
    else difference.more += gap
  }
  return difference
}

/** FNV-1a: cheap, and the same on every machine. */
function bucketOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % BUCKETS
}

function addVector(hash: ReturnType<typeof createHash>, vector: unknown): void {
  if (Array.isArray(vector) && typeof vector[0] === 'number') {
    hash.update(new Uint8Array(Float32Array.from(vector).buffer))
  } else hash.update(canonical(vector))
}

/** JSON with sorted keys: the same payload gives the same text whatever order the server chose. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
  }
  if (typeof value === 'bigint') return String(value)
  return JSON.stringify(value) ?? 'null'
}
