import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import type { NodeSide, Relation } from '../../lib/config-schema.ts'
import { LineFile, linesOf } from '../../lib/data-files.ts'
import { exec } from '../../lib/exec.ts'
import { Problem } from '../../lib/problem.ts'
import type { Neo4jStore, Target } from '../../lib/target.ts'
import { timeIn } from '../age.ts'
import { columnsOf, lineOf, putInOrder } from '../keys.ts'
import {
  type How,
  howWords,
  type Match,
  mergeReferences,
  type RepairLists,
  relationsWith,
  repairLists,
  rowsFile,
  type Side,
} from '../references.ts'
import { session } from './commands.ts'
import { named } from './content.ts'
import type { Neo4jBase } from './facts.ts'
import { END, HEAD } from './graph.ts'
import { endedEarly, parseRecord, Records } from './plain.ts'

/** A relation between rows and nodes. */
export type NodeRelation = Relation & Required<Pick<Relation, 'neo4j'>>

/**
 * Compares the listed rows with the nodes of a label (tools/graph.ts references). `since` is the time of the backup.
 * Numbers are exact whatever their size.
 */
export function compareNodes(
  target: Target,
  store: Neo4jStore,
  { label, property }: Pick<NodeSide, 'label' | 'property'>,
  rows: string,
  since: string,
  lists: RepairLists,
  how: How = {},
): Command {
  const words = ['references', store.name, label, property, rows, since, lists.missing, lists.orphans]
  return ownCommand('graph', [...words, ...howWords(how)], async (_, io) => {
    const keys = resolve(io.cwd, `${rows}.keys`)
    try {
      const query = keysQuery(label, property, how.created)
      await listRecords(session(target.runtime, store, query), keys, io, keyLine)
      await putInOrder(keys, io)
      return `${JSON.stringify(await mergeReferences(rows, nodesIn(keys), since, lists, io, how))}\n`
    } finally {
      rmSync(keys, { force: true })
    }
  })
}

/** Nodes, and how rows are compared with them. */
export const NODES: Side = {
  partner: 'node',
  relations: f => relationsWith(f, 'neo4j'),
  compare: (f, since) => compareRelation(f as Neo4jBase & { relation: NodeRelation }, since),
}

function compareRelation(f: Neo4jBase & { relation: NodeRelation }, since: string): Command {
  const { name, neo4j } = f.relation
  const rows = rowsFile(f, name, 'node')
  const lists = repairLists(f, name, 'node')
  return compareNodes(f.target, f.store, neo4j, rows, since, lists, howNodes(neo4j))
}

/** How the nodes of a relation refer to its rows. */
export function howNodes({ created, cardinality }: NodeSide): How {
  return {
    ...(cardinality === '1:n' ? { many: true as const } : {}),
    ...(created === undefined ? {} : { created }),
  }
}

/** In the order of its index, which a uniqueness constraint has: nothing is sorted in memory. */
function keysQuery(label: string, property: string, created: string | undefined): string {
  const key = `n.${named(property)}`
  const time = created === undefined ? 'NULL' : `toString(n.${named(created)})`
  return `MATCH (n:${named(label)}) WHERE ${key} IS NOT NULL
WITH ${key} AS key, ${time} AS made ORDER BY key RETURN "key" AS ${HEAD}, made, key;
${END}`
}

/** Writes a line for each record of an answer, as it passes by. Throws a Problem when the answer was cut. */
export async function listRecords(
  command: Command,
  file: string,
  { cwd, signal }: Pick<Io, 'cwd' | 'signal'>,
  line: (record: string) => string | undefined,
): Promise<void> {
  const lines = new LineFile(file)
  let ended = false
  const records = new Records(record => {
    const text = record.toString('utf8')
    const one = line(text)
    if (one !== undefined) lines.add(one)
    else if (text.startsWith('"end"')) ended = true
  })
  await exec(command, { cwd, signal, sink: chunk => records.add(chunk) })
  records.end()
  lines.end()
  if (!ended) throw endedEarly()
}

async function* nodesIn(file: string): AsyncGenerator<Match> {
  for await (const line of linesOf(file)) {
    const [key = '', made] = columnsOf(line)
    yield { key, id: key, created: timeIn(made) }
  }
}

/** Key and time of a record as a line; undefined for a header and for the end. */
export function keyLine(record: string): string | undefined {
  const [, made = '', written] = /^"key", (NULL|"[^"]*"|-?\d+), ([\s\S]*)$/.exec(record.trimEnd()) ?? []
  return written === undefined ? undefined : lineOf(keyIn(written), made.replaceAll('"', ''))
}

/** A key as it is written. A number is left so: it may be long. */
export function keyIn(written: string): string {
  if (/^-?\d+$/.test(written)) return written
  const key = written.startsWith('"') ? parseRecord(written)[0] : undefined
  if (typeof key === 'string' && !/[\n\r\t]/.test(key)) return key
  throw new Problem(
    `a node has the key ${written.slice(0, 60)}: it is no whole number and no text of one line`,
    {
      hint: 'correct the property in the graph, or the relation in the configuration',
    },
  )
}
