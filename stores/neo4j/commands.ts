import type { Command, Output } from '../../lib/command.ts'
import type { InContainer, Runtime } from '../../lib/runtime.ts'
import type { Neo4jStore } from '../../lib/target.ts'
import type { Like } from '../apart.ts'
import { named } from './content.ts'
import type { Neo4jBase } from './facts.ts'

/**
 * Java writes to a pipe in the encoding of the locale, and an image has none: every character beyond ASCII would
 * arrive as a question mark, and two texts that differ there would read the same (JEP 400; seen with 5.26.30).
 */
const UTF8 = 'LC_ALL=C.UTF-8'
const SHELL = ['env', UTF8, 'cypher-shell', '--format', 'plain', '--non-interactive']

/** The same for a script of `sh`. */
export const IN_UTF8 = `export ${UTF8}; `

/** One query with cypher-shell, in the store's container; the password travels by the name of its variable. */
export function cypher(
  runtime: Runtime,
  store: Neo4jStore,
  query: string,
  ok: readonly number[] = [],
): Command {
  return runtime.exec(store.service, [...SHELL, '-d', store.database, query], {
    ...login(store),
    limits: { total: 60 },
    ok,
  })
}

/** A session of many queries, over the network of the platform and by the service's name, as services connect. */
export function session(runtime: Runtime, store: Neo4jStore, queries: string): Command {
  const argv = [...SHELL, '-a', `bolt://${store.service}:7687`, '-d', store.database]
  return runtime.exec(store.service, argv, {
    ...login(store),
    stdin: { format: '%s', values: [queries] },
    limits: { total: 3600 },
  })
}

export function login(store: Neo4jStore): Pick<InContainer, 'env'> {
  return { env: { NEO4J_USERNAME: store.user, NEO4J_PASSWORD: store.password } }
}

/** Refused, too late, no such process, or killed because the container ended meanwhile: nobody answers. */
export const NO_ANSWER = [1, 124, 126, 137, 143] as const

/** What a person can ask for the state of one database; the database `system` always answers. */
export function status(f: Neo4jBase): Command {
  const query = `SHOW DATABASE ${named(`${f.store.database}`)} YIELD currentStatus, statusMessage`
  return cypher(f.target.runtime, { ...f.store, database: 'system' }, query, NO_ANSWER)
}

export function isOnline(o: Output): boolean {
  return o.exitCode === 0 && /^"online", /m.test(o.stdout)
}

/** Where the image keeps its data. */
export const DATA = '/data'
/**
 * Where a one-off container sees the dumps: a directory of the image that belongs to its own user, so that
 * a new volume that is mounted there belongs to uid 7474 as well and nobody has to be root.
 */
export const DUMPS = '/var/lib/neo4j/import'
/** The user of the image; as root, neo4j-admin would leave files that the server cannot write. */
const USER = '7474:7474'

/** A volume of this run with dumps in it. */
export function dumpsVolume(f: Neo4jBase): string {
  return containerName(f, 'dumps')
}

/** A name that says whose it is, so that what a killed run leaves behind can be told and removed. */
export function containerName(f: Neo4jBase, what: string): string {
  return `${f.target.runtime.project}-${f.store.name}-${what}-${f.run.id}`
}

/** Names that a run of this tool gave, whichever run it was. */
export function isOurs(f: Neo4jBase, name: string): boolean {
  const prefix = `${f.target.runtime.project}-${f.store.name}-`
  return name.startsWith(prefix) && /^[a-z]+(-[a-z]+)*-\d{8}_\d{6}$/.test(name.slice(prefix.length))
}

/** A container of its own on the image that the service runs, its volumes and the dumps. */
export function beside(
  f: Neo4jBase,
  what: string,
  argv: readonly [string, ...string[]],
  inside: InContainer = {},
): Command {
  const mounts = [{ volume: dumpsVolume(f), at: DUMPS }, ...(inside.mounts ?? [])]
  return f.target.runtime.oneOff(f.store.service, containerName(f, what), argv, {
    user: USER,
    limits: { total: 120 },
    ...inside,
    mounts,
  })
}

/** The same on nobody's network, and with no volume of the service: for a copy that nobody is to reach. */
export function apart(
  f: Neo4jBase & Like,
  what: string,
  argv: readonly [string, ...string[]],
  inside: InContainer = {},
): Command {
  const mounts = [{ volume: dumpsVolume(f), at: DUMPS }, ...(inside.mounts ?? [])]
  return f.target.runtime.apart(f.like, containerName(f, what), argv, {
    user: USER,
    limits: { total: 120 },
    ...inside,
    mounts,
  })
}

/** A script in a container of its own with the service's volumes and nothing else. */
export function inVolume(
  f: Neo4jBase,
  what: string,
  script: string,
  args: readonly string[] = [],
  inside: InContainer = {},
): Command {
  const argv = ['sh', '-c', script, what, ...args] as const
  return f.target.runtime.oneOff(f.store.service, containerName(f, what), argv, {
    user: USER,
    limits: { total: 120 },
    ...inside,
  })
}
