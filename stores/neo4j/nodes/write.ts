import { named } from '../content.ts'
import {
  inBatches,
  isNode,
  kindOf,
  type Line,
  type NodeLine,
  PER_STATEMENT,
  pattern,
  values,
} from './part.ts'
import { expression, type Property, quoted } from './values.ts'

/**
 * The script that writes a part of a graph: one transaction of CREATE and nothing else. A node that is there by now
 * violates its constraint, and a relationship whose end has gone divides by zero: either ends all of it. The lines
 * are read twice, because relationships need their ends.
 */
export async function* creation(read: () => AsyncIterable<Line>): AsyncGenerator<string> {
  yield ':begin\n'
  yield* batched(read(), line => (isNode(line) ? JSON.stringify(line.labels) : undefined), createNodes)
  yield* relationships(read())
  yield ':commit\n'
}

/** The statements that make the relationships among the lines. `how` makes one where there may be one already. */
export function relationships(lines: AsyncIterable<Line>, how: 'CREATE' | 'MERGE' = 'CREATE') {
  const kind = (line: Line) =>
    isNode(line) ? undefined : JSON.stringify([line.type, kindOf(line.from!), kindOf(line.to!)])
  return batched(lines, kind, batch => createRelationships(batch, how))
}

/** Deletes relationships and nodes by the ids they have now. A node that got another relationship ends all of it. */
export function* deletion(relationships: readonly string[], nodes: readonly string[]): Generator<string> {
  yield ':begin\n'
  yield* withoutRelationships(relationships)
  for (const ids of inBatches(nodes)) {
    yield `MATCH (n) WHERE elementId(n) IN [${ids.map(quoted).join(', ')}] DELETE n;\n`
  }
  yield ':commit\n'
}

/** The statements that delete relationships by the ids they have now. */
export function* withoutRelationships(all: readonly string[]): Generator<string> {
  for (const ids of inBatches(all))
    yield `MATCH ()-[r]->() WHERE elementId(r) IN [${ids.map(quoted).join(', ')}] DELETE r;\n`
}

async function* batched(
  lines: AsyncIterable<Line>,
  kind: (line: Line) => string | undefined,
  statement: (batch: readonly Line[]) => string,
): AsyncGenerator<string> {
  const open = new Map<string, Line[]>()
  for await (const line of lines) {
    const key = kind(line)
    if (key === undefined) continue
    const batch = open.get(key) ?? []
    open.set(key, batch)
    batch.push(line)
    if (batch.length < PER_STATEMENT) continue
    open.delete(key)
    yield statement(batch)
  }
  for (const batch of open.values()) yield statement(batch)
}

function createNodes(batch: readonly Line[]): string {
  const nodes = batch as readonly NodeLine[]
  const labels = nodes[0]!.labels.map(label => `:${named(label)}`).join('')
  return `UNWIND [${nodes.map(({ properties }) => mapOf(properties)).join(', ')}] AS p CREATE (n${labels}) SET n = p;\n`
}

function createRelationships(batch: readonly Line[], how: 'CREATE' | 'MERGE'): string {
  const all = batch.flatMap(line => (isNode(line) ? [] : [line]))
  const [{ type, from, to }] = all as [(typeof all)[0]]
  const rows = all.map(
    one => `[[${values(one.from!).join(', ')}], [${values(one.to!).join(', ')}], ${mapOf(one.properties)}]`,
  )
  return `UNWIND [${rows.join(', ')}] AS k MATCH ${pattern('a', from!, 'k[0]')} MATCH ${pattern('b', to!, 'k[1]')}
  ${how} (a)-[r:${named(type)}]->(b)${how === 'MERGE' ? ' ON CREATE' : ''} SET r = k[2] ${exactly('r', all.length)}`
}

/** Ends the transaction when another number was changed than was meant. */
function exactly(what: string, number: number): string {
  return `WITH count(${what}) AS done RETURN 1 / CASE done WHEN ${number} THEN 1 ELSE 0 END;\n`
}

function mapOf(properties: readonly Property[]): string {
  return `{${properties.map(([name, value]) => `${named(name)}: ${expression(value)}`).join(', ')}}`
}
