import type { Command, Output } from '../../lib/command.ts'
import { type ServiceState, stateOf } from '../../lib/runtime.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { isOnline, status } from './commands.ts'
import type { Neo4jBase } from './facts.ts'

/** Killed in its checkpoint, Neo4j leaves a store that no dump and no check accepts (docker-neo4j issue 362). */
const GRACE_SECONDS = 300
/** Exit code of a container that was killed; `docker compose stop` gives 0 even then. */
const KILLED = 137

export function stopNeo4j<F extends Neo4jBase>(s: Sequence<F>): Sequence<F> {
  return s.write('stop Neo4j', {
    run: f => f.target.runtime.stop([f.store.service], Math.max(GRACE_SECONDS, f.target.graceSeconds)),
    probe: { look: f => f.target.runtime.states(), state: (o, f) => (runs(o, f) ? 'absent' : 'done') },
    undo: f => f.target.runtime.start([f.store.service]),
  })
}

export function startNeo4j<F extends Neo4jBase>(s: Sequence<F>): Sequence<F> {
  return (
    s
      .write('start Neo4j', {
        run: f => f.target.runtime.start([f.store.service]),
        probe: { look: f => f.target.runtime.states(), state: (o, f) => (runs(o, f) ? 'done' : 'absent') },
        undo: f => f.target.runtime.stop([f.store.service], Math.max(GRACE_SECONDS, f.target.graceSeconds)),
        critical: true,
      })
      // A cypher-shell is a Java of its own: asked every second it would slow down what it waits for.
      .until(
        'it answers',
        f => answers(f),
        o => o.exitCode === 0,
        { total: 600, every: 1 },
      )
      .until(
        'its database is online',
        f => status(f),
        isOnline,
        { total: 600, every: 2 },
        () => ({
          shows: '^"online", ',
        }),
      )
  )
}

function answers(f: Neo4jBase): Command {
  const ask = ['wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:7474/']
  return f.target.runtime.exec(f.store.service, ask, { limits: { total: 10 } })
}

/** Stops it, and proves that it was not killed; if it was, lets it recover once and stops it again. */
export function stopCleanly<F extends Neo4jBase>(s: Sequence<F>): Sequence<F & { ended: number }> {
  const again = (s: Sequence<F & { ended: number }>) => stopNeo4j(startNeo4j(s))
  return stopNeo4j(s)
    .read(
      'see how it ended',
      f => f.target.runtime.states(),
      (o, f) => ({ ended: own(o, f).exitCode }),
    )
    .use(s =>
      (s as unknown as Sequence<F & { ended: number }>).when(
        'it had to be killed, its log is not at rest',
        f => f.ended === KILLED,
        again,
      ),
    )
    .check('it was stopped, not killed', f => f.target.runtime.states(), atRest) as unknown as Sequence<
    F & { ended: number }
  >
}

export function atRest(o: Output, f: Neo4jBase): Verdict {
  const { state, exitCode } = own(o, f)
  const stopped = state === 'exited' || state === 'missing'
  const found = `${f.store.service} is ${state}${stopped ? `, exit code ${exitCode}` : ''}`
  return { verdict: stopped && exitCode !== KILLED ? 'proven' : 'failed', found }
}

export function own(o: Output, f: Neo4jBase): ServiceState {
  return stateOf(f.target.runtime.readStates(o), f.store.service)
}

export function runs(o: Output, f: Neo4jBase): boolean {
  return ['running', 'restarting', 'paused'].includes(own(o, f).state)
}
