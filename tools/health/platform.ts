import { type Command, command } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { isUp, type ServiceState, stateOf } from '../../lib/runtime.ts'
import type { SmokeRequest } from '../../lib/smoke-tests.ts'
import { type Store, servicesOf, type Target } from '../../lib/target.ts'
import { cypher } from '../../stores/neo4j/commands.ts'
import { psql } from '../../stores/postgres/commands.ts'
import { collections } from '../../stores/qdrant/commands.ts'
import { judgeAnswer } from '../../stores/smoke/answer.ts'
import { requestOf } from '../../stores/smoke/request.ts'
import { type Check, failed, proven } from './check.ts'

/** Containers, asked for once, then the stores with their passwords, then the pages that the smoke tests read. */
export function platformChecks(target: Target): Check[] {
  const stores = Object.values(target.stores)
  const { runtime, root } = target
  const states = exec(runtime.states(), { cwd: root }).then(output => runtime.readStates(output))
  // Each check that needs it tells its own story.
  states.catch(() => undefined)
  return [
    check('Docker answers', async ({ runtime, root }) => {
      const { stdout } = await exec(runtime.version(), { cwd: root })
      return proven(`Docker ${stdout.trim()}`)
    }),
    ...servicesOf(target).map(name => upAndHealthy(name, states)),
    ...stores.map(answers),
    ...target.smokeTests.requests.filter(({ method }) => method === 'GET').map(page),
  ]
}

/** One GET that must succeed; the body is nobody's business here. */
export function fetching(url: string): Command {
  const argv = ['-fsS', '-o', '/dev/null', '--max-time', '5', url] as const
  return command(['curl', ...argv], { limits: { total: 15 } })
}

function check(name: string, look: Check['look']): Check {
  return { area: 'platform', name, look }
}

function upAndHealthy(service: string, states: Promise<ServiceState[]>): Check {
  return check(`${service} is up`, async () => {
    const state = stateOf(await states, service)
    const found = state.health ? `${state.state}, ${state.health}` : state.state
    return isUp(state) ? proven(found) : failed(found, `docker compose logs ${service}`)
  })
}

/** The pages among the smoke tests; those that post something are too much for every minute. */
function page(test: SmokeRequest): Check {
  return check(test.name, async ({ root }) => {
    const { verdict, found } = judgeAnswer(test, await exec(requestOf(test), { cwd: root }))
    return verdict === 'proven' ? proven(found) : failed(found, 'npx tsx tools/smoke-tests.ts')
  })
}

function answers(store: Store): Check {
  return check(`${store.name} answers, with its password`, async ({ runtime, root }) => {
    await exec(question(runtime, store), { cwd: root })
    return proven('it answers')
  })
}

function question(runtime: Target['runtime'], store: Store): Command {
  switch (store.kind) {
    case 'postgres':
      return psql(runtime, store, 'SELECT 1', { seconds: 20 })
    case 'neo4j':
      return cypher(runtime, store, 'RETURN 1')
    case 'qdrant':
      return collections(store)
  }
}
