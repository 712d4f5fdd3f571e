import { embed } from './embedding.ts'
import { DOCUMENTS } from './qdrant.ts'
import type { Write } from './writer.ts'

/** Always the same questions, so that the answers can be compared over time. */
const QUESTIONS = [
  'run a child process and read its output',
  'validate JSON against a schema',
  'draw a progress bar in the terminal',
  'upload an object to a bucket',
]

/** Measures how near the best passages are to the fixed questions; a drop means that the index drifts. */
export const measureDrift: Write = async ({ qdrant, postgres }) => {
  const started = performance.now()
  let sum = 0
  let hits = 0
  for (const question of QUESTIONS) {
    for (const { score } of await qdrant.query(DOCUMENTS, embed(question), 3)) {
      sum += score
      hits++
    }
  }
  const mean = hits === 0 ? 0 : sum / hits
  const elapsed = performance.now() - started
  await postgres.query(
    `INSERT INTO drift_measurements (collection, queries, hits, mean_score, elapsed_ms, created_at)
     VALUES ($1, $2, $3, $4, $5, now())`,
    [DOCUMENTS, QUESTIONS.length, hits, mean, elapsed],
  )
}
