import { embed } from './embedding.ts'
import { DOCUMENTS, type Point } from './qdrant.ts'
import type { Stores } from './stores.ts'
import type { Write } from './writer.ts'

/** Ids of rows and points written after the seed start here, so that old and new can be told apart. */
export const FIRST_NEW_ID = 10_000_000

/** Every how many turns a new document is written instead of a rating. */
const TURNS_PER_DOCUMENT = 3

const REMARKS = ['helped', 'out of date', 'exactly what I needed', 'unclear', 'solved it', 'wrong version']

/** Ratings of chunks, and now and then a new document: row, chunk and vector, in that order. */
export const learn: Write = async (stores, turn) => {
  if (turn % TURNS_PER_DOCUMENT === TURNS_PER_DOCUMENT - 1) await writeDocument(stores)
  else await rate(stores, turn)
}

async function rate({ postgres }: Stores, turn: number): Promise<void> {
  await postgres.query(
    `INSERT INTO feedback (chunk_id, rating, comment, created_at)
     SELECT id, $1, $2, now() FROM chunks
     WHERE id >= (SELECT floor(random() * max(id)) FROM chunks WHERE id < $3) ORDER BY id LIMIT 1`,
    [1 + (turn % 5), REMARKS[turn % REMARKS.length], FIRST_NEW_ID],
  )
}

/** Cut between characters: half of an emoji is no JSON, and Qdrant would refuse the point. */
function beginning(text: string): string {
  return [...text].slice(0, 300).join('')
}

/** Rows first: a vector without a row would be an orphan, a row without a vector is only not found yet. */
async function writeDocument({ postgres, qdrant }: Stores): Promise<void> {
  const [source] = await postgres.query<{ package: string; version: string; comment: string; text: string }>(
    `SELECT d.package, d.version, f.comment, c.text FROM feedback f
     JOIN chunks c ON c.id = f.chunk_id JOIN documents d ON d.id = c.document_id
     ORDER BY f.id DESC LIMIT 1`,
  )
  if (!source) return
  const title = `Note on ${source.package}`
  const text = `A reader of ${source.package} ${source.version} remarks: ${source.comment}. ${beginning(source.text)}`
  const [row] = await postgres.query<{ id: string; created_at: Date }>(
    `WITH next AS (SELECT greatest($1::bigint, max(id)) + 1 AS id FROM documents),
          doc AS (INSERT INTO documents (id, package, version, title, created_at)
                  SELECT id, $2, $3, $4, now() FROM next RETURNING id, created_at)
     INSERT INTO chunks (id, document_id, ord, text, created_at)
     SELECT id, id, 0, $5, created_at FROM doc RETURNING id, created_at`,
    [FIRST_NEW_ID, source.package, source.version, title, text],
  )
  if (!row) return
  const { package: name, version } = source
  await qdrant.upsert(DOCUMENTS, [pointOf({ ...row, package: name, version, title, ord: 0, text })])
}

/** The point of a chunk: its vector comes from nothing but its text. */
export function pointOf(row: {
  id: string
  package: string
  version: string
  title: string
  ord: number
  text: string
  created_at: Date
}): Point {
  const { id, package: name, version, title, ord, text, created_at } = row
  const payload = { package: name, version, title, ord, text, created_at: created_at.toISOString() }
  return { id: Number(id), vector: embed(text), payload }
}
