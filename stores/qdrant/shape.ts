import { type Command, ownCommand } from '../../lib/command.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { type Access, ask, type PointId, refused, result } from './client.ts'
import { type Info, payloadSchema } from './commands.ts'
import { findsItself, probesOf } from './search.ts'
import { type Spaces, spacesOf } from './vectors.ts'

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
    searches: await search(access, path, spacesOf((info.config.params as { vectors?: unknown }).vectors)),
  }
}

async function search(access: Access, path: string, spaces: Spaces): Promise<Searches> {
  const body = { limit: SAMPLES, with_payload: false, with_vector: true }
  const { points } = await result<{ points: Sample[] }>(access, 'POST', `${path}/points/scroll`, body)
  const searches: Searches = { tried: 0, missed: [] }
  for (const probe of points.flatMap(point => probesOf(point, spaces))) {
    searches.tried++
    const { id, name } = probe
    if (!(await findsItself(access, path, probe)))
      searches.missed.push(name === '' ? `${id}` : `${id} (by ${name})`)
  }
  return searches
}

interface Sample {
  id: PointId
  vector: unknown
}
