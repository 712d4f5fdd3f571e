import type { Schema } from './schema.ts'

/** What the name of a store is like, as a regular expression: ids and keys of backups begin with it. */
export const STORE_NAME = '[a-z][a-z0-9-]*'
/** What else begins a key in the bucket, and the word for every store. */
export const RESERVED = ['sets', 'runs', 'incidents', 'all'] as const

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
  smoke_tests?: WrittenSmokeTests
  backups: {
    endpoint: string
    /** The compose service behind the endpoint; absent or empty for a server elsewhere. */
    service?: string
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
  critical?: Critical
}

/** What has to be there even when no backup says so; each store takes the part of its kind. */
export interface Critical {
  /** PostgreSQL: least rows of a table, and columns that may hold no NULL whatever their definition says. */
  tables?: Record<string, { rows?: number; not_null?: string[] }>
  /** Qdrant: least points of a collection or alias. */
  collections?: Record<string, number>
  /** Neo4j: least nodes of a label. */
  labels?: Record<string, number>
}

/** What shows that somebody can use the platform. All of it may be missing: every store is asked once anyway. */
export interface WrittenSmokeTests {
  requests?: WrittenRequest[]
  queries?: WrittenQuery[]
}

/** One HTTP request, and what its answer has to show. */
export interface WrittenRequest {
  name: string
  /** `data` works once the stores are back (the default), `inference` needs a model backend as well. */
  kind?: SmokeKind
  url: string
  /** GET without a body, POST with one. */
  method?: string
  /** A text, or what is sent as JSON. */
  body?: unknown
  /** The variable with a token, sent as `authorization: Bearer …`. */
  token_from?: string
  expect: Expectation
  /** Slower is a failure. */
  within_seconds?: number
}

export type SmokeKind = 'data' | 'inference'

/** What an answer has to show; all that is given. A path is `rows.0.count`; `hits.*.id` is every one of a list. */
export interface Expectation {
  text?: string
  /** A regular expression. */
  matches?: string
  /** One of the values at the path is the known document. */
  document?: { at: string; id: string | number }
  number?: { at: string } & Amount
}

/** Nothing given: at least 1. */
export interface Amount {
  at_least?: number
  exactly?: number
}

/** What a store is asked for: SQL or Cypher that gives one number, or a collection whose points are counted. */
export interface WrittenQuery extends Amount {
  name: string
  store: string
  query?: string
  collection?: string
}

/** Rows of a PostgreSQL table that have Qdrant points, Neo4j nodes, or both. */
export interface Relation {
  name: string
  postgres: { store: string; table: string; id: string; created: string }
  qdrant?: PointSide
  neo4j?: NodeSide
  /** Foreign keys of the table that are relationships in the graph. */
  edges?: Edge[]
  /** Columns that stand in points and nodes as well; compared on a sample. */
  content?: Content[]
  /** One row of so many is in the sample; 100 when absent. */
  sample?: number
}

/** How many partners a row has: exactly one, or at least one. */
export type Cardinality = '1:1' | '1:n'

export interface PointSide {
  store: string
  collection: string
  /** Field of the payload that has the key of the row; without it, the id of the point is the key. */
  field?: string
  cardinality?: Cardinality
  /** Field of the payload that has the time at which the point was made. */
  created?: string
  reindex?: Reindex
  /**
   * Gets keys on stdin, one a line, and prints for each the vector that its row should have, one JSON a line:
   * `{"key": "5", "vector": [0.1, …]}`. Writes nothing.
   */
  embed?: Reindex
  /** How the collection is made where no manifest says it: what Qdrant takes for it, and its payload indexes. */
  create?: { params: Record<string, unknown>; indexes?: Record<string, string> }
}

export interface NodeSide {
  store: string
  label: string
  /** The label's uniqueness constraint must be on this property, but for 1:n. */
  property: string
  cardinality?: Cardinality
  /** Property that has the time at which the node was made. */
  created?: string
  reindex?: Reindex
}

/** The row's node has a relationship to the node of the row that the column refers to. */
export interface Edge {
  name: string
  column: string
  type: string
  /** Label and property that tell the other node by the value of the column. */
  label: string
  property: string
  /** `out` when the relationship begins at the row's node, and when absent. */
  direction?: 'out' | 'in'
}

