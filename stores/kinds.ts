import { createHash } from 'node:crypto'
import type { Schema } from '../lib/schema.ts'
import type { StoreKind } from '../runbook/model.ts'
import { contentsNeo4j, emptyNeo4j, type Neo4jMember, neo4jMember, roomForNeo4j } from './neo4j/member.ts'
import { contentsPostgres, emptyPostgres, type PostgresMember, postgresMember } from './postgres/member.ts'
import { roomForPostgres } from './postgres/room.ts'
import {
  contentsQdrant,
  emptyQdrant,
  type QdrantMember,
  qdrantMember,
  roomForQdrant,
  slimQdrant,
} from './qdrant/member.ts'

/** The successful member of each kind of store. */
export interface MemberOf {
  qdrant: QdrantMember
  neo4j: Neo4jMember
  postgres: PostgresMember
}

interface Kind<M> {
  /** As people write it. */
  title: string
  /** Of the keys of its objects. */
  endings: readonly string[]
  schema: Schema
  /** What it holds, with figures. */
  contents: (member: M) => string
  /** The same as numbers. */
  items: (member: M) => Record<string, number>
  /** What the data is like whatever it says: definitions, parameters, indexes. */
  schemaOf: (member: M) => unknown
  /** Bytes that its restore needs where the engine runs, beside what is there. */
  room: (member: M) => number
  /** Why nothing can be recovered from it. */
  empty: (member: M) => string | undefined
  /** Without what only the newest backup is needed for. */
  slim: (member: M) => M
}

/** What a catalogue has to know of each kind. A fourth engine is one more line here and a folder. */
const KINDS: { [K in StoreKind]: Kind<MemberOf[K]> } = {
  qdrant: {
    title: 'Qdrant',
    endings: ['snapshot'],
    schema: qdrantMember,
    contents: contentsQdrant,
    items: ({ collections }) => ({ points: sum(collections.map(({ points }) => points)) }),
    schemaOf: ({ collections }) =>
      collections.map(({ name, params, payload_schema }) => [name, params, payload_schema]),
    room: ({ collections }) => roomForQdrant(sum(collections.map(({ size_bytes }) => size_bytes))),
    empty: emptyQdrant,
    slim: slimQdrant,
  },
  neo4j: {
    title: 'Neo4j',
    endings: ['dump', 'system.dump'],
    schema: neo4jMember,
    contents: contentsNeo4j,
    items: ({ nodes, relationships }) => ({ nodes, relationships }),
    schemaOf: ({ indexes, constraints }) =>
      [indexes, constraints].map(all => all.map(({ create }) => create).sort()),
    room: roomForNeo4j,
    empty: emptyNeo4j,
    slim: member => member,
  },
  postgres: {
    title: 'PostgreSQL',
    endings: ['dump', 'globals.sql'],
    schema: postgresMember,
    contents: contentsPostgres,
    items: ({ tables }) => ({ rows: sum(tables.map(({ rows }) => rows)) }),
    schemaOf: ({ objects }) => Object.entries(objects).sort(),
    room: roomForPostgres,
    empty: emptyPostgres,
    slim: member => member,
  },
}

export function kindOf<K extends StoreKind>(kind: K): Kind<MemberOf[K]> {
  return KINDS[kind] as Kind<MemberOf[K]>
}

/** What a backup holds, by what it counts. */
export function itemsOf(member: MemberOf[StoreKind]): Record<string, number> {
  return kindOf(member.kind).items(member as never)
}

/** A digest of its definitions, parameters and indexes. */
export function schemaDigest(member: MemberOf[StoreKind]): string {
  const text = JSON.stringify(kindOf(member.kind).schemaOf(member as never))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0)
}
