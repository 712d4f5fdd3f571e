import { createReadStream, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Command, type Io, type Output, ownCommand } from '../../lib/command.ts'
import type { Relation } from '../../lib/config-schema.ts'
import { count, plural } from '../../lib/format.ts'
import type { PostgresStore, QdrantStore, Target } from '../../lib/target.ts'
import type { Verdict } from '../../runbook/model.ts'
import { psql } from '../postgres/commands.ts'
import { type Access, type PointId, result } from './client.ts'

/** Rows and points of one relation, compared. */
export interface References {
  relation: string
  rows: number
  points: number
  /** Rows without a point that are younger than the backup: to be embedded again. */
  expected: number
  /** Rows without a point that the backup should have had. */
  missing: number
  /** Points without a row. */
  orphans: number
  samples: string[]
  /** File with the ids to embed again, one a line. */
  list: string
}

/** A writer puts a row first and its point a moment later; a backup in between has only the row. */
const GRACE_MS = 60_000
const PAGE = 10_000

/** A relation between rows and points. */
export type PointRelation = Relation & Required<Pick<Relation, 'qdrant'>>

/** The relations of a store, as the configuration declares them. */
export function relationsOf(target: Target, store: QdrantStore): readonly PointRelation[] {
  return target.relations.filter(
    (relation): relation is PointRelation => relation.qdrant?.store === store.name,
  )
}

/** The ids and times of a table, in the order of the ids, into a file. */
export function exportRows(
  target: Target,
  store: PostgresStore,
  table: string,
  id: string,
  created: string,
  file: string,
): Command {
  const query = `COPY (SELECT ${id}, ${created} FROM ${table} ORDER BY ${id}) TO STDOUT`
  return { ...psql(target.runtime, store, query, { seconds: 600 }), stdout: file }
}

/**
 * Merges the sorted ids of a table with those of a collection: linear time, constant memory, ids beyond
 * 2^53 exact. `since` is the time of the backup. The command is tools/points.ts references.
 */
export function compareReferences(
  store: QdrantStore,
  collection: string,
  rows: string,
  since: string,
  list: string,
): Command {
  return ownCommand('points', ['references', store.name, collection, rows, since, list], async (_, io) => {
    const access = { url: store.url, apiKey: store.apiKey, signal: io.signal }
    return `${JSON.stringify(await merge(access, collection, rows, since, list, io))}\n`
  })
}

/** `gap`: how many rows had no point already when the backup was taken, as its manifest says. */
export function referenceVerdict(o: Output, gap = 0): Verdict {
  const r = JSON.parse(o.stdout) as References
  const found = [`${count(r.rows)} rows, ${count(r.points)} points`]
  if (r.expected > 0)
    found.push(`${plural(r.expected, 'row')} younger than the backup, to be embedded again: ${r.list}`)
  const lost = Math.max(0, r.missing - gap)
  if (lost > 0) found.push(`${plural(lost, 'older row')} without a point (such as ${r.samples.join(', ')})`)
  if (r.missing > lost)
    found.push(`${plural(r.missing - lost, 'row')} had no point in the backup either: ${r.list}`)
  if (r.orphans > 0) found.push(`${plural(r.orphans, 'point')} without a row (deleted since the backup)`)
  const verdict = lost > 0 ? 'failed' : r.expected + r.missing + r.orphans > 0 ? 'expected loss' : 'proven'
  return { verdict, found: found.join('; ') }
}

export async function merge(
  access: Access,
  collection: string,
  rows: string,
  since: string,
  list: string,
  io: Io,
): Promise<References> {
  const bound = Date.parse(since) - GRACE_MS
  const seen: References = {
    relation: collection,
    rows: 0,
    points: 0,
    expected: 0,
    missing: 0,
    orphans: 0,
    samples: [],
    list,
  }
  const again: string[] = []
  const points = ids(access, collection)[Symbol.asyncIterator]()
  let point = await points.next()
  const nextPoint = async () => {
    seen.points++
    point = await points.next()
  }
  for await (const line of createInterface({ input: createReadStream(resolve(io.cwd, rows)) })) {
    const [id = '', created = ''] = line.split('\t')
    const row = BigInt(id)
    seen.rows++
    while (!point.done && point.value < row) {
      seen.orphans++
      await nextPoint()
    }
    if (!point.done && point.value === row) await nextPoint()
    else
      noteMissing(seen, again, id, Date.parse(`${created.replace(' ', 'T').replace(/\+00$/, 'Z')}`) >= bound)
    io.progress({ done: seen.rows, unit: 'points' })
  }
  while (!point.done) {
    seen.orphans++
    await nextPoint()
  }
  writeFileSync(resolve(io.cwd, list), again.map(id => `${id}\n`).join(''))
  return seen
}

function noteMissing(seen: References, again: string[], id: string, young: boolean): void {
  again.push(id)
  if (young) seen.expected++
  else {
    seen.missing++
    if (seen.samples.length < 5) seen.samples.push(id)
  }
}

/** The numeric ids of a collection, ascending: the order in which Qdrant scrolls. */
async function* ids(access: Access, collection: string): AsyncGenerator<bigint> {
  let offset: PointId | null | undefined
  while (offset !== null) {
    const body = {
      limit: PAGE,
      with_payload: false,
      with_vector: false,
      ...(offset === undefined ? {} : { offset }),
    }
    const page = await result<{
      points: { id: PointId }[]
      next_page_offset: PointId | null
    }>(access, 'POST', `/collections/${collection}/points/scroll`, body)
    for (const { id } of page.points) if (/^\d+$/.test(String(id))) yield BigInt(id)
    offset = page.next_page_offset
  }
}
