import { connectPostgres, type Postgres } from './platform/postgres.ts'
import { batches } from './seed/batches.ts'
import type { Corpus } from './seed/corpus.ts'
import { type ChunkRow, type DocumentRow, makeDataset } from './seed/dataset.ts'
import { type LabTarget, settingsOf } from './target.ts'

/** What own reads through `pg` show of one table, compared with the data it was seeded with. */
export interface RowFinding {
  table: string
  /** Rows in all. */
  count: number
  /** Seeded rows: as they were, gone, with another content. */
  intact: number
  missing: number
  changed: number
}

/** What must hold whatever the writers have added. */
export interface PostgresFinding {
  tables: RowFinding[]
  /** Rows whose parent is not there, by constraint. */
  orphans: Record<string, number>
  /** Names of the foreign keys, the primary keys and the indexes. */
  constraints: string[]
  indexes: string[]
  /** Sequences whose next value is taken already. */
  behind: string[]
  encoding: string
  collate: string
}

const BATCH = 2000

/**
 * Compares every seeded row with the data of the seed: the drill's own judgement, which shares no code with
 * the tool that it judges. Throws StoreError when PostgreSQL is away.
 */
export async function lookAtPostgres(target: LabTarget, corpus: Corpus, scale = 1): Promise<PostgresFinding> {
  const postgres = connectPostgres(settingsOf(target).postgres, 'oracle')
  try {
    const dataset = makeDataset(corpus, scale)
    return {
      tables: [
        await judge(postgres, 'documents', dataset.documents(), readDocuments),
        await judge(postgres, 'chunks', dataset.chunks(), readChunks),
        await judge(postgres, 'feedback', ratings(dataset.chunks()), readRatings),
      ],
      orphans: await orphans(postgres),
      ...(await names(postgres)),
      behind: await behind(postgres),
      ...(await locale(postgres)),
    }
  } finally {
    await postgres.close()
  }
}

/** True when every seeded row is there as it was, and everything that holds rows together too. */
export function isWhole(finding: PostgresFinding): boolean {
  const { tables, orphans, constraints, indexes, behind } = finding
  const rows = tables.every(({ missing, changed }) => missing + changed === 0)
  const held = CONSTRAINTS.every(name => constraints.includes(name))
  return (
    rows &&
    Object.values(orphans).every(n => n === 0) &&
    held &&
    INDEXES.every(name => indexes.includes(name)) &&
    behind.length === 0
  )
}

/** One line for people. */
export function describePostgres({ tables, orphans, behind }: PostgresFinding): string {
  const rows = tables.map(({ table, count, intact, missing, changed }) => {
    const bad = [missing && `${missing} missing`, changed && `${changed} changed`].filter(Boolean)
    return `${table} ${count} (${[`${intact} of the seed intact`, ...bad].join(', ')})`
  })
  const broken = Object.entries(orphans).filter(([, n]) => n > 0)
  return [
    ...rows,
    ...broken.map(([name, n]) => `${n} rows against ${name}`),
    ...behind.map(name => `${name} is behind`),
  ].join('; ')
}

/** Those of lab/seed/schema.ts, as PostgreSQL names them. */
const CONSTRAINTS = [
  'backup_history_pkey',
  'chunks_document_id_fkey',
  'chunks_document_id_ord_key',
  'chunks_pkey',
  'documents_pkey',
  'drift_measurements_pkey',
  'feedback_chunk_id_fkey',
  'feedback_pkey',
  'feedback_rating_check',
]
const INDEXES = ['chunks_created_at', 'feedback_chunk_id']

/** Id and content of a row, both as texts. */
type Row = [id: string, content: string]

async function judge<T>(
  postgres: Postgres,
  table: string,
  expected: Iterable<T>,
  read: (postgres: Postgres, rows: readonly T[]) => Promise<{ wanted: Row[]; stored: Row[] }>,
): Promise<RowFinding> {
  const [row] = await postgres.query<{ count: string }>(`SELECT count(*) FROM ${table}`)
  const finding: RowFinding = { table, count: Number(row?.count), intact: 0, missing: 0, changed: 0 }
  for (const batch of batches(expected, BATCH)) {
    const { wanted, stored } = await read(postgres, batch)
    const there = new Map(stored)
    for (const [id, content] of wanted) {
      const seen = there.get(id)
      finding[seen === undefined ? 'missing' : seen === content ? 'intact' : 'changed']++
    }
  }
  return finding
}

