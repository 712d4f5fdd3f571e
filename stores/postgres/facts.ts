import type { Mount } from '../../lib/runtime.ts'
import type { PostgresStore } from '../../lib/target.ts'
import type { Usable } from '../backups.ts'
import type { Found, StoreBase } from '../base.ts'
import type { Health } from './health.ts'
import type { Inspection } from './inspect.ts'
import type { Properties } from './properties.ts'

export type PostgresBase = StoreBase<PostgresStore>

/** One database of the cluster. */
export interface Database {
  name: string
  /** False: fenced, nobody can connect. */
  open: boolean
}

/** What a look into the live database showed. */
export interface Look {
  inspection: Inspection
  health: Health
  properties: Properties
}

/**
 * `database`: the cluster answers and the database is there, damaged or gone. `cluster`: it does not start.
 * `stopped`: nothing says that it would not start. `silent`: it runs and does not answer (yet).
 */
export type Path = 'database' | 'cluster' | 'stopped' | 'silent'

/** What Assess learns of a PostgreSQL. */
export interface PostgresAssessed extends Found {
  path: Path
  /** Version of the running server; empty when it does not answer. */
  version: string
  /** Roles of the cluster, which all its databases share. */
  roles: string[]
  databases: Database[]
  /** Undefined when the database is gone or cannot be looked into. */
  live: Look | undefined
  /** Where the cluster keeps its data; undefined when that is no named volume. */
  data: Mount | undefined
}

/** What Choose concludes: the whole recovery follows from it. */
export interface PostgresChosen {
  candidate: Usable<'postgres'>
  /** Name under which the backup is restored; nothing has it yet. */
  side: string
  /** Name under which the damaged database is kept. */
  kept: string
  /** Volume for the copy of a cluster that does not start. */
  keptVolume: string
  /** Whether this recovery makes the cluster anew: the first store of one that does not start does it for all. */
  makesCluster: boolean
  /** What the restored database has to be like: as the live one is, or as the backup says. */
  properties: Properties
  /** Roles the backup needs and the cluster does not have: they come from beside the backup. */
  missingRoles: string[]
  /** The statement that makes the side database. */
  create: string
  /** Statements for its settings, privileges and comment; empty when there are none. */
  carried: string
}
