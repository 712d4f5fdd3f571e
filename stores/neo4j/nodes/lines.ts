import { linesOf } from '../../../lib/data-files.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Key } from '../graph.ts'
import type { Identity, Line } from './part.ts'

/** What a file of nodes says of itself in its first line. */
export interface Header {
  /** Rows whose nodes were wanted. */
  rows: number
  /** Nodes and relationships that follow. */
  nodes: number
  relationships: number
  /** Nodes that are live already, and left as they are. */
  again: number
  /** Rows whose node the backup has not. */
  unknown: number
  /** Relationships that cannot come: their other end is gone, or no constraint tells it from others. */
  lost: number
  /** What tells nodes apart, here and in the live graph. */
  keys: readonly Key[]
}

/** One line of the file. */
export function asText(line: Line | Header): string {
  return JSON.stringify(line)
}

/** What stands in a file below its header. */
export async function* linesIn(file: string): AsyncGenerator<Line> {
  let first = true
  for await (const line of linesOf(file)) {
    if (!first) yield JSON.parse(line) as Line
    first = false
  }
}

/** Throws a Problem when the file was cut before its first line. */
export async function headerOf(file: string): Promise<Header> {
  for await (const line of linesOf(file)) return JSON.parse(line) as Header
  throw new Problem(`${file} is empty`, { hint: 'it was cut: bring the nodes back again' })
}

/** An identity as the key of a map. */
export function keyOf(identity: Identity): string {
  return JSON.stringify(identity)
}

/** Lines with how often they occur: two equal relationships are two. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(line: Line): void {
    const text = asText(line)
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1)
  }

  has(line: Line): boolean {
    return (this.#counts.get(asText(line)) ?? 0) > 0
  }

  /** Takes one of them out; false when there is none left. */
  take(line: Line): boolean {
    if (!this.has(line)) return false
    const text = asText(line)
    this.#counts.set(text, this.#counts.get(text)! - 1)
    return true
  }
}
