import { type Access, ask, type PointId, parsePoints } from './client.ts'
import { isAsNear, isDense, type Space, type Spaces, vectorsOf } from './vectors.ts'

/** A stored vector to search with. */
export interface Probe {
  id: PointId
  /** Of the vector; empty where the only one has none. */
  name: string
  space: Space
  vector: number[]
}

/** The dense vectors of a point: of a sparse one, or of a matrix, nobody says that the nearest is itself. */
export function probesOf({ id, vector }: { id: PointId; vector: unknown }, spaces: Spaces): Probe[] {
  return vectorsOf(vector).flatMap(([name, one]) => {
    const space = spaces.get(name)
    return space && isDense(one) ? [{ id, name, space, vector: one }] : []
  })
}

/** The point is among the nearest to its vector, or those are as near as itself: duplicates have the same vector. */
export async function findsItself(access: Access, path: string, probe: Probe): Promise<boolean> {
  const { id, name, space, vector } = probe
  const body = { query: vector, limit: 10, ...(name === '' ? {} : { using: name }) }
  const answer = await ask(access, 'POST', `${path}/points/query`, body)
  if (answer.status !== 200) return false
  const { points } = (parsePoints(answer.body) as Hits).result
  if (points.some(hit => hit.id === id)) return true
  return points.length > 0 && points.every(({ score }) => isAsNear(score, vector, space))
}

interface Hits {
  result: { points: { id: PointId; score: number }[] }
}
