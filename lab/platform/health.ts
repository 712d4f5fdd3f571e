import { embed } from './embedding.ts'
import { DOCUMENTS, PACKAGES } from './qdrant.ts'
import type { Reply } from './server.ts'
import { reason, StoreError, type StoreName } from './store-error.ts'
import type { Stores } from './stores.ts'

interface StoreHealth {
  status: 'healthy' | 'broken'
  detail: string
}

/**
 * What each store can do right now: not whether a port is open, but whether the platform's own kind of
 * read works. HTTP 200, or 503 with the names of the broken stores.
 */
export async function health(service: string, stores: Stores): Promise<Reply> {
  const [qdrant, neo4j, postgres] = await Promise.all([
    look(() => lookAtQdrant(stores)),
    look(() => lookAtNeo4j(stores)),
    look(() => lookAtPostgres(stores)),
  ])
  const all: Record<StoreName, StoreHealth> = { qdrant, neo4j, postgres }
  const broken = Object.keys(all).filter(name => all[name as StoreName].status === 'broken')
  const status = broken.length === 0 ? 'healthy' : 'unhealthy'
  return { status: broken.length === 0 ? 200 : 503, body: { status, service, broken, stores: all } }
}

async function look(probe: () => Promise<string>): Promise<StoreHealth> {
  try {
    return { status: 'healthy', detail: await probe() }
  } catch (error) {
    return { status: 'broken', detail: reason(error) }
  }
}

async function lookAtQdrant({ qdrant }: Stores): Promise<string> {
  const [best] = await qdrant.query(DOCUMENTS, embed('read a file'), 1)
  if (!best) throw new StoreError('qdrant', `a query on ${DOCUMENTS} finds nothing`, false)
  if (typeof best.payload.text !== 'string') {
    throw new StoreError('qdrant', `point ${best.id} of ${DOCUMENTS} has no text`, false)
  }
  const packages = await qdrant.count(PACKAGES)
  if (packages === 0) throw new StoreError('qdrant', `${PACKAGES} is empty`, false)
  return `${DOCUMENTS} answers, ${packages} packages`
}

async function lookAtNeo4j({ neo4j }: Stores): Promise<string> {
  const [row] = await neo4j.run('MATCH (p:Package) RETURN count(p) AS packages', {}, 'read')
  if (!row?.packages) throw new StoreError('neo4j', 'the graph has no packages', false)
  return `${row.packages} packages`
}

async function lookAtPostgres({ postgres }: Stores): Promise<string> {
  const [row] = await postgres.query<{ id: string }>('SELECT id FROM chunks ORDER BY id LIMIT 1')
  if (!row) throw new StoreError('postgres', 'there are no chunks', false)
  return 'chunks can be read'
}
