import type { Facts, Kept } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { quarantineText } from '../base.ts'
import type { SizeLook } from '../size-look.ts'
import { whichExist } from './cluster-state.ts'
import { admin, script } from './commands.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { ident, literal } from './sql.ts'
import type { Replacing } from './where.ts'

/** What a recovery of PostgreSQL has set aside. */
export interface PostgresRelease {
  store: string
  /** Databases that nobody can connect to. */
  databases: string[]
  /** Volumes with the copy of a cluster that did not start. */
  volumes: string[]
}

/** What a recovery leaves behind: the replaced database, and the copy of a cluster that did not start. */
export function quarantinedPostgres(facts: Facts): Kept[] {
  const f = facts as PostgresBase & PostgresAssessed & PostgresChosen & Replacing
  const databases = f.replaces ? [f.kept] : []
  const volumes = f.makesCluster ? [f.keptVolume] : []
  if (databases.length + volumes.length === 0) return []
  const named = [...databases.map(name => `database ${name}`), ...volumes.map(name => `volume ${name}`)]
  const text = quarantineText(f.run, named.join(', '))
  return [{ what: { store: f.store.name, databases, volumes }, text }]
}

/** See stores/quarantine-size.ts. */
export function sizeInPostgres(f: PostgresBase & { release: PostgresRelease }): SizeLook[] {
  const { runtime } = f.target
  const name = `${runtime.project}-${f.store.name}-size-${f.run.id}`
  return [
    ...f.release.databases.map(database => ({ size: admin(f, sizeOf(database)) })),
    ...f.release.volumes.map(volume => ({
      there: runtime.volumes(volume),
      size: runtime.oneOff(f.store.service, name, ['du', '-sk', '/kept'], {
        user: '0',
        mounts: [{ volume, at: '/kept', readOnly: true }],
        limits: { total: 600 },
      }),
    })),
  ]
}

function sizeOf(database: string): string {
  return `SELECT pg_database_size(oid) / 1024 FROM pg_database WHERE datname = ${literal(database)}`
}

const NONE = { none: 'this is the end of the quarantine, confirmed by a phrase of its own' }

/** The only place where data of a database is deleted. */
export const releasePostgres = (s: Sequence<PostgresBase & { release: PostgresRelease }>) =>
  s
    .each(
      'database',
      f => f.release.databases,
      s =>
        s.write('drop the replaced database', {
          run: f => script(f, `DROP DATABASE ${ident(f.database)};`, { seconds: 600 }),
          probe: {
            look: f => admin(f, whichExist([f.database])),
            state: o => (o.stdout.trim() === '' ? 'done' : 'absent'),
          },
          undo: NONE,
        }),
    )
    .each(
      'volume',
      f => f.release.volumes,
      s =>
        s.write('remove the copy of the damaged cluster', {
          run: f => f.target.runtime.removeVolume(f.volume),
          probe: {
            look: f => f.target.runtime.volumes(f.volume),
            state: o => (o.stdout.trim() === '' ? 'done' : 'absent'),
          },
          undo: NONE,
        }),
    )
