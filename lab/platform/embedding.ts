/** Length of every vector here; the same size as the small sentence models people run in production. */
export const DIMENSIONS = 384

/** Words too common to say what a text is about. */
const STOP = new Set(
  'a an and any are as at be but by can do does for from has have how i if in into is it its no not of on or so that the their then there this to use used was what when where which will with you your'.split(
    ' ',
  ),
)

/** Lower-case words and numbers of a text, without the most common ones. */
export function tokens(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]{2,}/g) ?? []
  return words.filter(word => !STOP.has(word))
}

/**
 * Text → vector of length 1, by feature hashing (Weinberger et al. 2009): each word falls on one
 * dimension with a sign, so that collisions cancel out on average. The same text always gives the same
 * vector, on every machine and without a model, so answers can be known beforehand.
 * A text without words gives the first unit vector, because a Cosine collection refuses zeros.
 */
export function embed(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0)
  const frequencies = new Map<string, number>()
  for (const word of tokens(text)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1)
  for (const [word, frequency] of frequencies) {
    const hash = fnv1a(word)
    const index = hash % DIMENSIONS
    const sign = hash & 0x80000000 ? -1 : 1
    vector[index] = (vector[index] ?? 0) + sign * (1 + Math.log(frequency))
  }
  const length = Math.hypot(...vector)
  if (length === 0) return vector.map((_, i) => (i === 0 ? 1 : 0))
  // Six decimals are what a 32-bit float keeps; more would only make the requests longer.
  return vector.map(x => Math.round((x / length) * 1e6) / 1e6)
}

/** 32-bit FNV-1a with a final mix, because its low bits alone are uneven modulo 384. */
function fnv1a(word: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
