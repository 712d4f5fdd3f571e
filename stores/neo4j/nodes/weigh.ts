import { finished } from 'node:stream/promises'
import { linesOf, privateFile } from '../../../lib/data-files.ts'
import type { Key } from '../graph.ts'
import { asText, type Header, keyOf } from './lines.ts'
import { type Identity, isNode, type Line } from './part.ts'

/** Of these nodes, the keys of those that are live. */
export type Exists = (identities: readonly Identity[]) => Promise<Set<string>>

/**
 * Holds a part of a graph against the live one and writes what can come back, below a header that counts it: nodes
 * that are missing, and relationships with at least one of them whose other end is there or comes too.
 */
export async function weigh(
  whole: string,
  out: string,
  { rows, keys, exists }: { rows: number; keys: readonly Key[]; exists: Exists },
): Promise<void> {
  const { nodes, all } = await mentioned(whole)
  const live = await exists([...all.values()])
  const isNew = (end: Identity | null) => end !== null && nodes.has(keyOf(end)) && !live.has(keyOf(end))
  const isThere = (end: Identity | null) => isNew(end) || (end !== null && live.has(keyOf(end)))
  const concerned = (line: Line) => (isNode(line) ? isNew(line.node) : isNew(line.from) || isNew(line.to))
  const possible = (line: Line) => isNode(line) || (isThere(line.from) && isThere(line.to))

  const again = [...nodes].filter(key => live.has(key)).length
  const header: Header = {
    rows,
    nodes: 0,
    relationships: 0,
    again,
    unknown: Math.max(0, rows - nodes.size),
    lost: 0,
    keys,
  }
  for await (const line of read(whole)) {
    if (!concerned(line)) continue
    if (isNode(line)) header.nodes++
    else header[possible(line) ? 'relationships' : 'lost']++
  }
  const to = privateFile(out)
  to.write(`${asText(header)}\n`)
  for await (const line of read(whole)) {
    if (concerned(line) && possible(line)) to.write(`${asText(line)}\n`)
  }
  to.end()
  await finished(to)
}

/** The nodes of the part, and these with all ends of their relationships. */
async function mentioned(whole: string) {
  const nodes = new Set<string>()
  const all = new Map<string, Identity>()
  for await (const line of read(whole)) {
    if (isNode(line)) nodes.add(keyOf(line.node))
    for (const one of isNode(line) ? [line.node] : [line.from, line.to]) if (one) all.set(keyOf(one), one)
  }
  return { nodes, all }
}

async function* read(whole: string): AsyncGenerator<Line> {
  for await (const line of linesOf(whole)) yield JSON.parse(line) as Line
}
