import { endedEarly, parseRecord, type Value } from './plain.ts'

/** What a graph shows of itself without being read: counts and schema. */
export interface Graph {
  version: string
  nodes: number
  relationships: number
  /** Nodes that no relationship leads to or from. */
  isolated: number
  /** Nodes per label, relationships per type. */
  labels: Record<string, number>
  types: Record<string, number>
  indexes: Index[]
  constraints: Constraint[]
  /** Users live in the database `system`, not in this one. */
  users: string[]
}

export interface Index {
  name: string
  state: string
  /** The statement that makes it again; for the index of a constraint that of the constraint. */
  create: string
  /** The constraint it belongs to; null for an index of its own. */
  constraint: string | null
}

export interface Constraint {
  name: string
  create: string
}

/**
 * What tells the nodes of a label apart: the properties of its uniqueness constraint. A node of no such
 * label is told by all its properties; two nodes that are equal in everything are the same to it.
 */
export interface Key {
  label: string
  properties: string[]
}

/** The name of the first column: in quotes, so that a header begins as every record does. */
export const HEAD = '`"head"`'

/** Every record begins with a text that says what it is. */
export const LOOK = `CALL dbms.components() YIELD versions RETURN "version" AS ${HEAD}, versions[0];
MATCH (n) RETURN "nodes" AS ${HEAD}, count(n);
MATCH ()-[r]->() RETURN "relationships" AS ${HEAD}, count(r);
MATCH (n) WHERE NOT EXISTS { (n)--() } RETURN "isolated" AS ${HEAD}, count(n);
MATCH (n) UNWIND labels(n) AS label RETURN "label" AS ${HEAD}, label, count(*);
MATCH ()-[r]->() RETURN "type" AS ${HEAD}, type(r), count(*);
SHOW INDEXES YIELD name, state, owningConstraint, createStatement
  RETURN "index" AS ${HEAD}, name, state, owningConstraint, createStatement;
SHOW CONSTRAINTS YIELD name, createStatement, type, entityType, labelsOrTypes, properties
  RETURN "constraint" AS ${HEAD}, name, createStatement, type, entityType, labelsOrTypes, properties;
SHOW USERS YIELD user RETURN "user" AS ${HEAD}, user;
`

/** A session that ends without this record has been cut. */
export const END = `RETURN "end" AS ${HEAD};\n`

/** Gathers the records of LOOK. */
export class GraphReader {
  readonly graph: Graph = {
    version: '',
    nodes: 0,
    relationships: 0,
    isolated: 0,
    labels: {},
    types: {},
    indexes: [],
    constraints: [],
    users: [],
  }
  readonly keys: Key[] = []
  #ended = false

  add(record: string): void {
    const [tag, ...values] = record.startsWith('"head"') ? ['head'] : parseRecord(record)
    const text = (index: number) => String(values[index])
    const { graph } = this
    if (tag === 'version') graph.version = text(0)
    else if (tag === 'nodes' || tag === 'relationships' || tag === 'isolated') graph[tag] = Number(values[0])
    else if (tag === 'label') graph.labels[text(0)] = Number(values[1])
    else if (tag === 'type') graph.types[text(0)] = Number(values[1])
    else if (tag === 'user') graph.users.push(text(0))
    else if (tag === 'index') graph.indexes.push(indexOf(values))
    else if (tag === 'constraint') this.#addConstraint(values)
    else if (tag === 'end') this.#ended = true
  }

  #addConstraint([name, create, type, entity, labels, properties]: Value[]): void {
    this.graph.constraints.push({ name: String(name), create: String(create) })
    const unique = /^(NODE_)?(UNIQUENESS|PROPERTY_UNIQUENESS|KEY)$/.test(String(type)) && entity === 'NODE'
    const label = unique && Array.isArray(labels) ? labels[0] : undefined
    if (label === undefined || this.keys.some(key => key.label === label)) return
    this.keys.push({ label: String(label), properties: (properties as Value[]).map(String) })
  }

  /** Throws a Problem when the session has ended early. */
  end(): void {
    if (!this.#ended) throw endedEarly()
  }
}

function indexOf([name, state, constraint, create]: Value[]): Index {
  return {
    name: String(name),
    state: String(state),
    create: String(create),
    constraint: constraint === null || constraint === undefined ? null : String(constraint),
  }
}

/** What an index or a constraint is, without the name it was given. */
export function definition({ create }: Pick<Index, 'create'>): string {
  return create.replace(/`(?:[^`]|``)*` FOR /, 'FOR ')
}
