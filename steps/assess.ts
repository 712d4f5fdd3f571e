import { command, type Output } from '../lib/command.ts'
import { unknownServices } from '../lib/compose.ts'
import { plural } from '../lib/format.ts'
import { Problem } from '../lib/problem.ts'
import { isUp, type Layout, type ServiceState, stateOf } from '../lib/runtime.ts'
import { type Neo4jStore, type PostgresStore, servicesOf, storesOf } from '../lib/target.ts'
import type { Sequence } from '../runbook/tree.ts'
import { type Candidate, listBackups, readCatalogue } from '../stores/backups.ts'
import type { Base, Found, StoreBase } from '../stores/base.ts'
import { lastTests, readTests, type Tested } from '../stores/evidence.ts'
import { cypher, NO_ANSWER } from '../stores/neo4j/commands.ts'
import { psql, SILENT } from '../stores/postgres/commands.ts'

/** What is known once somebody has looked around: the platform, and what the bucket holds. */
export interface Around {
  layout: Layout
  states: ServiceState[]
  candidates: Candidate[]
  /** The last test of a restore of each store that passed. */
  tested: Tested[]
}

export const TROUBLE =
  'When Docker or MinIO does not answer, repair that first: nothing can be recovered without them. When a password is refused, correct it in the environment or .env; do not change it in the database now.'
export const LOGS_FIRST = 'The last log lines of every store are saved first, because a restart loses them.'

export function told(f: Pick<Found, 'findings'>): string {
  return f.findings.length === 0
    ? 'nothing is wrong as far as it can be seen'
    : plural(f.findings.length, 'finding')
}

export function details(f: Base & Pick<Found, 'findings'> & { states: ServiceState[] }): string[] {
  return [...downServices(f), ...f.findings.map(finding => finding.sentence)]
}

/** The platform, its logs, its passwords, and the backups of the store in question. */
export function lookAround<F extends StoreBase>(s: Sequence<F>): Sequence<F & Around> {
  const around = (s as unknown as Sequence<StoreBase>)
    .use(prerequisites)
    .use(saveLogs)
    .read(
      'list the backups',
      f => listBackups(f.target, f.store.name, f.run.against),
      o => ({ candidates: readCatalogue(o).candidates }),
    )
    .use(credentials)
    .use(evidence)
  return around as unknown as Sequence<F & Around>
}

/** A restore that was never tried is a hope: the plan says how old the last proof is. */
export function evidence<F extends Base>(s: Sequence<F>) {
  return s.read('see when a restore was last tested', lastTests, o => ({ tested: readTests(o) }))
}

/** A restart loses what a store said last. */
export function saveLogs<F extends Base>(s: Sequence<F>) {
  return s.each(
    'logged',
    f => [...new Set(Object.values(f.target.stores).map(({ service }) => service))],
    s =>
      s.keep('save its last log lines', f => {
        const { target, logged, run } = f as unknown as Base & { logged: string }
        return { ...target.runtime.logs(logged, 200), stdout: `${run.folder}/${logged}.log` }
      }),
  )
}

/** The machine, its programs, the services: what every recovery needs. */
export function prerequisites<F extends Base>(s: Sequence<F>) {
  return s
    .read('ask Docker for its version', f => f.target.runtime.version())
    .read(
      'resolve services and volumes',
      f => f.target.runtime.layout(),
      (o, f) => ({ layout: known(f.target.runtime.readLayout(o), f) }),
    )
    .read(
      'see every service, the dead included',
      f => (f as unknown as Base).target.runtime.states(),
      (o, f) => {
        const base = f as unknown as Base
        return { states: present(base.target.runtime.readStates(o), base) }
      },
    )
    .read('see that curl is there', () => command(['curl', '--version']))
    .read('see that GNU tar is there', () => command(['tar', '--version']), gnu)
}

/** Services that the configuration names and that are not up. */
export function downServices(f: Base & { states: ServiceState[] }): string[] {
  return servicesOf(f.target).flatMap(name => {
    const state = stateOf(f.states, name)
    return isUp(state) ? [] : [`${name} is ${state.state}${state.health ? ` (${state.health})` : ''}`]
  })
}

/** Every service that the configuration names must exist in the compose file. */
function known(layout: Layout, f: Base): Layout {
  const problem = unknownServices(layout, servicesOf(f.target))
  if (problem) throw problem
  return layout
}

/** A project nobody has started is most often a misspelt one. */
function present(states: ServiceState[], f: Base): ServiceState[] {
  if (states.length > 0) return states
  throw new Problem(`the project "${f.target.runtime.project}" has no containers`, {
    exitCode: 64,
    hint: '`docker compose ls -a` shows the projects of this daemon; correct docker.project or docker.context',
  })
}

function gnu(o: Output): void {
  if (/GNU tar/.test(o.stdout)) return
  throw new Problem('tar is not GNU tar', { hint: 'snapshots have sparse members: install GNU tar' })
}

/** A refused password is found now, not in the smoke test; a store that is down is not our business here. */
export function credentials<F extends Base>(s: Sequence<F>) {
  return s
    .each(
      'database',
      f => storesOf(f.target, 'postgres'),
      s =>
        s.read(
          'try the password of PostgreSQL',
          f => psql(f.target.runtime, f.database, 'SELECT 1', { seconds: 20, ok: SILENT }),
          (o, f) => refuse(/authentication failed|no password supplied/, o, f.database),
        ),
    )
    .each(
      'graph',
      f => storesOf(f.target, 'neo4j'),
      s =>
        s.read(
          'try the password of Neo4j',
          f => cypher(f.target.runtime, f.graph, 'RETURN 1', NO_ANSWER),
          (o, f) => refuse(/unauthorized|authentication failure|incorrect/i, o, f.graph),
        ),
    )
}

function refuse(pattern: RegExp, o: Output, store: Neo4jStore | PostgresStore): void {
  if (o.exitCode === 0 || !pattern.test(o.stdout + o.stderr)) return
  throw new Problem(`${store.name} refuses the password of ${store.user}`, {
    hint: `set ${store.password.name} to the right one; a password from the environment wins over .env`,
  })
}
