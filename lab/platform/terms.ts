import { tokens } from './embedding.ts'

/** A drill reads the whole graph several times, and relationships are most of what it reads. */
const ORDINARY = 10

/** How many words of a chunk become nodes of the graph: GRAPH_TERMS, where the sizes of a real platform are wanted. */
export function termsPerChunk(environment = process.env): number {
  return Number(environment.GRAPH_TERMS || ORDINARY)
}

/** The first different words of a text that are long enough to mean something, and how often each stands there. */
export function terms(text: string): { text: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const word of tokens(text)) {
    if (word.length >= 4 && word.length <= 24) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].slice(0, termsPerChunk()).map(([word, count]) => ({ text: word, count }))
}
