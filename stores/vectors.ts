import type { Output } from '../lib/command.ts'
import { plural } from '../lib/format.ts'
import type { Verdict } from '../runbook/model.ts'

/** Stored vectors and those that their rows should have, compared. */
export interface Vectors {
  /** Keys that were asked for; vectors that the platform gave for them; points that were compared with one. */
  keys: number
  given: number
  compared: number
  different: number
  /** Some that differ: "5 ↔ 9" where two are swapped, "5 (its vector is at 9)", "5". */
  samples: string[]
}

/** A point with another vector than its row should have, and where the right one was found. */
export interface WrongVector {
  id: string
  at: string | undefined
}

/** The same with every place where the right one is: equal texts have equal vectors. */
export interface TracedVector {
  id: string
  places: readonly string[]
}

/** Which place it is: one that has a wrong vector itself, where there is one, and the right one is where it belongs. */
export function located(wrong: readonly TracedVector[]): WrongVector[] {
  const ids = new Map(wrong.map(one => [one.id, one.places]))
  return wrong.map(({ id, places }) => {
    const swapped = places.find(place => ids.get(place)?.includes(id))
    return { id, at: swapped ?? places.find(place => ids.has(place)) ?? places[0] }
  })
}

/** The same text twice is hardly ever the same to the last bit; another text is far from 1. */
const ALIKE = 0.99

/** Whether two vectors point in the same direction; named ones each by its name. */
export function alike(stored: unknown, right: unknown): boolean {
  if (Array.isArray(stored) && Array.isArray(right)) return cosine(stored, right) >= ALIKE
  if (!isNamed(stored) || !isNamed(right)) return false
  const names = Object.keys(right)
  return names.length > 0 && names.every(name => alike(stored[name], right[name]))
}

function isNamed(vector: unknown): vector is Record<string, unknown> {
  return vector !== null && typeof vector === 'object' && !Array.isArray(vector)
}

/** NaN, which is alike to nothing, for vectors of no length or of different sizes. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.NaN
  let [product, one, other] = [0, 0, 0]
  for (const [index, x] of a.entries()) {
    const y = b[index]!
    product += x * y
    one += x * x
    other += y * y
  }
  return product / Math.sqrt(one * other)
}

/** Says which are swapped: both ids where each has the vector of the other. */
export function tellWrong(wrong: readonly WrongVector[], most: number): string[] {
  const at = new Map(wrong.map(one => [one.id, one.at]))
  const told = new Set<string>()
  const said: string[] = []
  for (const { id, at: other } of wrong) {
    if (told.has(id)) continue
    if (other !== undefined && at.get(other) === id) {
      told.add(other)
      said.push(`${id} ↔ ${other}`)
    } else said.push(other === undefined ? id : `${id} (its vector is at ${other})`)
    if (said.length === most) break
  }
  return said
}

/** A vector that the platform did not give leaves its point unproven: the check then proves nothing. */
export function vectorVerdict(o: Output, list: string): Verdict {
  const { keys, given, compared, different, samples } = JSON.parse(o.stdout) as Vectors
  const found = `${plural(compared, 'point')} of a sample of ${plural(keys, 'row')} compared`
  if (different > 0) {
    const told = `${plural(different, 'point')} with another vector than the row should have (such as ${samples.join(', ')})`
    return { verdict: 'failed', found: `${found}; ${told}: ${list}` }
  }
  if (given < keys)
    return { verdict: 'unchecked', found: `the platform gave ${given} vectors for ${plural(keys, 'row')}` }
  return { verdict: 'proven', found }
}
