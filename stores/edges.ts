import { resolve } from 'node:path'
import type { Command, Io } from '../lib/command.ts'
import type { Edge, Relation } from '../lib/config-schema.ts'
import { LineFile, linesOf } from '../lib/data-files.ts'
import { storeNamed } from '../lib/target.ts'
import { timeIn, youngFrom } from './age.ts'
import type { Base } from './base.ts'
import { columnsOf, compareKeys, keyOfLine, lineOf, putInOrder, requireAscending } from './keys.ts'
import { psql } from './postgres/commands.ts'

/** Foreign keys of a table and the relationships of a graph, compared. */
export interface Edges {
  /** Rows that refer to another and have a node; and relationships of their nodes. */
  rows: number
  edges: number
  /** Rows whose node has no such relationship: younger than the backup, and older. */
  expected: number
  missing: number
  /** Rows whose node has one to another node than the row says. */
  repointed: number
  /** Relationships beyond the one that the row says. */
  additional: number
  /** Some of each kind: "5 → 2", "5 → 3 instead of 2". */
  samples: Record<WrongEdge, string[]>
}

export type WrongEdge = 'missing' | 'repointed' | 'additional'

/** Files for the edges of a kind, one a line: the two keys, and the wrong one behind them where it is another node. */
export type EdgeLists = Record<WrongEdge, string>

const SAMPLES = 5

/** The files of an edge, in the folder of the run. */
export function edgeLists({ run }: Base, relation: string, { name }: Edge): EdgeLists {
  const file = (what: string) => `${run.folder}/${what}_edges_${relation}_${name}.tsv`
  return { missing: file('missing'), repointed: file('repointed'), additional: file('additional') }
}

/** Where the foreign keys are listed. */
export function edgeRowsFile({ run }: Base, relation: string, { name }: Edge): string {
  return `${run.folder}/rows_${relation}_edges_${name}.tsv`
}

/** Key, foreign key and time of every row; a row that refers to nothing has none. */
export function listEdgeRows(f: Base, { name, postgres }: Relation, edge: Edge): Command {
  const store = storeNamed(f.target, postgres.store, 'postgres')
  const { id, created, table } = postgres
  const query = `COPY (SELECT ${id}, ${edge.column}, ${created} FROM ${table} ORDER BY ${id}) TO STDOUT`
  return {
    ...psql(f.target.runtime, store, query, { seconds: 600 }),
    stdout: edgeRowsFile(f, name, edge),
  }
}

/**
 * Merges the sorted rows (key, foreign key, time) with the sorted nodes and their relationships (key, key of the other
 * node or NULL where it has none): linear time, constant memory. A row without a node, and a node without a row, are not
 * counted here: they are unmatched themselves.
 */
export async function mergeEdges(
  rows: string,
  graph: string,
  since: string,
  lists: EdgeLists,
  io: Pick<Io, 'cwd' | 'progress' | 'signal'>,
): Promise<Edges> {
  await putInOrder(rows, io)
  await putInOrder(graph, io)
  const seen = new SeenEdges(lists, since, io.cwd)
  const nodes = nodesIn(resolve(io.cwd, graph))
  let node = await nodes.next()
  let last: string | undefined
  for await (const line of linesOf(resolve(io.cwd, rows))) {
    const from = keyOfLine(line)
    requireAscending(last, from, 'once')
    last = from
    while (!node.done && compareKeys(node.value.from, from) < 0) node = await nodes.next()
    if (node.done || node.value.from !== from) continue
    const [, to, created] = columnsOf(line)
    seen.compare(from, to, node.value.to, timeIn(created))
    io.progress({ done: seen.found.rows, unit: 'points' })
  }
  return seen.end()
}

/** Every node with the keys of all nodes that it has a relationship to. */
async function* nodesIn(file: string): AsyncGenerator<{ from: string; to: string[] }> {
  let node: { from: string; to: string[] } | undefined
  for await (const line of linesOf(file)) {
    const from = keyOfLine(line)
    const to = columnsOf(line)[1]
    if (node?.from !== from) {
      if (node) yield node
      node = { from, to: [] }
    }
    if (to !== undefined) node.to.push(to)
  }
  if (node) yield node
}

class SeenEdges {
  readonly found: Edges = {
    ...{ rows: 0, edges: 0, expected: 0, missing: 0, repointed: 0, additional: 0 },
    samples: { missing: [], repointed: [], additional: [] },
  }
  readonly #files: Record<WrongEdge, LineFile>
  readonly #bound: number

  constructor(lists: EdgeLists, since: string, cwd: string) {
    const file = (kind: WrongEdge) => new LineFile(resolve(cwd, lists[kind]))
    this.#files = { missing: file('missing'), repointed: file('repointed'), additional: file('additional') }
    this.#bound = youngFrom(since)
  }

  compare(from: string, wanted: string | undefined, to: readonly string[], created: number): void {
    if (wanted !== undefined) this.found.rows++
    this.found.edges += to.length
    const others = [...to]
    const right = wanted === undefined ? -1 : others.indexOf(wanted)
    if (right !== -1) others.splice(right, 1)
    else if (wanted !== undefined) this.#lacks(from, wanted, others.shift(), created)
    for (const other of others) this.#note('additional', `${from} → ${other}`, from, other)
  }

  #lacks(from: string, wanted: string, other: string | undefined, created: number): void {
    if (other !== undefined)
      this.#note('repointed', `${from} → ${other} instead of ${wanted}`, from, wanted, other)
    else if (created >= this.#bound) {
      this.found.expected++
      this.#files.missing.add(lineOf(from, wanted))
    } else this.#note('missing', `${from} → ${wanted}`, from, wanted)
  }

  #note(kind: WrongEdge, sample: string, ...keys: string[]): void {
    if (++this.found[kind] <= SAMPLES) this.found.samples[kind].push(sample)
    this.#files[kind].add(lineOf(...keys))
  }

  end(): Edges {
    for (const file of Object.values(this.#files)) file.end()
    return this.found
  }
}

/** How many are wrong, younger than the backup or not. */
export function wrongEdges({ expected, missing, repointed, additional }: Edges): number {
  return expected + missing + repointed + additional
}
