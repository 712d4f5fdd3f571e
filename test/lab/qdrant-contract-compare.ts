/** A recorded exchange with a real Qdrant 1.18.3; see `test/fixtures/qdrant-contract/README.md`. */
export interface Exchange {
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly authenticated: boolean
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly response: {
    readonly status: number
    readonly contentType: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly rawBody?: string
  }
}

/** Differ at every run, so only their types are compared. */
const VOLATILE = new Set(['time', 'creation_time'])

/** Recorded value → value of this run: names, checksums and sizes of snapshots. */
export class Substitutions {
  readonly #texts = new Map<string, string>()
  readonly #numbers = new Map<number, number>()

  /** Remember that `recorded` is called `actual` in this run. */
  learn(recorded: string | number, actual: unknown): void {
    if (typeof recorded === 'string' && typeof actual === 'string') this.#texts.set(recorded, actual)
    if (typeof recorded === 'number' && typeof actual === 'number') this.#numbers.set(recorded, actual)
  }

  /** A recorded value with everything learned put in, at any depth. */
  apply<T>(value: T): T {
    if (typeof value === 'string') return this.#text(value) as T
    if (typeof value === 'number') return (this.#numbers.get(value) ?? value) as T
    if (Array.isArray(value)) return value.map(one => this.apply(one)) as T
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.apply(one)])) as T
  }

  #text(value: string): string {
    let text = value
    for (const [recorded, actual] of this.#texts) text = text.replaceAll(recorded, actual)
    return text
  }
}

/**
 * One sentence for each place where two JSON values differ. Fractions may differ by 1e-6: the last
 * bit of a float32 depends on the processor's instructions.
 */
export function differences(expected: unknown, actual: unknown, place = 'body'): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    return Math.abs(expected - actual) <= 1e-6 ? [] : [`${place} is ${actual} instead of ${expected}`]
  }
  if (expected === null || typeof expected !== 'object') {
    return expected === actual ? [] : [`${place} is ${show(actual)} instead of ${show(expected)}`]
  }
  if (actual === null || typeof actual !== 'object' || Array.isArray(expected) !== Array.isArray(actual)) {
    return [`${place} is ${show(actual)} instead of ${show(expected)}`]
  }
  return memberDifferences(expected, actual, place)
}

function memberDifferences(expected: object, actual: object, place: string): string[] {
  const [left, right] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))]
  const surplus = [...right.keys()].filter(key => !left.has(key))
  const problems = surplus.map(key => `${place}.${key} is not in a real server's answer`)
  for (const [key, value] of left) {
    const inner = `${place}.${key}`
    if (!right.has(key)) problems.push(`${inner} is missing`)
    else if (!VOLATILE.has(key)) problems.push(...differences(value, right.get(key), inner))
    else if (typeof value !== typeof right.get(key)) problems.push(`${inner} has another type`)
  }
  return problems
}

/** Whether two answers are the same text, except for the time they took: no precision is lost. */
export function sameText(expected: string, actual: string): boolean {
  const timeless = (text: string) => text.replace(/"time":[\d.e-]+/, '"time":0')
  return timeless(expected) === timeless(actual)
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 300)
}
