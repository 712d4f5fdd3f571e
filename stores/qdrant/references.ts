import { type Command, ownCommand } from '../../lib/command.ts'
import type { Relation } from '../../lib/config-schema.ts'
import type { QdrantStore } from '../../lib/target.ts'
import {
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
): Command {
  const words = ['references', store.name, collection, rows, since, lists.missing, lists.orphans]
  return ownCommand('points', words, async (_, io) => {
    const access = { url: store.url, apiKey: store.apiKey, signal: io.signal }
    return `${JSON.stringify(await mergeReferences(rows, idsOf(access, collection), since, lists, io))}\n`
  })
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
  return comparePoints(f.store, qdrant.collection, rows, since, repairLists(f, name, 'point'))
}

/** The ids of a collection in the order in which Qdrant scrolls: numbers ascending, then UUIDs. */
export async function* idsOf(access: Access, collection: string): AsyncGenerator<string> {
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
    for (const { id } of page.points) yield String(id)
    offset = page.next_page_offset
  }
}
