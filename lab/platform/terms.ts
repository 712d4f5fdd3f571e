import { tokens } from './embedding.ts'

/** How many words of a chunk become nodes of the graph. */
const TERMS_PER_CHUNK = 40

/** The first different words of a text that are long enough to mean something, and how often each stands there. */
export function terms(text: string): { text: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const word of tokens(text)) {
    if (word.length >= 4 && word.length <= 24) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].slice(0, TERMS_PER_CHUNK).map(([word, count]) => ({ text: word, count }))
}
