import { Problem } from '../lib/problem.ts'
import { compose, type ServiceState, states, until } from './ground.ts'
import { connectStores } from './platform/stores.ts'
import { say, track } from './setup/progress.ts'
import { type LabTarget, settingsOf } from './target.ts'

export const STORES = ['qdrant', 'neo4j', 'postgres', 'minio'] as const

/** The services that write to more than one store: what they write while only one of them is brought back stays half. */
export const WRITERS = ['learning-engine', 'graph-service', 'drift-monitor'] as const

export function isStore(service: string): boolean {
  return STORES.some(store => store === service)
}

/** How long stores and services may take to come up; a cold Neo4j on a slow disk is the longest. */
const SECONDS = 180

/** Starts everything that is not running, with the settings of now, and waits for the stores. */
export async function startGround(target: LabTarget): Promise<void> {
  await track('platform', 'starting the containers', () =>
    compose(target, 'up', '-d', '--no-build', '--pull', 'never'),
  )
  await waitUntilStoresAreUp(target)
}

/** Waits until every store is healthy: \`up\` gives up on a service whose store is still starting. */
async function waitUntilStoresAreUp(target: LabTarget): Promise<void> {
  await waitUntil(target, 'stores', all => STORES.every(store => isUp(all, store)))
}

/** Waits until every store answers a question: its health check may be half a minute behind. */
export async function waitUntilStoresAnswer(target: LabTarget): Promise<void> {
  const { qdrant, neo4j, postgres } = connectStores(settingsOf(target), 'lab')
  const questions: Record<(typeof STORES)[number], () => Promise<unknown>> = {
    qdrant: () => qdrant.call('GET', '/collections'),
    neo4j: () => neo4j.run('RETURN 1', {}, 'read'),
    postgres: () => postgres.query('SELECT 1'),
    minio: () => fetch(`${target.urls.minio}/minio/health/cluster`).then(requireOk),
  }
  try {
    for (const store of STORES) await until(`${store} answers`, SECONDS, () => answered(questions[store]))
  } finally {
    await postgres.close()
  }
}

function requireOk({ ok, status }: Response): void {
  if (!ok) throw new Error(`HTTP ${status}`)
}

function answered(ask: () => Promise<unknown>): Promise<true | undefined> {
  return ask().then(
    () => true,
    () => undefined,
  )
}

/** Waits until every service is healthy: the platform's own are, once there is data to serve. */
export async function waitUntilHealthy(target: LabTarget): Promise<void> {
  await waitUntil(target, 'services', all => all.every(({ service }) => isUp(all, service)))
}

function isUp(all: readonly ServiceState[], service: string): boolean {
  const found = all.find(each => each.service === service)
  return found?.state === 'running' && (found.health === 'healthy' || found.health === '')
}

async function waitUntil(target: LabTarget, what: string, holds: (all: ServiceState[]) => boolean) {
  await track(what, 'waiting until they are healthy', async () => {
    let last: ServiceState[] = []
    try {
      await until(`${what} healthy`, SECONDS, async () => {
        last = await states(target)
        return holds(last) || undefined
      })
    } catch (error) {
      for (const { service, state, health } of last.filter(each => !isUp(last, each.service))) {
        say(`    ${service}: ${state} ${health}`)
      }
      if (error instanceof Problem) throw new Problem(error.message, { hint: 'npm run lab -- status' })
      throw error
    }
  })
}
