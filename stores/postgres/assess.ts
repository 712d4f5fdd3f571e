import { type ServiceState, stateOf } from '../../lib/runtime.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { type Candidate, newestUsable } from '../backups.ts'
import { CLUSTER_QUERY, databaseNamed, pathOf, readCluster, reasonOf } from './cluster-state.ts'
import { admin, SILENT } from './commands.ts'
import { place, readPlace, volumeOf } from './data-place.ts'
import type { Look, PostgresAssessed, PostgresBase } from './facts.ts'
import { findings } from './findings.ts'
import { readHealth } from './health.ts'
import { inspectDatabase, inspectReferences, readInspection } from './inspect.ts'
import { type Properties, propertiesQuery } from './properties.ts'

type Needs = PostgresBase & { states: ServiceState[]; candidates: Candidate[] }

/** Looks at everything a PostgreSQL can show of itself, and at its last words when it shows nothing. */
export const assessPostgres = (s: Sequence<Needs>) =>
  s
    .read(
      'ask PostgreSQL for its databases',
      f => admin(f, CLUSTER_QUERY, { seconds: 20, ok: SILENT }),
      (o, f) => readCluster(o, f.store),
    )
    .gather(
      'database',
      f => (databaseNamed(f.databases, f.store.database)?.open ? [f.store.database] : []),
      s => s.use(look),
      'looks',
      f => f.found,
      'If the database is there and open',
    )
    .gather(
      'service',
      f => (f.up ? [] : [f.store.service]),
      s =>
        s
          .read(
            'read its last words',
            f => f.target.runtime.logs(f.service, 60),
            o => ({ reason: reasonOf(o.stdout) }),
          )
          .read('see where it keeps its data, and what is mounted', place, readPlace)
          .read(
            'see which volume that is',
            f => f.target.runtime.layout(),
            (o, f) => ({
              data: volumeOf(f.place, f.target.runtime.readLayout(o).mounts[f.store.service] ?? []),
            }),
          ),
      'silence',
      f => ({ reason: f.reason, data: f.data }),
      'If it does not answer',
    )
    .let('conclude what is wrong', conclude, ['findings'])

const look = (s: Sequence<Needs & { database: string }>) =>
  s
    .read(
      'read all of its rows',
      f => inspectDatabase(f.target, f.store, [f.database]),
      o => ({ inspection: readInspection(o) }),
    )
    .read(
      'check every foreign key and every index',
      f => inspectReferences(f.target, f.store, [f.database]),
      o => ({ health: readHealth(o) }),
    )
    .read(
      'see its encoding, locale, owner, settings and privileges',
      f => admin(f, propertiesQuery(f.database)),
      (o, f): { found: Look } => ({
        found: {
          inspection: f.inspection,
          health: f.health,
          properties: JSON.parse(o.stdout) as Properties,
        },
      }),
    )

type Seen = Needs &
  Pick<PostgresAssessed, 'up' | 'version' | 'roles' | 'databases'> & {
    looks: Look[]
    silence: { reason: string; data: PostgresAssessed['data'] }[]
  }

function conclude(f: Seen): PostgresAssessed {
  const { up, version, roles, databases } = f
  const reason = f.silence[0]?.reason ?? ''
  const state = stateOf(f.states, f.store.service)
  const path = pathOf(up, state, reason)
  const live = f.looks[0]
  const backup = newestUsable(f.target, f.candidates, f.store)?.member
  const { name, service, database } = f.store
  return {
    up,
    version,
    roles,
    databases,
    path,
    live,
    data: f.silence[0]?.data,
    findings: findings({ name, service, database, path, databases, live, backup, reason, state }),
  }
}
