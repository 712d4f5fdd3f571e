import type { Postgres } from '../platform/postgres.ts'
import { bar } from '../progress.ts'
import { batches } from './batches.ts'
import type { ChunkRow, Dataset, DocumentRow } from './dataset.ts'
import { SCHEMA } from './schema.ts'

const BATCH = 2000

/** Every how many chunks one has a rating from the beginning. */
const CHUNKS_PER_RATING = 5

/** Tables and rows. Expects none of the tables to be there. */
export async function seedPostgres(postgres: Postgres, dataset: Dataset): Promise<void> {
  for (const statement of SCHEMA) await postgres.query(statement)
  await load('documents', dataset.counts.documents, dataset.documents(), rows => documents(postgres, rows))
  await load('chunks', dataset.counts.chunks, dataset.chunks(), rows => chunks(postgres, rows))
  await postgres.query(
    `INSERT INTO feedback (chunk_id, rating, comment, created_at)
     SELECT id, 1 + id / $1 % 5, 'seeded', created_at + interval '1 day' FROM chunks WHERE id % $1 = 0 ORDER BY id`,
    [CHUNKS_PER_RATING],
  )
  await postgres.query('ANALYZE')
}

/** One array per column, so that a batch is one statement whatever its size. */
async function documents(postgres: Postgres, rows: readonly DocumentRow[]): Promise<void> {
  await postgres.query(
    `INSERT INTO documents (id, package, version, title, created_at)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])`,
    [
      rows.map(row => row.id),
      rows.map(row => row.package),
      rows.map(row => row.version),
      rows.map(row => row.title),
      rows.map(row => row.createdAt),
    ],
  )
}

async function chunks(postgres: Postgres, rows: readonly ChunkRow[]): Promise<void> {
  await postgres.query(
    `INSERT INTO chunks (id, document_id, ord, text, created_at)
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::timestamptz[])`,
    [
      rows.map(row => row.id),
      rows.map(row => row.document.id),
      rows.map(row => row.ord),
      rows.map(row => row.text),
      rows.map(row => row.createdAt),
    ],
  )
}

async function load<T>(
  title: string,
  total: number,
  rows: Iterable<T>,
  insert: (rows: readonly T[]) => Promise<void>,
): Promise<void> {
  const progress = bar(`postgres ${title}`, total, 'rows')
  for (const batch of batches(rows, BATCH)) {
    await insert(batch)
    progress.add(batch.length)
  }
  progress.done()
}
