import { badInput } from '../../lib/problem.ts'
import type { Layout, ServiceState } from '../../lib/runtime.ts'
import type { Neo4jStore } from '../../lib/target.ts'
import type { Candidate, Usable } from '../backups.ts'
import type { Found, StoreBase } from '../base.ts'
import { DATA } from './commands.ts'
import type { Graph } from './graph.ts'

export type Neo4jBase = StoreBase<Neo4jStore>

/** What a look at the platform has shown before. */
export interface Around {
  layout: Layout
  states: ServiceState[]
  candidates: Candidate[]
}

/** What Assess learns of a Neo4j. */
export interface Neo4jAssessed extends Found {
  /** Whether the database itself is online; the server can be up without it. */
  online: boolean
  /** What the server says of the database: empty when all is well. */
  said: string
  /** Counts and schema; null when the database is not online. */
  graph: Graph | null
  /** Databases that have files in the volume; looked at only when the database is not online. */
  onDisk: string[]
  /** The database that its log says could not be started; empty when it says of none. */
  failed: string
  /** The last causes in its log, newest last. */
  words: string[]
}

/** What Choose concludes. */
export interface Neo4jChosen {
  candidate: Usable<'neo4j'>
  /** Databases to load: the graph, and `system` when the users are lost too; empty for none. */
  restoring: string[]
  repairs: Repair[]
}

/** An index or a constraint that the graph has lost. */
export interface Repair {
  name: string
  what: 'INDEX' | 'CONSTRAINT'
  create: string
}

/** Both are one directory: the image has a link there. */
const PLACES = [DATA, '/var/lib/neo4j/data']

/** The volume with the data, as the daemon knows it, or the directory of the host; undefined for neither. */
export function dataVolume(f: Neo4jBase & { layout: Layout }): string | undefined {
  const { mounts, binds } = f.layout
  const all = [...(mounts[f.store.service] ?? []), ...(binds[f.store.service] ?? [])]
  return all.find(({ at }) => PLACES.includes(at.replace(/\/$/, '')))?.volume
}

/**
 * Throws a Problem when the data lies in a nameless volume of its container: one of a run's own would be given
 * another one, and work on nothing.
 */
export function requireVolume(f: Neo4jBase & { layout: Layout }): string {
  const volume = dataVolume(f)
  if (volume !== undefined) return volume
  const { service } = f.store
  throw badInput(
    `the data of ${service} lies in no volume that has a name: no other container can reach it`,
    `give ${service} a named volume at ${DATA} in the compose file, and copy its data there: docker compose cp ${service}:${DATA}/. <directory>`,
  )
}

/** Where a run sets the damaged files aside: on the same file system, so that it is a rename. */
export function quarantine(run: { id: string }): string {
  return `${DATA}/quarantine-${run.id}`
}

/** Where an undo puts what a run has loaded. */
export function failedLoad(run: { id: string }): string {
  return `${DATA}/failed-${run.id}`
}
