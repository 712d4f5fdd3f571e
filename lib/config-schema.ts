import type { Schema } from './schema.ts'

/** runbook.config.yaml as a person writes it. */
export interface WrittenConfig {
  version: 1
  platform: string
  env_file?: string
  /** Folder for incidents, relative to the file. */
  incidents: string
  docker: { context: string; project: string; files: string[]; grace_seconds: number }
  stores: Record<string, WrittenStore>
  /** In the order in which they are stopped; they are started in the opposite one. */
  writers: string[]
  front_door: FrontDoor
  backups: {
    endpoint: string
    service: string
    bucket: string
    access_key_from: string
    secret_key_from: string
    /** Cron expression of five fields, in UTC; `off` for none. */
    schedule?: string
    /** A variable may hold it, so it can be text. */
    retention_days?: number | string
    /**
     * The compose service that keeps the schedule, and where it answers inside its container; without a service, where
     * one answers that runs on a host.
     */
    taken_by?: { service?: string; health: string }
    /** Verified backups of every store that are kept however old they are. */
    keep_verified?: number | string
    /** A second server that gets a copy of every verified set. */
    replica?: { endpoint: string; bucket: string; access_key_from: string; secret_key_from: string }
  }
  targets: { rto_minutes: number; rpo_hours: number }
  relations: Relation[]
  escalation: { level: number; role: string; contact: string; duties: string[] }[]
  links: { title: string; url: string }[]
  review: { next: string }
}

export interface WrittenStore {
  kind: 'qdrant' | 'neo4j' | 'postgres'
  service: string
  url?: string
  database?: string
  user?: string
  api_key_from?: string
  password_from?: string
  rto_minutes: number
}

/** Where users come in, and what the smoke tests ask there. */
export interface FrontDoor {
  url: string
  health: string
  model: string
  chat_question: string
  rag_query: string
  graph_query: string
}

/** Rows of a PostgreSQL table that have a Qdrant point of the same id, a Neo4j node with it, or both. */
export interface Relation {
  name: string
  postgres: { store: string; table: string; id: string; created: string }
  qdrant?: { store: string; collection: string; reindex?: Reindex }
  /** The label's uniqueness constraint must be on this property. */
  neo4j?: { store: string; label: string; property: string; reindex?: Reindex }
}

/**
 * The platform's own command that makes points or nodes again from the rows: it runs in the container of the service,
 * gets the keys on stdin, one a line, and may be run twice for the same key.
 */
export interface Reindex {
  service: string
  command: [string, ...string[]]
}

const text = { type: 'string', minLength: 1 }
const number = { type: 'number', exclusiveMinimum: 0 }
const url = { type: 'string', pattern: '^https?://[^/]+' }
/** At least one: nothing here may mean "keep none". */
const count = { type: ['integer', 'string'], minimum: 1, pattern: '^[1-9]\\d{0,3}$' }
const bucket = { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{2,62}$' }
const texts = { type: 'array', items: text }

function object(properties: Record<string, unknown>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter(key => !optional.includes(key))
  return { type: 'object', properties, required, additionalProperties: false }
}

function listOf(properties: Record<string, unknown>, optional: readonly string[] = []): Schema {
  return { type: 'array', items: object(properties, optional) }
}

const reindex = object({ service: text, command: { ...texts, minItems: 1 } })

export const CONFIG_SCHEMA: Schema = object(
  {
    version: { const: 1 },
    platform: text,
    env_file: text,
    incidents: text,
    docker: object({
      context: text,
      project: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' },
      files: { ...texts, minItems: 1 },
      grace_seconds: number,
    }),
    stores: {
      type: 'object',
      minProperties: 1,
      additionalProperties: object(
        {
          kind: { enum: ['qdrant', 'neo4j', 'postgres'] },
          service: text,
          url,
          database: text,
          user: text,
          api_key_from: text,
          password_from: text,
          rto_minutes: number,
        },
        ['url', 'database', 'user', 'api_key_from', 'password_from'],
      ),
    },
    writers: texts,
    front_door: object({
      url,
      health: text,
      model: text,
      chat_question: text,
      rag_query: text,
      graph_query: text,
    }),
    backups: object(
      {
        endpoint: url,
        service: text,
        bucket,
        access_key_from: text,
        secret_key_from: text,
        schedule: { type: 'string', pattern: '^(off|\\S+( +\\S+){4})$' },
        retention_days: count,
        keep_verified: count,
        taken_by: object({ service: text, health: url }, ['service']),
        replica: object({ endpoint: url, bucket, access_key_from: text, secret_key_from: text }),
      },
      ['schedule', 'retention_days', 'keep_verified', 'taken_by', 'replica'],
    ),
    targets: object({ rto_minutes: number, rpo_hours: number }),
    relations: listOf(
      {
        name: text,
        postgres: object({ store: text, table: text, id: text, created: text }),
        qdrant: object({ store: text, collection: text, reindex }, ['reindex']),
        neo4j: object({ store: text, label: text, property: text, reindex }, ['reindex']),
      },
      ['qdrant', 'neo4j'],
    ),
    escalation: listOf({ level: { type: 'integer' }, role: text, contact: text, duties: texts }),
    links: listOf({ title: text, url: text }),
    review: object({ next: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' } }),
  },
  ['env_file'],
)
