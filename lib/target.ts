import { resolve } from 'node:path'
import { compose } from './compose.ts'
import type { Config } from './config.ts'
import type { Critical, Relation } from './config-schema.ts'
import { badInput } from './problem.ts'
import type { Runtime } from './runtime.ts'
import { Secret } from './secret.ts'
import { type SmokeTests, smokeTestsOf } from './smoke-tests.ts'
import { recordOf, type TargetRecord } from './target-record.ts'

/** One installation: everything an activity may touch. There are no globals, so a drill cannot reach production. */
export interface Target {
  platform: string
  /** Directory of the configuration, and the name of its file there. */
  root: string
  config: string
  incidents: string
  runtime: Runtime
  graceSeconds: number
  stores: Record<string, Store>
  writers: readonly string[]
  smokeTests: SmokeTests
  backups: Bucket
  /** Gets a copy of every verified set; nothing is ever removed there. */
  replica: Bucket | undefined
  /** When sets are taken and how long they are kept. */
  nightly: Nightly
  rpoHours: number
  rtoMinutes: number
  relations: readonly Relation[]
  escalation: Config['escalation']
  links: Config['links']
  reviewNext: string
  /** The configuration it came from, without a secret: an incident keeps it. */
  written: TargetRecord
}

/** One database instance. */
export type Store = QdrantStore | Neo4jStore | PostgresStore

interface StoreBase {
  name: string
  service: string
  rtoMinutes: number
  /** What has to be there even when no backup says so. */
  critical?: Critical
}

export interface QdrantStore extends StoreBase {
  kind: 'qdrant'
  url: string
  apiKey: Secret | undefined
}

export interface Neo4jStore extends StoreBase {
  kind: 'neo4j'
  database: string
  user: string
  password: Secret
}

export interface PostgresStore extends StoreBase {
  kind: 'postgres'
  database: string
  user: string
  password: Secret
}

/** Where backups are kept: one bucket of an S3 service. */
export interface Bucket {
  endpoint: string
  /** The compose service behind it; empty for a server elsewhere. */
  service: string
  bucket: string
  accessKey: Secret
  secretKey: Secret
}

export interface Nightly {
  /** Cron expression of five fields, in UTC; `off` for none. */
  schedule: string
  retentionDays: number
  keepVerified: number
  /** What keeps the schedule: a compose service, or (without a name) one on a host; undefined where cron or a timer does. */
  service: { name: string; health: string } | undefined
}

/** The usable form of a configuration: secrets wrapped, stores typed by kind, the runtime chosen. */
export function targetOf(config: Config): Target {
  const { docker, backups } = config
  return {
    platform: config.platform,
    root: config.root,
    config: config.file,
    incidents: resolve(config.root, config.incidents),
    runtime: compose(docker),
    graceSeconds: docker.grace_seconds,
    stores: Object.fromEntries(Object.keys(config.stores).map(name => [name, storeOf(config, name)])),
    writers: config.writers,
    smokeTests: smokeTestsOf(config),
    backups: {
      endpoint: backups.endpoint,
      service: backups.service ?? '',
      bucket: backups.bucket,
      accessKey: secretOf(config, backups.access_key_from),
      secretKey: secretOf(config, backups.secret_key_from),
    },
    replica: backups.replica && {
      endpoint: backups.replica.endpoint,
      service: '',
      bucket: backups.replica.bucket,
      accessKey: secretOf(config, backups.replica.access_key_from),
      secretKey: secretOf(config, backups.replica.secret_key_from),
    },
    nightly: {
      schedule: backups.schedule ?? '0 2 * * *',
      retentionDays: Number(backups.retention_days ?? 30),
      keepVerified: Number(backups.keep_verified ?? 7),
      service: backups.taken_by && { name: backups.taken_by.service ?? '', health: backups.taken_by.health },
    },
    rpoHours: config.targets.rpo_hours,
    rtoMinutes: config.targets.rto_minutes,
    relations: config.relations,
    escalation: config.escalation,
    links: config.links,
    reviewNext: config.review.next,
    written: recordOf(config),
  }
}

/** What a store of a kind may call critical. */
const CRITICAL = { postgres: 'tables', qdrant: 'collections', neo4j: 'labels' } as const

function storeOf(config: Config, name: string): Store {
  const written = config.stores[name]!
  const { service, rto_minutes: rtoMinutes, critical } = written
  const strange = Object.keys(critical ?? {}).filter(part => part !== CRITICAL[written.kind])
  if (strange.length > 0)
    throw badInput(
      `stores.${name}.critical says ${strange.join(', ')}, and a ${written.kind} store has none`,
      `critical of a ${written.kind} store has ${CRITICAL[written.kind]}`,
    )
  const base = { name, service, rtoMinutes, ...(critical ? { critical } : {}) }
  if (written.kind === 'qdrant') {
    const variable = written.api_key_from
    const apiKey = variable && config.env[variable] ? secretOf(config, variable) : undefined
    return { ...base, kind: 'qdrant', url: need(name, 'url', written.url), apiKey }
  }
  return {
    ...base,
    kind: written.kind,
    database: need(name, 'database', written.database),
    user: need(name, 'user', written.user),
    password: secretOf(config, need(name, 'password_from', written.password_from)),
  }
}

function need(store: string, key: string, value: string | undefined): string {
  if (value) return value
  throw badInput(
    `stores.${store} lacks the key "${key}"`,
    'compare with runbook.config.yaml of this repository',
  )
}

function secretOf(config: Config, variable: string): Secret {
  return new Secret(variable, config.env[variable] ?? '')
}

/** Every compose service that the configuration names, once: the stores, the server of the backups, the writers. */
export function servicesOf({ stores, backups, writers }: Target): string[] {
  const services = [...Object.values(stores).map(({ service }) => service), backups.service, ...writers]
  return [...new Set(services)].filter(Boolean)
}

/** The stores of a kind, in the order of the configuration. */
export function storesOf<K extends Store['kind']>(target: Target, kind: K): (Store & { kind: K })[] {
  return Object.values(target.stores).filter((store): store is Store & { kind: K } => store.kind === kind)
}

/** The store of that name and kind. Throws a Problem (exit 64) when the configuration has none. */
export function storeNamed<K extends Store['kind']>(
  target: Target,
  name: string,
  kind: K,
): Store & { kind: K } {
  const store = target.stores[name]
  if (store?.kind === kind) return store as Store & { kind: K }
  const there = Object.values(target.stores).map(s => `${s.name} (${s.kind})`)
  throw badInput(`there is no ${kind} store "${name}"`, `the configuration has ${there.join(', ')}`)
}
