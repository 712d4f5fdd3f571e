import type { Output } from '../../lib/command.ts'
import type { Layout, ServiceState } from '../../lib/runtime.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { explained } from './admin.ts'
import { alone } from './alone.ts'
import { beside, DUMPS } from './commands.ts'
import type { Neo4jBase } from './facts.ts'
import { askGuardian, dismissGuardian, setGuardian } from './guardian.ts'
import { startNeo4j, stopCleanly } from './stop.ts'

type Needs = Neo4jBase & { layout: Layout; states: ServiceState[] }

/**
 * Community edition dumps a stopped database only, so Neo4j is away for the time of a dump. Whatever happens
 * in it, somebody starts Neo4j again: this run, its undo, or the guardian.
 */
export function dumpWhileStopped<F extends Needs>(s: Sequence<F>) {
  const stopped = s
    .write('set a guardian that starts Neo4j again if this run dies', {
      run: f => setGuardian(f),
      probe: { look: f => askGuardian(f), state: o => (said(o) === 'on guard' ? 'done' : 'absent') },
      undo: f => dismissGuardian(f),
    })
    .let('note the time', () => ({ stoppedAt: Date.now() }))
    .use(s => stopCleanly(s as unknown as Sequence<F & { stoppedAt: number }>))
  const dumped = alone(stopped as unknown as Sequence<F & { stoppedAt: number }>).write(
    'dump the graph and the users',
    {
      // Both in one process: a start of Java each is time in which Neo4j is away. Never to stdout, where log
      // lines come between (neo4j issue 13397), and never over another dump, whose tail would stay (13604).
      run: f =>
        explained(
          beside(f, 'dump', ['neo4j-admin', 'database', 'dump', '--verbose', '*', `--to-path=${DUMPS}`], {
            limits: { total: 3600 },
          }),
        ),
      probe: {
        look: f => beside(f, 'dumped', ['sh', '-c', `cd ${DUMPS} && find . -name '*.dump' -size +0`]),
        state: (o, f) => dumpState(o, f.store.database),
      },
      undo: { none: 'the dumps lie in a volume of this run' },
    },
  )
  return startNeo4j(dumped)
    .let('note how long it was away', f => ({ away: (Date.now() - f.stoppedAt) / 1000 }))
    .write('dismiss the guardian', {
      run: f => dismissGuardian(f),
      probe: { look: f => askGuardian(f), state: o => (said(o) === 'dismissed' ? 'done' : 'absent') },
      undo: { none: 'Neo4j runs' },
    })
}

function said(o: Output): string {
  return o.stdout.trim()
}

/** A dump of `neo4j` holds no users; they live in `system`. */
export function dumpState(o: Output, database: string): 'absent' | 'partial' | 'done' {
  const missing = [database, 'system'].filter(name => !o.stdout.includes(`./${name}.dump`))
  return missing.length === 0 ? 'done' : missing.length === 2 ? 'absent' : 'partial'
}
