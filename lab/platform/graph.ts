import type { Row } from './neo4j.ts'
import { BadRequest } from './server.ts'
import type { Stores } from './stores.ts'

/**
 * Runs one Cypher query in a read transaction; the server itself refuses a write there
 * ("Writing in read access mode not allowed"), which comes back as BadRequest. Throws StoreError.
 */
export async function queryGraph(stores: Stores, query: string): Promise<{ rows: Row[] }> {
  try {
    return { rows: await stores.neo4j.run(query, {}, 'read') }
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    // A statement that is wrong in itself is the caller's fault and says nothing about the store.
    if (/Neo\.ClientError\.(Statement|Request)\./.test(message)) throw new BadRequest(message)
    throw error
  }
}
