import type { Output } from '../lib/command.ts'
import { plural } from '../lib/format.ts'
import { isUp, stateOf } from '../lib/runtime.ts'
import type { SmokeRequest } from '../lib/smoke-tests.ts'
import type { WorldState } from '../runbook/model.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import { allUp, type Base } from '../stores/base.ts'
import { requestOf } from '../stores/smoke/request.ts'
import { hasWriters } from './stop-services.ts'

const startWriters = (s: Sequence<Base>) =>
  s
    .write('start the services, gateways last', {
      run: f => f.target.runtime.start([...f.target.writers].reverse()),
      probe: { look: f => f.target.runtime.states(), state: started },
      undo: f => f.target.runtime.stop(f.target.writers, f.target.graceSeconds),
      repeatable: true,
    })
    .until(
      'all of them are healthy',
      f => f.target.runtime.states(f.target.writers),
      healthy,
      { total: 300, every: 2 },
      allUp,
    )

export const restartServices = step<Base, unknown>({
  id: 'restart-services',
  title: 'Restart the services',
  why: `This makes the system live again, so it comes after every proof. The order is the opposite of the stop,
the gateways last. Containers are started as they are and never exchanged: a changed image or file would be a
second experiment in the same night.`,
  trouble:
    'A service that does not become healthy says why in `docker compose logs <service>`. The stores are proven; look at its configuration first.',
  body: s =>
    s
      .when('there are services that write', hasWriters, s => s.use(startWriters))
      // A service without a health check runs before it listens.
      .each(
        'page',
        f => f.target.smokeTests.requests.filter(onlyReads),
        s =>
          s.until(
            'it answers',
            f => requestOf(f.page),
            o => o.exitCode === 0,
            { total: 120, every: 2 },
          ),
        'For each page that the smoke tests read',
      ),
  summary: f =>
    hasWriters(f)
      ? `${plural(f.target.writers.length, 'service')} up and healthy`
      : 'no writers in the compose file; who writes from elsewhere may go on',
})

function onlyReads({ kind, method }: SmokeRequest): boolean {
  return kind === 'data' && method === 'GET'
}

function started(o: Output, f: Base): WorldState {
  const states = f.target.runtime.readStates(o)
  const running = f.target.writers.filter(service => stateOf(states, service).state === 'running')
  if (running.length === f.target.writers.length) return 'done'
  return running.length === 0 ? 'absent' : 'partial'
}

function healthy(o: Output, f: Base): boolean {
  const states = f.target.runtime.readStates(o)
  return f.target.writers.every(service => isUp(stateOf(states, service)))
}
