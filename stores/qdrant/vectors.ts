/** What a collection says about one kind of its vectors. */
export interface Space {
  size: number
  distance: string
  datatype?: string | null
}

/** By name; a collection with one kind of vector most often leaves it unnamed, which is the name "". */
export type Spaces = ReadonlyMap<string, Space>

/** Rounding to 32 bits, or to 16, stays far below this. */
const TOLERANCE = 0.01

/** `config.params.vectors` of a collection: the parameters of the unnamed vector, or some for each name. */
export function spacesOf(vectors: unknown): Spaces {
  if (isSpace(vectors)) return new Map([['', vectors]])
  const named = Object.entries((vectors ?? {}) as Record<string, unknown>)
  return new Map(named.filter((entry): entry is [string, Space] => isSpace(entry[1])))
}

function isSpace(value: unknown): value is Space {
  return typeof (value as Space | undefined)?.size === 'number'
}

/** The vectors of a point by name, as a scroll gives them: one without a name, or an object of those it has. */
export function vectorsOf(vector: unknown): [string, unknown][] {
  if (Array.isArray(vector)) return [['', vector]]
  return Object.entries((vector ?? {}) as Record<string, unknown>)
}

/** A vector with one number per dimension; a multivector has rows of them, a sparse one indices. */
export function isDense(vector: unknown): vector is number[] {
  return Array.isArray(vector) && !Array.isArray(vector[0])
}

/** Every vector of a point has the size of its kind, numbers only, and length 1 where the server has normalised it. */
export function isSound(vector: unknown, spaces: Spaces): boolean {
  if (vector === null || vector === undefined) return spaces.size === 0
  return vectorsOf(vector).every(([name, one]) => isSoundVector(one, spaces.get(name)))
}

function isSoundVector(vector: unknown, space: Space | undefined): boolean {
  if (isDense(vector)) return isSoundRow(vector, space)
  if (Array.isArray(vector)) return vector.every(row => isSoundRow(row, space))
  return Object.values(vector ?? { none: [null] }).every(part => isSoundRow(part, undefined))
}

function isSoundRow(row: unknown, space: Space | undefined): boolean {
  if (!Array.isArray(row)) return false
  if (!row.every(x => typeof x === 'number') || !Number.isFinite(squareOf(row))) return false
  if (space && row.length !== space.size) return false
  return !(space && isNormalised(space)) || Math.abs(Math.sqrt(squareOf(row)) - 1) < TOLERANCE
}

/** Cosine vectors are stored with length 1, but for those of bytes (CosineMetric in lib/segment/src/spaces). */
function isNormalised({ distance, datatype }: Space): boolean {
  return distance === 'Cosine' && datatype !== 'uint8'
}

/**
 * Whether something with this score is at least as near to a vector as the vector itself: duplicates are. The longest
 * vector in the same direction is nearer by the dot product, so there it is no fault when others come first.
 */
export function isAsNear(score: number, vector: readonly number[], { distance }: Space): boolean {
  const square = squareOf(vector)
  if (distance === 'Dot') return score >= square * (1 - TOLERANCE)
  if (distance === 'Cosine') return score > 1 - TOLERANCE / 10
  return score < TOLERANCE * (1 + Math.sqrt(square))
}

function squareOf(vector: readonly number[]): number {
  return vector.reduce((sum, x) => sum + x * x, 0)
}
