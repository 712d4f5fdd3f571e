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

/** The volume with the data, as the daemon knows it; undefined for a bind mount. */
export function dataVolume(f: Neo4jBase & { layout: Layout }): string | undefined {
  return f.layout.mounts[f.store.service]?.find(mount => mount.at === DATA)?.volume
}

/** Where a run sets the damaged files aside: on the same file system, so that it is a rename. */
export function quarantine(run: { id: string }): string {
  return `${DATA}/quarantine-${run.id}`
}

/** Where an undo puts what a run has loaded. */
export function failedLoad(run: { id: string }): string {
  return `${DATA}/failed-${run.id}`
}