export interface Content {
  column: string
  payload?: string
  property?: string
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
const storeName = {
  type: 'string',
  pattern: `^${STORE_NAME}$`,
  not: { enum: RESERVED },
  description: `a store’s name begins with a lower-case letter and goes on with those, digits and hyphens, because backups are named after it; and it is none of ${RESERVED.join(', ')}`,
}

function object(properties: Record<string, unknown>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter(key => !optional.includes(key))
  return { type: 'object', properties, required, additionalProperties: false }
}

function listOf(properties: Record<string, unknown>, optional: readonly string[] = []): Schema {
  return { type: 'array', items: object(properties, optional) }
}

const least = { type: 'integer', minimum: 0 }
const critical = object(
  {
    tables: {
      type: 'object',
      additionalProperties: object({ rows: least, not_null: texts }, ['rows', 'not_null']),
    },
    collections: { type: 'object', additionalProperties: least },
    labels: { type: 'object', additionalProperties: least },
  },
  ['tables', 'collections', 'labels'],
)
const reindex = object({ service: text, command: { ...texts, minItems: 1 } })
const cardinality = { enum: ['1:1', '1:n'] }
const create = object(
  { params: { type: 'object' }, indexes: { type: 'object', additionalProperties: text } },
  ['indexes'],
)

/** A test that finds nothing must not pass, so no amount is 0. */
const amount = {
  at_least: { type: 'integer', minimum: 1 },
  exactly: { type: 'integer', minimum: 1 },
}

const expectation = {
  ...object(
    {
      text,
      matches: text,
      document: object({ at: text, id: { type: ['string', 'integer'] } }),
      number: object({ at: text, ...amount }, ['at_least', 'exactly']),
    },
    ['text', 'matches', 'document', 'number'],
  ),
  minProperties: 1,
}

/** Part of a path in the journal, which has brackets around it. */
const testName = { type: 'string', pattern: '^[^[\\]{}/]+$' }

const smokeTests = object(
  {
    requests: listOf(
      {
        name: testName,
        kind: { enum: ['data', 'inference'] },
        url,
        method: { enum: ['GET', 'POST', 'PUT'] },
        body: { type: ['object', 'array', 'string'] },
        token_from: text,
        expect: expectation,
        within_seconds: number,
      },
      ['kind', 'method', 'body', 'token_from', 'within_seconds'],
    ),
    queries: listOf({ name: testName, store: text, query: text, collection: text, ...amount }, [
      'query',
      'collection',
      'at_least',
      'exactly',
    ]),
  },
  ['requests', 'queries'],
)

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
      propertyNames: storeName,
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
          critical,
        },
        ['critical', 'url', 'database', 'user', 'api_key_from', 'password_from'],
      ),
    },
    writers: texts,
    smoke_tests: smokeTests,
    backups: object(
      {
        endpoint: url,
        service: { type: 'string' },
        bucket,
        access_key_from: text,
        secret_key_from: text,
        schedule: { type: 'string', pattern: '^(off|\\S+( +\\S+){4})$' },
        retention_days: count,
        keep_verified: count,
        taken_by: object({ service: text, health: url }, ['service']),
        replica: object({ endpoint: url, bucket, access_key_from: text, secret_key_from: text }),
      },
      ['service', 'schedule', 'retention_days', 'keep_verified', 'taken_by', 'replica'],
    ),
    targets: object({ rto_minutes: number, rpo_hours: number }),
    relations: listOf(
      {
        name: text,
        postgres: object({ store: text, table: text, id: text, created: text }),
        qdrant: object(
          {
            store: text,
            collection: text,
            field: text,
            cardinality,
            created: text,
            reindex,
            embed: reindex,
            create,
          },
          ['field', 'cardinality', 'created', 'reindex', 'embed', 'create'],
        ),
        neo4j: object({ store: text, label: text, property: text, cardinality, created: text, reindex }, [
          'cardinality',
          'created',
          'reindex',
        ]),
        edges: listOf(
          {
            name: { type: 'string', pattern: '^\\w+$' },
            column: text,
            type: text,
            label: text,
            property: text,
            direction: { enum: ['out', 'in'] },
          },
          ['direction'],
        ),
        content: listOf({ column: text, payload: text, property: text }, ['payload', 'property']),
        sample: { type: 'integer', minimum: 1 },
      },
      ['qdrant', 'neo4j', 'edges', 'content', 'sample'],
    ),
    escalation: listOf({ level: { type: 'integer' }, role: text, contact: text, duties: texts }),
    links: listOf({ title: text, url: text }),
    review: object({ next: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' } }),
  },
  ['env_file', 'smoke_tests'],
)
