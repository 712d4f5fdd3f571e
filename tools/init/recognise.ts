import type { Output } from '../../lib/command.ts'
import { RESERVED } from '../../lib/config-schema.ts'
import type { StoreKind } from '../../runbook/model.ts'

/** A compose file as it is written, with its variables. */
export interface Written {
  services: Record<string, WrittenService>
}

interface WrittenService {
  image?: string
  environment?: Record<string, string | null> | readonly string[]
  ports?: readonly (string | { published?: string | number; target?: string | number })[]
  expose?: readonly (string | number)[]
  depends_on?: Record<string, unknown> | readonly string[]
}

/** What a compose project shows of itself; a value that it does not show is undefined. */
export interface Recognised {
  stores: RecognisedStore[]
  minio: { service: string; port: string | undefined; accessKey: Value; secretKey: Value } | undefined
  /** In the order in which they are stopped: whoever needs another one first. */
  writers: string[]
  /** A service that somebody from outside can reach, and that is no store. */
  door: { service: string; port: string } | undefined
  backupService: string | undefined
}

export interface RecognisedStore {
  /** In the configuration: after the service, and after the database where a service has several. */
  name: string
  kind: StoreKind
  service: string
  /** The published port of its first protocol, as it is written. */
  port: string | undefined
  database: Value
  user: Value
  /** The variable that holds password or key. */
  secret: Value
}

type Value = string | undefined

type Kind = StoreKind | 'minio' | 'other' | 'watcher'

/** By image first: a port may be anybody's. */
const IMAGES: [RegExp, Kind][] = [
  [/qdrant/i, 'qdrant'],
  [/neo4j/i, 'neo4j'],
  [/postgres|pgvector|postgis|timescale/i, 'postgres'],
  [/minio\/|minio:|\bminio\b/i, 'minio'],
]
/** What only watches goes on while stores are restored; an image of one's own tells it by the name of the service. */
const WATCHER = /prometheus|grafana|alertmanager|exporter|jaeger|loki/i
const PORTS: Record<string, Kind> = { 6333: 'qdrant', 7687: 'neo4j', 5432: 'postgres' }

export function readWritten({ stdout }: Pick<Output, 'stdout'>): Written {
  return JSON.parse(stdout) as Written
}

/** The databases of each PostgreSQL service, as its running server names them. */
export type Databases = Record<string, readonly string[]>

/**
 * What is what, by image and port; names, ports and variables as the compose file has them. A compose file names one
 * database of a PostgreSQL at most, so its other ones are those that the server shows.
 */
export function recognise({ services }: Written, databases: Databases = {}): Recognised {
  const named = Object.entries(services).map(([name, service]) => ({
    name,
    service,
    kind: kindOf(name, service),
  }))
  const minio = named.find(({ kind }) => kind === 'minio')
  const writers = inStopOrder(named.filter(({ kind }) => kind === 'other'))
  const door = writers
    .map(name => ({ service: name, port: publishedOf(services[name]!)[0] }))
    .find(one => one.port)
  return {
    stores: withNames(
      named.flatMap(({ name, service, kind }) =>
        kind === 'qdrant' || kind === 'neo4j' || kind === 'postgres'
          ? ofEach(storeOf(name, service, kind), databases[name] ?? [])
          : [],
      ),
    ),
    minio: minio && {
      service: minio.name,
      port: publishedOf(minio.service, '9000')[0],
      ...keysOf(variablesOf(minio.service)),
    },
    writers,
    door: door && { service: door.service, port: door.port! },
    backupService: writers.find(name => /backup/i.test(name)),
  }
}

function kindOf(name: string, service: WrittenService): Kind {
  const image = service.image ?? ''
  const known = IMAGES.find(([pattern]) => pattern.test(image))
  if (known) return known[1]
  if (WATCHER.test(`${name} ${image}`)) return 'watcher'
  const ports = [...(service.expose ?? []).map(String), ...(service.ports ?? []).map(target)]
  return ports.map(port => PORTS[port]).find(kind => kind !== undefined) ?? 'other'
}

type Nameless = Omit<RecognisedStore, 'name'>

/** One store for each database. The words of the compose file stand for the only one, because they follow a variable. */
function ofEach(store: Nameless, databases: readonly string[]): Nameless[] {
  if (databases.length === 0 || (databases.length === 1 && store.database?.includes('$'))) return [store]
  return databases.map(database => ({ ...store, database }))
}

/** Names that backups can be named after, each of them once. */
function withNames(stores: readonly Nameless[]): RecognisedStore[] {
  const given = new Set<string>(RESERVED)
  const alone = (service: string) => stores.filter(store => store.service === service).length === 1
  return stores.map(store => {
    const words = alone(store.service) ? store.service : `${store.service}-${store.database}`
    const name = free(nameLike(words), given)
    given.add(name)
    return { name, ...store }
  })
}

