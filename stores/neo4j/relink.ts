import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import { linesOf, privateFile } from '../../lib/data-files.ts'
import type { Neo4jStore, Target } from '../../lib/target.ts'
import type { EdgeLists } from '../edges.ts'
import { columnsOf } from '../keys.ts'
import { session } from './commands.ts'
import { arrow, type Ends } from './edges.ts'
import { END, HEAD } from './graph.ts'
import { existsIn, identitiesOf, readPart, transaction } from './nodes/carry.ts'
import { keyOf, Tally } from './nodes/lines.ts'
import {
  grouped,
  type Identity,
  identityOf,
  isNode,
  type Line,
  pattern,
  propertiesOf,
  type RelationshipLine,
  values,
} from './nodes/part.ts'
import { doubled } from './nodes/values.ts'
import { relationships, withoutRelationships } from './nodes/write.ts'

/** One relationship that goes because no row says it, or that comes because a row does. */
export type Relinked = { take: RelationshipLine } | { make: RelationshipLine }

/** How much of a file of relationships is true of the live graph. */
export interface Linked {
  take: number
  taken: number
  make: number
  made: number
}

/**
 * Writes what is wrong and what is right into a file (tools/graph.ts save-edges): the relationships that go, with all they
 * have, and those that come. One that leads to another node keeps its properties. Where a node is missing at either end
 * nothing comes, and the wrong relationship stays: it is counted as left.
 */
export function saveEdges(
  target: Target,
  store: Neo4jStore,
  ends: Ends,
  lists: EdgeLists,
  out: string,
): Command {
  const { missing, repointed, additional } = lists
  const words = [JSON.stringify(ends), missing, repointed, additional, out]
  return own(['save-edges', store.name, ...words], async io => {
    const read = async (file: string) => {
      const rows: string[][] = []
      for await (const line of linesOf(resolve(io.cwd, file))) rows.push(columnsOf(line).map(String))
      return rows
    }
    const [lacking, turned, extra] = [await read(missing), await read(repointed), await read(additional)]
    const live = await liveEdges(
      target,
      store,
      ends,
      [...turned, ...extra].map(([from]) => from!),
      io,
    )
    const take = (from: string, to: string) => live.get(pair(from, to))?.pop()?.line
    const wanted: [string, string][] = [...lacking, ...turned].map(([from, to]) => [from!, to!])
    const known = await endsThere(target, store, ends, wanted, io)
    const lines: Relinked[] = []
    let left = 0
    const make = (from: string, to: string, properties: RelationshipLine['properties']) => {
      const [a, b] = [known.get(`a${from}`), known.get(`b${to}`)]
      if (!a || !b) return false
      const [first, second] = ends.edge.direction === 'in' ? [b, a] : [a, b]
      return lines.push({ make: { type: ends.edge.type, properties, from: first, to: second } }) > 0
    }
    for (const [from, right, wrong] of turned) {
      const gone = take(from!, wrong!)
      if (!make(from!, right!, gone?.properties ?? [])) left++
      else if (gone) lines.push({ take: gone })
    }
    for (const [from, to] of lacking) if (!make(from!, to!, [])) left++
    for (const [from, to] of extra) {
      const gone = take(from!, to!)
      if (gone) lines.push({ take: gone })
    }
    const file = privateFile(resolve(io.cwd, out))
    for (const line of lines) file.write(`${JSON.stringify(line)}\n`)
    file.end()
    await finished(file)
    return {
      take: lines.filter(line => 'take' in line).length,
      make: lines.filter(line => 'make' in line).length,
      left,
    }
  })
}

/** Deletes exactly what goes and makes what comes, in one transaction (tools/graph.ts relink). */
export function relinkEdges(target: Target, store: Neo4jStore, ends: Ends, file: string): Command {
  return own(['relink', store.name, JSON.stringify(ends), file], async io => {
    const { take, make, live } = await readRelinked(target, store, ends, file, io)
    await transaction(target, store, file, script(idsOf(take, live), make, 'MERGE'), io)
    return {}
  })
}

/** The opposite (tools/graph.ts unlink): what came goes, if it is still as it came, and what went comes back. */
export function unlinkEdges(target: Target, store: Neo4jStore, ends: Ends, file: string): Command {
  return own(['unlink', store.name, JSON.stringify(ends), file], async io => {
    const { take, make, live } = await readRelinked(target, store, ends, file, io)
    const there = new Tally()
    for (const { line } of live) there.add(line)
    const back = take.filter(line => !there.take(line))
    await transaction(target, store, file, script(idsOf(make, live), back, 'CREATE'), io)
    return {}
  })
}

/** Looks for both kinds in the live graph (tools/graph.ts linked). */
export function lookForEdges(target: Target, store: Neo4jStore, ends: Ends, file: string): Command {
  return own(['linked', store.name, JSON.stringify(ends), file], async io => {
    const { take, make, live } = await readRelinked(target, store, ends, file, io)
    const there = new Set(live.map(({ line }) => endsKey(line)))
    const made = make.filter(line => there.has(endsKey(line))).length
    const taken = take.length - idsOf(take, live).length
    const seen: Linked = { take: take.length, taken, make: make.length, made }
    return seen
  })
}

