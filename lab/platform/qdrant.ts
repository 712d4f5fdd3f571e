import { callStore } from './json-http.ts'
import type { Settings } from './settings.ts'

/** Chunks are asked for by this name, which is an alias; packages by the physical name of their collection. */
export const DOCUMENTS = 'documents'
export const PACKAGES = 'packages'

export interface Point {
  id: number | string
  vector: readonly number[]
  payload: Record<string, unknown>
}

export interface Hit {
  id: number | string
  score: number
  payload: Record<string, unknown>
}

/** The few calls of Qdrant's REST interface that the platform makes. All throw StoreError. */
export interface Qdrant {
  query(collection: string, vector: readonly number[], limit: number): Promise<Hit[]>
  upsert(collection: string, points: readonly Point[]): Promise<void>
  count(collection: string): Promise<number>
  call(method: string, path: string, body?: unknown, timeoutMs?: number): Promise<unknown>
}

export function connectQdrant({ url, apiKey }: Settings['qdrant']): Qdrant {
  const headers = apiKey ? { 'api-key': apiKey } : {}
  const call: Qdrant['call'] = async (method, path, body, timeoutMs) => {
    const request = { method, headers, body, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
    const answer = (await callStore('qdrant', url + path, request)) as { result: unknown }
    return answer.result
  }
  return {
    call,
    async query(collection, vector, limit) {
      const body = { query: vector, limit, with_payload: true }
      const result = await call('POST', `/collections/${collection}/points/query`, body)
      return (result as { points: Hit[] }).points
    },
    async upsert(collection, points) {
      await call('PUT', `/collections/${collection}/points?wait=true`, { points }, 60_000)
    },
    async count(collection) {
      const result = await call('POST', `/collections/${collection}/points/count`, { exact: true })
      return (result as { count: number }).count
    },
  }
}
