import type { Postgres } from '../platform/postgres.ts'
import { termsPerChunk } from '../platform/terms.ts'
import type { Dataset } from './dataset.ts'

/** What the stores hold: nothing, a finished seed of some kind, or something else. */
export type Seeded = { state: 'empty' } | { state: 'seeded'; mark: string } | { state: 'unknown' }

/** `seed <fingerprint> terms <n> scale <n>`: the comment of a table, so that a seed needs no table of its own. */
export function markOf({ fingerprint, scale }: Dataset): string {
  return `seed ${fingerprint} terms ${termsPerChunk()} scale ${scale}`
}

/** The scale that a mark names. */
export function scaleOf(mark: string): number {
  return Number(/ scale (\d+)$/.exec(mark)?.[1] ?? 1)
}

/** Written last, when everything else is there. */
export async function setMark(postgres: Postgres, dataset: Dataset): Promise<void> {
  await postgres.query(`COMMENT ON TABLE documents IS '${markOf(dataset)}'`)
}

/** Looks for the tables and the mark. Throws StoreError. */
export async function readMark(postgres: Postgres): Promise<Seeded> {
  const [row] = await postgres.query<{ there: boolean; mark: string | null }>(
    `SELECT to_regclass('public.documents') IS NOT NULL AS there,
            obj_description(to_regclass('public.documents')) AS mark`,
  )
  if (!row?.there) return { state: 'empty' }
  return row.mark?.startsWith('seed ') ? { state: 'seeded', mark: row.mark } : { state: 'unknown' }
}
