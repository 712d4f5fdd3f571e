import type { Output } from '../lib/command.ts'
import { plural } from '../lib/format.ts'
import type { WorldState } from '../runbook/model.ts'
import type { Sequence } from '../runbook/tree.ts'
import { step } from '../runbook/tree.ts'
import type { Base } from '../stores/base.ts'

const stopWriters = (s: Sequence<Base>) =>
  s.write('stop the services that write', {
    run: f => f.target.runtime.stop(f.target.writers, f.target.graceSeconds),
    probe: { look: f => f.target.runtime.states(), state: stopped },
    undo: f => f.target.runtime.start([...f.target.writers].reverse()),
    repeatable: true,
  })

/** A platform may have nothing but its stores: what writes to them then is outside of the compose file. */
export function hasWriters(f: Base): boolean {
  return f.target.writers.length > 0
}

export const stopServices = step<Base & { fence: string }, unknown>({
  id: 'stop-services',
  title: 'Stop the services that write',
  why: `A service that writes during a restore makes data that fits neither the old state nor the new one. The
writers stop, the stores stay up: stopping everything would also stop MinIO and the databases that the next
steps need. The backup service counts as a writer, because its nightly run would save a half-restored store.`,
  trouble:
    'A service that does not stop within its grace time is killed by Docker; look at its log, then go on.',
  body: s =>
    s.when(
      'they were not stopped at the fence',
      f => hasWriters(f) && f.fence !== 'yes',
      s => s.use(stopWriters),
    ),
  summary: f =>
    hasWriters(f)
      ? `${plural(f.target.writers.length, 'writer')} stopped, stores up`
      : 'no writers in the compose file; who writes from elsewhere is to be stopped there',
})

export const fenceAtOnce = step<Base, { fence: string }>({
  id: 'fence',
  title: 'Fence at once if wished',
  why: 'Damage spreads while one reads. Stopping the writers needs no backup and no plan, and can be undone.',
  body: s =>
    s
      .ask({
        id: 'fence',
        say: 'Stop the writers now, before anything else?',
        choices: f =>
          hasWriters(f)
            ? [
                { value: 'yes', label: 'yes', hint: 'users see an outage from now on; nothing gets worse' },
                { value: 'no', label: 'no', hint: 'they are stopped after the confirmation' },
              ]
            : [{ value: 'no', label: 'no', hint: 'the configuration names no service that writes' }],
        suggest: f => (hasWriters(f) ? 'yes' : 'no'),
        assume: {
          answer: 'no',
          because: 'the confirmation was given in advance; the writers stop right after it',
        },
      })
      .when(
        'the answer is yes',
        f => hasWriters(f) && f.fence === 'yes',
        s => s.use(stopWriters),
      ),
})

function stopped(o: Output, f: Base): WorldState {
  const states = f.target.runtime.readStates(o).filter(state => f.target.writers.includes(state.service))
  const running = states.filter(state => state.state === 'running' || state.state === 'restarting')
  if (running.length === 0) return 'done'
  return running.length === states.length ? 'absent' : 'partial'
}
