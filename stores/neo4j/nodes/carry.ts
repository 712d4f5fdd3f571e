import { createWriteStream, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { type Command, type Io, ownCommand } from '../../../lib/command.ts'
import { linesOf, privateFile } from '../../../lib/data-files.ts'
import { exec } from '../../../lib/exec.ts'
import type { Neo4jStore, Target } from '../../../lib/target.ts'
import { likenessOf } from '../../apart.ts'
import { session } from '../commands.ts'
import type { Neo4jBase } from '../facts.ts'
import type { Key } from '../graph.ts'
import { surrogate } from '../read.ts'
import { asText, headerOf, keyOf, linesIn, Tally } from './lines.ts'
import {
  existQuery,
  type Identity,
  isNode,
  type Line,
  PartReader,
  partQuery,
  type RelationshipLine,
  readPlaces,
} from './part.ts'
import { type Exists, weigh } from './weigh.ts'
import { creation, deletion } from './write.ts'

/** Nodes that are wanted: those of a label whose property is one of the values in a file, one a line. */
export interface Wanted {
  label: string
  property: string
  ids: string
}

/** Things that were carried over, and those of them that are live and equal. */
export interface Carried {
  nodes: number
  relationships: number
  there: { nodes: number; relationships: number }
  /** Nodes that are live with other labels or properties. */
  different: number
}

/**
 * Writes the wanted nodes that the copy has and the live graph has not, with their relationships, into a file: a
 * header, then one thing a line (tools/graph.ts take).
 */
export function takeNodes(
  f: Neo4jBase,
  volume: string,
  wanted: readonly Wanted[],
  keys: readonly Key[],
  out: string,
): Command {
  const words = [volume, JSON.stringify(wanted), JSON.stringify(keys), out]
  return own(['take', f.store.name, f.run.id, ...words], async io => {
    const whole = resolve(io.cwd, `${out}.whole`)
    const ids = await readIds(wanted, io.cwd)
    const to = privateFile(whole)
    const take = (line: Line) => to.write(`${asText(line)}\n`)
    const like = await likenessOf(f, io)
    await readPart(surrogate({ ...f, like }, volume, partQuery(ids.flatMap(asWhole), keys)), take, io)
    to.end()
    await finished(to)
    await weigh(whole, resolve(io.cwd, out), { rows: ids.length, keys, exists: existsIn(f, io) })
    rmSync(whole)
    return ''
  })
}

/** Writes the nodes and relationships of the file, all or none (tools/graph.ts put). */
export function putNodes(target: Target, store: Neo4jStore, file: string): Command {
  return own(['put', store.name, file], async io => {
    await transaction(
      target,
      store,
      file,
      creation(() => linesIn(resolve(io.cwd, file))),
      io,
    )
    return ''
  })
}

/** Looks for what is in the file (tools/graph.ts there). */
export function lookForNodes(target: Target, store: Neo4jStore, file: string): Command {
  return own(['there', store.name, file], async io => {
    const live = await liveOf(target, store, file, io)
    const lines = new Tally()
    for (const { line } of [...live.nodes.values(), ...live.relationships]) lines.add(line)
    const seen: Carried = { nodes: 0, relationships: 0, there: { nodes: 0, relationships: 0 }, different: 0 }
    for await (const line of linesIn(resolve(io.cwd, file))) {
      const what = isNode(line) ? 'nodes' : 'relationships'
      seen[what]++
      if (lines.take(line)) seen.there[what]++
      else if (isNode(line) && live.nodes.has(keyOf(line.node))) seen.different++
    }
    return `${JSON.stringify(seen)}\n`
  })
}

/**
 * Deletes exactly the nodes of the file, with the relationships that came with them: those that are still as they
 * were written and got no other relationship since (tools/graph.ts remove).
 */
export function removeNodes(target: Target, store: Neo4jStore, file: string): Command {
  return own(['remove', store.name, file], async io => {
    const { nodes, relationships } = await liveOf(target, store, file, io)
    const written = new Tally()
    for await (const line of linesIn(resolve(io.cwd, file))) written.add(line)
    const stays = new Set([...nodes].filter(([, { line }]) => !written.has(line)).map(([key]) => key))
    for (const { line } of relationships) {
      if (!written.take(line)) for (const end of [line.from, line.to]) if (end) stays.add(keyOf(end))
    }
    const goes = new Map([...nodes].filter(([key]) => !stays.has(key)))
    const their = relationships.filter(({ line }) =>
      [line.from, line.to].some(end => end !== null && goes.has(keyOf(end))),
    )
    const ids = (some: Iterable<{ id: string }>) => Array.from(some, ({ id }) => id)
    await transaction(target, store, file, deletion(ids(their), ids(goes.values())), io)
    return `${JSON.stringify({ removed: goes.size, left: nodes.size - goes.size })}\n`
  })
}

function own(args: readonly string[], work: (io: Io) => Promise<string>): Command {
  return ownCommand('graph', args, (_, io) => work(io), { limits: { total: 7200 } })
}

interface Live {
  nodes: Map<string, { line: Line; id: string }>
  relationships: { line: RelationshipLine; id: string }[]
}

/** The nodes of a file as they are now, with every relationship they have. */
async function liveOf(target: Target, store: Neo4jStore, file: string, io: Io): Promise<Live> {
  const path = resolve(io.cwd, file)
  const { keys } = await headerOf(path)
  const identities: Identity[] = []
  for await (const line of linesIn(path)) if (isNode(line)) identities.push(line.node)
  const live: Live = { nodes: new Map(), relationships: [] }
  const give = (line: Line, id: string) => {
    if (isNode(line)) live.nodes.set(keyOf(line.node), { line, id })
    else live.relationships.push({ line, id })
  }
  await readPart(session(target.runtime, store, partQuery(identities, keys)), give, io)
  return live
}

/** The things of a session of `partQuery`, as they come. */
export async function readPart(
  command: Command,
  give: (line: Line, id: string) => void,
  io: Io,
): Promise<void> {
  const reader = new PartReader(give)
  await exec(command, { cwd: io.cwd, signal: io.signal, sink: chunk => reader.add(chunk) })
  reader.end()
}

/** Asks the live graph. */
export function existsIn({ target, store }: Pick<Neo4jBase, 'target' | 'store'>, io: Io): Exists {
  return async identities => {
    const asked = session(target.runtime, store, existQuery(identities))
    const { stdout } = await exec(asked, { cwd: io.cwd, signal: io.signal })
    return new Set(readPlaces(stdout).map(place => keyOf(identities[place]!)))
  }
}

/** A script as one session; the first statement that fails ends it, and the transaction is gone with it. */
export async function transaction(
  target: Target,
  store: Neo4jStore,
  file: string,
  script: AsyncIterable<string> | Iterable<string>,
  io: Io,
): Promise<void> {
  const cypher = `${file}.cypher`
  const path = resolve(io.cwd, cypher)
  rmSync(path, { force: true })
  await pipeline(Readable.from(script), createWriteStream(path, { mode: 0o600 }))
  const run = { ...session(target.runtime, store, ''), stdin: { file: cypher }, explain }
  await exec(run, { cwd: io.cwd, signal: io.signal })
  rmSync(path)
}

const explain: NonNullable<Command['explain']> = ({ stderr }) => {
  const meanwhile = 'look at what was written there, then retry'
  if (stderr.includes('/ by zero'))
    return {
      message: 'a node at the end of a relationship has gone meanwhile; nothing was written',
      hint: meanwhile,
    }
  if (/already exists with label/.test(stderr))
    return { message: 'one of the nodes is there again; nothing was written', hint: meanwhile }
  if (/still has relationships/.test(stderr))
    return { message: 'one of the nodes has just got a relationship; nothing was deleted', hint: 'retry' }
  return undefined
}

async function readIds(wanted: readonly Wanted[], cwd: string): Promise<[Wanted, string][]> {
  const ids: [Wanted, string][] = []
  for (const one of wanted) for await (const id of linesOf(resolve(cwd, one.ids))) ids.push([one, id])
  return ids
}

function asWhole([{ label, property }, id]: [Wanted, string]): Identity[] {
  return identitiesOf(label, property, id)
}

/** PostgreSQL's number may be a number or a text in the graph; the index is asked for both. */
export function identitiesOf(label: string, property: string, key: string): Identity[] {
  const types = /^-?\d{1,18}$/.test(key) ? ['INTEGER', 'STRING'] : ['STRING']
  return types.map(type => [label, [[property, [`${type} NOT NULL`, [key]]]]])
}