function own(args: readonly string[], work: (io: Io) => Promise<object>): Command {
  const main = async (_: readonly string[], io: Io) => `${JSON.stringify(await work(io))}\n`
  return ownCommand('graph', args, main, { limits: { total: 7200 } })
}

async function* script(
  go: readonly string[],
  come: readonly RelationshipLine[],
  how: 'CREATE' | 'MERGE',
): AsyncGenerator<string> {
  yield ':begin\n'
  yield* withoutRelationships(go)
  yield* relationships(each(come), how)
  yield ':commit\n'
}

async function* each<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all
}

interface LiveEdge {
  line: RelationshipLine
  id: string
}

/** The ids that these have now; one that has changed since has none. */
function idsOf(lines: readonly RelationshipLine[], live: readonly LiveEdge[]): string[] {
  const wanted = new Tally()
  for (const line of lines) wanted.add(line)
  return live.filter(({ line }) => wanted.take(line)).map(({ id }) => id)
}

async function readRelinked(target: Target, store: Neo4jStore, ends: Ends, file: string, io: Io) {
  const take: RelationshipLine[] = []
  const make: RelationshipLine[] = []
  for await (const text of linesOf(resolve(io.cwd, file))) {
    const line = JSON.parse(text) as Relinked
    if ('take' in line) take.push(line.take)
    else make.push(line.make)
  }
  const keys = [...take, ...make].map(line => textOf(ownEnd(ends, line)))
  const live = await liveEdges(target, store, ends, keys, io)
  return { take, make, live: [...live.values()].flat() }
}

/** The relationships of the nodes with these keys, by the keys of both ends. */
async function liveEdges(
  target: Target,
  store: Neo4jStore,
  ends: Ends,
  keys: readonly string[],
  io: Io,
): Promise<Map<string, LiveEdge[]>> {
  const found = new Map<string, LiveEdge[]>()
  const identities = [...new Set(keys)].flatMap(key => identitiesOf(ends.label, ends.property, key))
  const query =
    grouped(identities)
      .map(batch => statement(batch, ends))
      .join('') + END
  const give = (line: Line, id: string) => {
    if (isNode(line) || !line.from || !line.to) return
    const key = pair(textOf(ownEnd(ends, line)), textOf(otherEnd(ends, line)))
    found.set(key, [...(found.get(key) ?? []), { line, id }])
  }
  await readPart(session(target.runtime, store, query), give, io)
  return found
}

function statement(batch: readonly Identity[], { label, property, edge }: Ends): string {
  const rows = batch.map(identity => `[${values(identity).join(', ')}]`)
  const a = identityOf('a', [{ label, properties: [property] }])
  const b = identityOf('b', [{ label: edge.label, properties: [edge.property] }])
  const [first, second] = edge.direction === 'in' ? [b, a] : [a, b]
  return `UNWIND [${rows.join(', ')}] AS k MATCH ${pattern('a', batch[0]!, 'k')} MATCH ${arrow(edge, 'a', 'b')}
  RETURN "relationship" AS ${HEAD}, elementId(r) AS id, ${doubled('type(r)')} AS type, ${propertiesOf('r')} AS properties,
    ${first} AS first, ${second} AS second;
`
}

/** The nodes that there are at both ends, by their keys: "a5" for the row's own, "b2" for the other one. */
async function endsThere(
  target: Target,
  store: Neo4jStore,
  { label, property, edge }: Ends,
  pairs: readonly [string, string][],
  io: Io,
): Promise<Map<string, Identity>> {
  const asked = new Map<string, Identity[]>()
  for (const [from, to] of pairs) {
    asked.set(`a${from}`, identitiesOf(label, property, from))
    asked.set(`b${to}`, identitiesOf(edge.label, edge.property, to))
  }
  const unique = new Map([...asked.values()].flat().map(identity => [keyOf(identity), identity]))
  const there = await existsIn({ target, store }, io)([...unique.values()])
  const known = new Map<string, Identity>()
  for (const [key, identities] of asked) {
    const one = identities.find(identity => there.has(keyOf(identity)))
    if (one) known.set(key, one)
  }
  return known
}

function ownEnd({ edge }: Ends, { from, to }: RelationshipLine): Identity {
  return (edge.direction === 'in' ? to : from)!
}

function otherEnd({ edge }: Ends, { from, to }: RelationshipLine): Identity {
  return (edge.direction === 'in' ? from : to)!
}

/** The value of the key; it has one property. */
function textOf([, key]: Identity): string {
  return key[0]![1][1][0]!
}

function pair(from: string, to: string): string {
  return JSON.stringify([from, to])
}

function endsKey({ from, to }: RelationshipLine): string {
  return JSON.stringify([from, to])
}