async function readDocuments(postgres: Postgres, rows: readonly DocumentRow[]) {
  const stored = await postgres.query<{
    id: string
    package: string
    version: string
    title: string
    t: string
  }>(`SELECT id, package, version, title, ${TIME} AS t FROM documents WHERE id = ANY($1::bigint[])`, [
    rows.map(row => row.id),
  ])
  return {
    wanted: rows.map((r): Row => [`${r.id}`, text(r.package, r.version, r.title, time(r.createdAt))]),
    stored: stored.map((r): Row => [r.id, text(r.package, r.version, r.title, r.t)]),
  }
}

async function readChunks(postgres: Postgres, rows: readonly ChunkRow[]) {
  const stored = await postgres.query<{
    id: string
    document_id: string
    ord: number
    text: string
    t: string
  }>(`SELECT id, document_id, ord, text, ${TIME} AS t FROM chunks WHERE id = ANY($1::bigint[])`, [
    rows.map(row => row.id),
  ])
  return {
    wanted: rows.map((r): Row => [`${r.id}`, text(r.document.id, r.ord, r.text, time(r.createdAt))]),
    stored: stored.map((r): Row => [r.id, text(r.document_id, r.ord, r.text, r.t)]),
  }
}

/** Every fifth chunk was rated by the seed; a rating is found by its chunk, its own id is the sequence's. */
async function readRatings(postgres: Postgres, rows: readonly { chunk: number; rating: number }[]) {
  const stored = await postgres.query<{ chunk_id: string; rating: number; comment: string }>(
    `SELECT chunk_id, rating, comment FROM feedback WHERE comment = 'seeded' AND chunk_id = ANY($1::bigint[])`,
    [rows.map(row => row.chunk)],
  )
  return {
    wanted: rows.map((r): Row => [`${r.chunk}`, text(r.rating, 'seeded')]),
    stored: stored.map((r): Row => [r.chunk_id, text(r.rating, r.comment)]),
  }
}

function* ratings(chunks: Iterable<ChunkRow>): Generator<{ chunk: number; rating: number }> {
  for (const { id } of chunks) if (id % 5 === 0) yield { chunk: id, rating: 1 + (Math.floor(id / 5) % 5) }
}

const TIME = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')`

function time(iso: string): string {
  return new Date(iso).toISOString().slice(0, 19)
}

function text(...values: (string | number)[]): string {
  return values.join('\0')
}

async function orphans(postgres: Postgres): Promise<Record<string, number>> {
  const count = async (query: string) => Number((await postgres.query<{ count: string }>(query))[0]?.count)
  return {
    chunks_document_id_fkey: await count(
      'SELECT count(*) FROM chunks WHERE document_id NOT IN (SELECT id FROM documents)',
    ),
    feedback_chunk_id_fkey: await count(
      'SELECT count(*) FROM feedback WHERE chunk_id NOT IN (SELECT id FROM chunks)',
    ),
  }
}

async function names(postgres: Postgres): Promise<{ constraints: string[]; indexes: string[] }> {
  const constraints = await postgres.query<{ name: string }>(
    "SELECT conname AS name FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated",
  )
  const indexes = await postgres.query<{ name: string }>(
    "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'",
  )
  return { constraints: constraints.map(row => row.name), indexes: indexes.map(row => row.name) }
}

async function behind(postgres: Postgres): Promise<string[]> {
  const out: string[] = []
  for (const table of ['feedback', 'drift_measurements']) {
    const [row] = await postgres.query<{ behind: boolean }>(
      `SELECT coalesce((SELECT max(id) FROM ${table}) > (SELECT last_value FROM ${table}_id_seq), false) AS behind`,
    )
    if (row?.behind) out.push(`${table}_id_seq`)
  }
  return out
}

async function locale(postgres: Postgres): Promise<{ encoding: string; collate: string }> {
  const [row] = await postgres.query<{ encoding: string; collate: string }>(
    `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collate
     FROM pg_database WHERE datname = current_database()`,
  )
  return row ?? { encoding: '', collate: '' }
}
