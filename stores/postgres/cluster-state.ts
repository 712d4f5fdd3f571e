import type { Output } from '../../lib/command.ts'
import { Problem } from '../../lib/problem.ts'
import type { ServiceState } from '../../lib/runtime.ts'
import type { PostgresStore } from '../../lib/target.ts'
import { refusal } from './explain.ts'
import type { Database, Path } from './facts.ts'
import { literal } from './sql.ts'

/** Version, roles and databases as JSON; templates are nobody's data. */
export const CLUSTER_QUERY = `SELECT json_build_object('version', current_setting('server_version'),
  'roles', (SELECT json_agg(rolname ORDER BY rolname) FROM pg_roles),
  'databases', (SELECT json_agg(json_build_object('name', datname, 'open', datallowconn) ORDER BY datname)
    FROM pg_database WHERE NOT datistemplate))`

interface Cluster {
  up: boolean
  version: string
  roles: string[]
  databases: Database[]
}

/** A server that does not answer is a finding; one that refuses us is a Problem. */
export function readCluster(o: Output, store: PostgresStore): Cluster {
  if (o.exitCode === 0) {
    const { version, roles, databases } = JSON.parse(o.stdout) as Omit<Cluster, 'up'>
    return { up: true, version: version.split(' ')[0]!, roles, databases: databases ?? [] }
  }
  const known = /password|does not exist/.test(o.stderr) ? refusal(o, store) : undefined
  if (known) throw new Problem(known.message, { hint: known.hint })
  return { up: false, version: '', roles: [], databases: [] }
}

/** What a server says that cannot start; what it tells impatient clients meanwhile is not among it. */
const LAST_WORDS =
  /\b(?:FATAL|PANIC):|initdb: error|could not find the database system|could not access the server/
const CHATTER = /the database system is |password authentication|does not exist|terminating connection/

/** The last reason that a log gives for not starting; empty when there is none. */
export function reasonOf(log: string): string {
  const lines = log.split('\n')
  const ready = lines.findLastIndex(line => line.includes('ready to accept connections'))
  const said = lines.slice(ready + 1).filter(line => LAST_WORDS.test(line) && !CHATTER.test(line))
  return (said.at(-1) ?? '').replace(/^.*?((?:FATAL|PANIC|initdb: error|postgres):)/, '$1').trim()
}

/** Where a recovery has to begin. A container that was stopped is no proof of damage. */
export function pathOf(up: boolean, { state, exitCode }: ServiceState, reason: string): Path {
  if (up) return 'database'
  if (state === 'restarting' || state === 'dead') return 'cluster'
  if (state === 'missing' || state === 'created') return 'stopped'
  if (state === 'exited') return reason !== '' && exitCode !== 0 ? 'cluster' : 'stopped'
  return state === 'running' && reason !== '' ? 'cluster' : 'silent'
}

/** Everything about one database: whether it is there, and open. */
export function databaseNamed(databases: readonly Database[], name: string): Database | undefined {
  return databases.find(database => database.name === name)
}

/** One row per name that exists. */
export function whichExist(names: readonly string[]): string {
  return `SELECT datname FROM pg_database WHERE datname IN (${names.map(literal).join(', ')})`
}
