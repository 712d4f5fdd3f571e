import type { Corpus } from './corpus.ts'

/** A question of which it is known where in the documents the answer stands. */
export interface KnownAnswer {
  question: string
  package: string
  /** Words that stand in the right chunk. */
  needle: string
  /** Id of that chunk, in PostgreSQL and in Qdrant. */
  chunkId: number
}

/** A graph question and the number it must give. */
export interface KnownCount {
  cypher: string
  count: number
}

const QUESTIONS = [
  {
    question: 'Which package detects whether the terminal supports Unicode?',
    package: 'is-unicode-supported',
    needle: 'Detect whether the terminal supports Unicode',
  },
  {
    question: 'How do I strip ANSI escape codes from a string?',
    package: 'strip-ansi',
    needle: 'Strip [ANSI escape codes]',
  },
  {
    question: 'How do I parse milliseconds into an object?',
    package: 'parse-ms',
    needle: 'Parse milliseconds into an object',
  },
]

/** The questions with the chunks that answer them. Throws when the corpus does not hold such a chunk. */
export function knownAnswers(corpus: Corpus): KnownAnswer[] {
  return QUESTIONS.map(each => ({ ...each, chunkId: find(corpus, each.package, each.needle) }))
}

/** Graph questions with the numbers from the lock file; edges of the writers do not change them. */
export function knownCounts(corpus: Corpus): KnownCount[] {
  return ['listr2', 'pg', 'xml2js'].map(name => ({
    cypher: `MATCH (:Package {name: '${name}'})-[:DEPENDS_ON]->(p) RETURN count(p) AS count`,
    count: corpus.packages
      .filter(each => each.name === name)
      .reduce((sum, each) => sum + each.dependencies.length, 0),
  }))
}

function find(corpus: Corpus, name: string, needle: string): number {
  let id = 0
  for (const document of corpus.documents) {
    for (const text of document.chunks) {
      id++
      if (document.package === name && text.includes(needle)) return id
    }
  }
  throw new Error(`no chunk of ${name} holds "${needle}"`)
}
