import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import type { PointSide, Relation } from '../../lib/config-schema.ts'
import { LineFile, linesOf } from '../../lib/data-files.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { timeIn } from '../age.ts'
import { columnsOf, lineOf, putInOrder } from '../keys.ts'
import {
  type How,
  howWords,
  type Match,
  mergeReferences,
  type RepairLists,
  relationsWith,
  repairLists,
  rowsFile,
  type Side,
} from '../references.ts'
import { type Access, type PointId, result } from './client.ts'
import type { QdrantBase } from './facts.ts'

/** A relation between rows and points. */
export type PointRelation = Relation & Required<Pick<Relation, 'qdrant'>>

const PAGE = 10_000

/**
 * Compares the listed rows with the points of a collection (tools/points.ts references). `since` is the time of the
 * backup. Ids are exact whatever their size, and may be UUIDs.
 */
export function comparePoints(
  store: QdrantStore,
  collection: string,
  rows: string,
  since: string,
  lists: RepairLists,
  how: How = {},
): Command {
  const words = ['references', store.name, collection, rows, since, lists.missing, lists.orphans]
  return ownCommand('points', [...words, ...howWords(how)], async (_, io) => {
    const access = { url: store.url, apiKey: store.apiKey, signal: io.signal }
    const listed = `${rows}.points`
    try {
      const points =
        how.field === undefined
          ? pointsOf(access, collection, how)
          : inOrder(pointsOf(access, collection, how), listed, io)
      return `${JSON.stringify(await mergeReferences(rows, points, since, lists, io, how))}\n`
    } finally {
      rmSync(resolve(io.cwd, listed), { force: true })
    }
  })
}

/** How the points of a relation refer to its rows. */
export function howPoints({ field, created, cardinality }: PointSide): How {
  return {
    ...(cardinality === '1:n' ? { many: true as const } : {}),
    ...(field === undefined ? {} : { field }),
    ...(created === undefined ? {} : { created }),
  }
}

/** Points, and how rows are compared with them. */
export const POINTS: Side = {
  partner: 'point',
  relations: f => relationsWith(f, 'qdrant'),
  compare: (f, since) => compareRelation(f as QdrantBase & { relation: PointRelation }, since),
}

function compareRelation(f: QdrantBase & { relation: PointRelation }, since: string): Command {
  const { name, qdrant } = f.relation
  const rows = rowsFile(f, name, 'point')
  const lists = repairLists(f, name, 'point')
  return comparePoints(f.store, qdrant.collection, rows, since, lists, howPoints(qdrant))
}

/** The points of a collection in the order in which Qdrant scrolls: ids that are numbers ascending, then UUIDs. */
export async function* pointsOf(
  access: Access,
  collection: string,
  { field, created }: How = {},
): AsyncGenerator<Match> {
  const fields = [field, created].filter(name => name !== undefined)
  let offset: PointId | null | undefined
  while (offset !== null) {
    const body = {
      limit: PAGE,
      with_payload: fields.length === 0 ? false : fields,
      with_vector: false,
      ...(offset === undefined ? {} : { offset }),
    }
    const page = await result<{
      points: { id: PointId; payload?: Record<string, unknown> | null }[]
      next_page_offset: PointId | null
    }>(access, 'POST', `/collections/${collection}/points/scroll`, body)
    for (const { id, payload } of page.points) {
      const key = field === undefined ? String(id) : keyIn(payload?.[field])
      yield { key, id: String(id), ...(created === undefined ? {} : { created: timeIn(payload?.[created]) }) }
    }
    offset = page.next_page_offset
  }
}

/** A key in a payload: a whole number, or a text of one line. */
export function keyIn(value: unknown): string | undefined {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' && !/[\n\r\t]/.test(value) ? value : undefined
}

/** The same in the order of their keys; the file holds them meanwhile. */
async function* inOrder(points: AsyncIterable<Match>, file: string, io: Io): AsyncGenerator<Match> {
  const path = resolve(io.cwd, file)
  const lines = new LineFile(path)
  for await (const point of points) {
    if (point.key === undefined) yield point
    else lines.add(lineOf(point.key, point.id, String(point.created ?? Number.NaN)))
  }
  lines.end()
  await putInOrder(file, io)
  for await (const line of linesOf(path)) {
    const [key, id = '', created] = columnsOf(line)
    yield { key, id, created: Number(created) }
  }
}
