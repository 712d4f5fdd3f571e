import { type Command, ownCommand } from '../../lib/command.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { type Access, ask, type PointId, parsePoints, refused, result } from './client.ts'
import { type Info, payloadSchema } from './commands.ts'

/** What a collection shows without being read; `there` false: it does not exist, and the rest says nothing. */
export interface Shape {
  there: boolean
  status: string
  /** By exact count: `points_count` is approximate. */
  points: number
  params: unknown
  schema: Record<string, string>
  searches: Searches
}

/** Searches with the stored vectors of some points; a point of several named vectors is tried with each. */
export interface Searches {
  tried: number
  /** "7 (by text)": points that their own vector did not find. */
  missed: string[]
}

const SAMPLES = 5
const NONE: Shape = {
  there: false,
  status: '',
  points: 0,
  params: null,
  schema: {},
  searches: { tried: 0, missed: [] },
}

/** Parameters, indexes, exact count and sample searches of a collection, or of what an alias leads to. */
export function shapeOf(store: QdrantStore, collection: string): Command {
  return ownCommand('points', ['shape', store.name, collection], async ([, , name], io) => {
    const access = { url: store.url, apiKey: store.apiKey, signal: io.signal }
    return `${JSON.stringify(await readShape(access, name!))}\n`
  })
}

/** Throws a Problem when Qdrant does not answer, or answers anything but the collection or that it is not there. */
export async function readShape(access: Access, collection: string): Promise<Shape> {
  const path = `/collections/${collection}`
  const answer = await ask(access, 'GET', path)
  if (answer.status === 404) return NONE
  if (answer.status !== 200) throw refused('GET', path, answer)
  const { result: info } = JSON.parse(answer.body) as { result: Info }
  const { count } = await result<{ count: number }>(access, 'POST', `${path}/points/count`, { exact: true })
  return {
    there: true,
    status: info.status,
    points: count,
    params: info.config.params,
    schema: payloadSchema(info),
    searches: await search(access, path),
  }
}

interface Sample {
  id: PointId
  vector: unknown
}

async function search(access: Access, path: string): Promise<Searches> {
  const body = { limit: SAMPLES, with_payload: false, with_vector: true }
  const { points } = await result<{ points: Sample[] }>(access, 'POST', `${path}/points/scroll`, body)
  const searches: Searches = { tried: 0, missed: [] }
  for (const { id, vector } of points) {
    for (const [using, query] of Object.entries(vectorsOf(vector))) {
      searches.tried++
      const found = await findsItself(access, path, id, { query, ...(using === '' ? {} : { using }) })
      if (!found) searches.missed.push(using === '' ? `${id}` : `${id} (by ${using})`)
    }
  }
  return searches
}

/** By name; the only vector of a point without names has none. */
function vectorsOf(vector: unknown): Record<string, unknown> {
  if (Array.isArray(vector)) return { '': vector }
  return (vector ?? {}) as Record<string, unknown>
}

/** The point is among the nearest, or those are no nearer than itself: duplicates have the same vector. */
async function findsItself(access: Access, path: string, id: PointId, query: object): Promise<boolean> {
  const hits = await nearest(access, path, { ...query, limit: 10 })
  if (hits.some(hit => hit.id === id)) return true
  const [own] = await nearest(access, path, { ...query, limit: 1, filter: { must: [{ has_id: [id] }] } })
  const best = hits[0]
  return own !== undefined && best !== undefined && Math.abs(best.score - own.score) < 0.001
}

async function nearest(
  access: Access,
  path: string,
  body: object,
): Promise<{ id: PointId; score: number }[]> {
  const answer = await ask(access, 'POST', `${path}/points/query`, body)
  if (answer.status !== 200) return []
  return (parsePoints(answer.body) as { result: { points: { id: PointId; score: number }[] } }).result.points
}
