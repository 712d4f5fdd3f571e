import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import type { Relation } from '../../lib/config-schema.ts'
import { LineFile, linesOf } from '../../lib/data-files.ts'
import { exec } from '../../lib/exec.ts'
import { Problem } from '../../lib/problem.ts'
import type { Neo4jStore, Target } from '../../lib/target.ts'
import {
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
  { label, property }: NodeRelation['neo4j'],
  rows: string,
  since: string,
  lists: RepairLists,
): Command {
  const words = ['references', store.name, label, property, rows, since, lists.missing, lists.orphans]
  return ownCommand('graph', words, async (_, io) => {
    const keys = resolve(io.cwd, `${rows}.keys`)
    try {
      await listKeys(session(target.runtime, store, keysQuery(label, property)), keys, io)
      return `${JSON.stringify(await mergeReferences(rows, linesOf(keys), since, lists, io))}\n`
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
  return compareNodes(f.target, f.store, neo4j, rows, since, repairLists(f, name, 'node'))
}

/** In the order of its index, which a uniqueness constraint has: nothing is sorted in memory. */
function keysQuery(label: string, property: string): string {
  const key = `n.${named(property)}`
  return `MATCH (n:${named(label)}) WHERE ${key} IS NOT NULL
WITH ${key} AS key ORDER BY key RETURN "key" AS ${HEAD}, key;
${END}`
}

async function listKeys(command: Command, file: string, { cwd, signal }: Io): Promise<void> {
  const lines = new LineFile(file)
  let ended = false
  const records = new Records(record => {
    const key = keyOf(record.toString('utf8'))
    if (key !== undefined) lines.add(key)
    else if (record.toString('utf8').startsWith('"end"')) ended = true
  })
  await exec(command, { cwd, signal, sink: chunk => records.add(chunk) })
  records.end()
  lines.end()
  if (!ended) throw endedEarly()
}

/** The key in a record; undefined for a header and for the end. A number is left as it is written: it may be long. */
export function keyOf(record: string): string | undefined {
  const written = /^"key", ([\s\S]*)$/.exec(record.trimEnd())?.[1]
  if (written === undefined) return undefined
  if (/^-?\d+$/.test(written)) return written
  const key = written.startsWith('"') ? parseRecord(written)[0] : undefined
  if (typeof key === 'string' && !key.includes('\n')) return key
  throw new Problem(
    `a node has the key ${written.slice(0, 60)}: it is no whole number and no text of one line`,
    {
      hint: 'correct the property in the graph, or the relation in the configuration',
    },
  )
}
