import type { Output } from '../../../lib/command.ts'
import type { Target } from '../../../lib/target.ts'
import type { Neo4jBase } from '../../../stores/neo4j/facts.ts'
import type { Constraint, Graph, Index } from '../../../stores/neo4j/graph.ts'
import type { Neo4jMember } from '../../../stores/neo4j/member.ts'

export const SUM = 'b'.repeat(64)

export function output(stdout: string, exitCode = 0, stderr = ''): Output {
  return { stdout, stderr, exitCode, durationMs: 1 }
}

export const CONSTRAINT: Constraint = {
  name: 'chunk_id',
  create: 'CREATE CONSTRAINT `chunk_id` FOR (n:`Chunk`) REQUIRE (n.`id`) IS UNIQUE',
}

export const INDEX: Index = {
  name: 'title',
  state: 'ONLINE',
  create: 'CREATE RANGE INDEX `title` FOR (n:`Document`) ON (n.`title`)',
  constraint: null,
}

export function graph(changes: Partial<Graph> = {}): Graph {
  return {
    version: '5.26.30',
    nodes: 200,
    relationships: 300,
    isolated: 4,
    labels: { Chunk: 150, Document: 50 },
    types: { PART_OF: 300 },
    indexes: [INDEX, { ...CONSTRAINT, state: 'ONLINE', constraint: 'chunk_id' }],
    constraints: [CONSTRAINT],
    users: ['neo4j'],
    ...changes,
  }
}

export function member(changes: Partial<Neo4jMember> = {}): Neo4jMember {
  const { version, ...rest } = graph()
  return {
    id: 'neo4j_20261122_020000',
    store: 'neo4j',
    kind: 'neo4j',
    status: 'success',
    key: 'neo4j/2026/11/22/neo4j_20261122_020000.dump',
    sha256: SUM,
    size_bytes: 5000,
    started: '2026-11-22T02:00:00.000Z',
    engine_version: version,
    image: 'sha256:1',
    beside: [{ key: 'neo4j/2026/11/22/neo4j_20261122_020000.system.dump', sha256: SUM, size_bytes: 9 }],
    database: 'neo4j',
    ...rest,
    content: { nodes: '200:00000000000000aa', relationships: '300:00000000000000bb' },
    keys: [{ label: 'Chunk', properties: ['id'] }],
    store_bytes: 1_000_000,
    load_seconds: 10,
    read_seconds: 5,
    downtime_seconds: 20,
    gaps: {},
    ...changes,
  }
}

export function candidate(changes: Partial<Neo4jMember> = {}) {
  const one = member(changes)
  const source = { platform: 'p', project: 'p', host: 'h' }
  return {
    id: one.id,
    set: 'set_20261122_020000',
    store: 'neo4j',
    member: one,
    source,
    verification: undefined,
    refused: undefined,
  }
}

export const STORE = { name: 'neo4j', service: 'neo4j', database: 'neo4j', kind: 'neo4j', user: 'neo4j' }

/** Facts of a run on a target of which only the runtime's readings are asked. */
export function base(runtime: object = {}): Neo4jBase {
  const target = { runtime: { project: 'p', ...runtime } } as unknown as Target
  const run = { id: '20261122_031502', folder: 'incidents/20261122_031502-neo4j-loss' }
  return { target, run, store: STORE as Neo4jBase['store'] }
}