function nameLike(words: string): string {
  const name = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return /^[a-z]/.test(name) ? name : `store-${name}`
}

function free(name: string, given: ReadonlySet<string>): string {
  for (let n = 2, one = name; ; one = `${name}-${n++}`) if (!given.has(one)) return one
}

function storeOf(service: string, written: WrittenService, kind: StoreKind): Nameless {
  const env = variablesOf(written)
  if (kind === 'qdrant') {
    const secret = variableIn(env.QDRANT__SERVICE__API_KEY ?? keyInList(written))
    return {
      kind,
      service,
      port: publishedOf(written, '6333')[0],
      database: undefined,
      user: undefined,
      secret,
    }
  }
  if (kind === 'neo4j') {
    const [user, password] = halves(env.NEO4J_AUTH ?? '')
    const database = env.NEO4J_initial_dbms_default__database ?? 'neo4j'
    return {
      kind,
      service,
      port: undefined,
      database,
      user: filled(user) ?? 'neo4j',
      secret: variableIn(password),
    }
  }
  const user = filled(env.POSTGRES_USER) ?? 'postgres'
  const database = filled(env.POSTGRES_DB) ?? user
  return { kind, service, port: undefined, database, user, secret: variableIn(env.POSTGRES_PASSWORD) }
}

function keysOf(env: Record<string, string>) {
  return {
    accessKey: variableIn(env.MINIO_ROOT_USER ?? env.MINIO_ACCESS_KEY),
    secretKey: variableIn(env.MINIO_ROOT_PASSWORD ?? env.MINIO_SECRET_KEY),
  }
}

/** A list may hide the name in a variable, as `${KEY:+QDRANT__SERVICE__}API_KEY=…`. */
function keyInList({ environment }: WrittenService): string | undefined {
  if (!Array.isArray(environment)) return undefined
  return (environment as readonly string[])
    .find(line => /QDRANT__SERVICE__.*API_KEY=/.test(line))
    ?.split('API_KEY=')[1]
}

function variablesOf({ environment }: WrittenService): Record<string, string> {
  const pairs = Array.isArray(environment)
    ? (environment as readonly string[]).map(line => line.split(/=(.*)/s).slice(0, 2))
    : Object.entries(environment ?? {})
  return Object.fromEntries(pairs.map(([name, value]) => [String(name), String(value ?? '')]))
}

/** `${NAME}`, `${NAME:-…}`, `${NAME:?…}`: the name. A value that is written out is none. */
function variableIn(value: string | undefined): string | undefined {
  return /^\$\{?(\w+)/.exec(value ?? '')?.[1]
}

/** As the configuration understands it: it has `${NAME}` and `${NAME:-default}`. */
function filled(value: string | undefined): string | undefined {
  const braced = (_: string, name: string) => `$\{${name}}`
  return value?.replace(/\$\{(\w+):\?[^}]*\}/g, braced).replace(/\$(\w+)/g, braced) || undefined
}

/** "user/password" where both may be variables with a slash in their default. */
function halves(auth: string): [string | undefined, string | undefined] {
  const [, user, password] = /^((?:\$\{[^}]*\}|[^/$])+)\/(.*)$/s.exec(auth) ?? []
  return [user, password]
}

/** The host side of the published ports, in the file's words; `inside` names the one that is asked for. */
function publishedOf({ ports = [] }: WrittenService, inside?: string): string[] {
  return ports.flatMap(port => {
    if (inside !== undefined && target(port) !== inside) return []
    const published = typeof port === 'object' ? String(port.published ?? '') : split(port).at(-2)
    return published ? [filled(published) ?? published] : []
  })
}

function target(port: NonNullable<WrittenService['ports']>[number]): string {
  if (typeof port === 'object') return String(port.target ?? '')
  return (split(port).at(-1) ?? '').replace(/\/\w+$/, '')
}

/** At the colons that are not inside of a variable. */
function split(port: string): string[] {
  return port.match(/(?:\$\{[^}]*\}|[^:])+/g) ?? []
}

/** Nobody is stopped before who still sends work to them: those that others depend on come later. */
function inStopOrder(all: readonly { name: string; service: WrittenService }[]): string[] {
  const needs = new Map(all.map(({ name, service }) => [name, neededBy(service)]))
  const order: string[] = []
  const visit = (name: string, path: readonly string[]) => {
    if (order.includes(name) || path.includes(name)) return
    for (const [other, wanted] of needs) if (wanted.includes(name)) visit(other, [...path, name])
    order.push(name)
  }
  for (const name of needs.keys()) visit(name, [])
  return order
}

function neededBy({ depends_on = [] }: WrittenService): string[] {
  return Array.isArray(depends_on) ? [...(depends_on as readonly string[])] : Object.keys(depends_on)
}
