import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { type Command, ownCommand } from '../../../lib/command.ts'
import type { NodeSide } from '../../../lib/config-schema.ts'
import { linesOf, privateFile } from '../../../lib/data-files.ts'
import { exec } from '../../../lib/exec.ts'
import type { Neo4jStore, Target } from '../../../lib/target.ts'
import { putInOrder, withoutRows } from '../../keys.ts'
import { session } from '../commands.ts'
import { type Look, lookAt } from '../read.ts'
import { identitiesOf, readPart } from './carry.ts'
import { asText, type Header, keyOf } from './lines.ts'
import { type Identity, isNode, type Line, partQuery } from './part.ts'

/**
 * Writes the live nodes of these sorted keys with all their relationships into a file that `put` brings back
 * (tools/graph.ts save), but for those that have a row in the list by now, and for those that could not come back: no
 * constraint tells them apart, or the other end of one of their relationships.
 */
export function saveNodes(
  target: Target,
  store: Neo4jStore,
  { label, property }: Pick<NodeSide, 'label' | 'property'>,
  orphans: string,
  rows: string,
  out: string,
): Command {
  const words = ['save', store.name, label, property, orphans, rows, out]
  return ownCommand('graph', words, async (_, io) => {
    await putInOrder(rows, io)
    const ids: string[] = []
    const alone = withoutRows(linesOf(resolve(io.cwd, orphans)), linesOf(resolve(io.cwd, rows)))
    for await (const id of alone) ids.push(id)
    const look = await exec(lookAt(target, store), { cwd: io.cwd, signal: io.signal })
    const { keys } = JSON.parse(look.stdout) as Look
    const identities = ids.flatMap(id => identitiesOf(label, property, id))
    const whole = resolve(io.cwd, `${out}.whole`)
    const to = privateFile(whole)
    const untold = new Set<string>()
    let nameless = 0
    const take = (line: Line) => {
      if (isNode(line) && line.node === null) nameless++
      else to.write(`${asText(line)}\n`)
      for (const end of lostEnds(line)) untold.add(end)
    }
    await readPart(session(target.runtime, store, partQuery(identities, keys)), take, io)
    to.end()
    await finished(to)
    const header = { rows: ids.length, nodes: 0, relationships: 0, again: 0, unknown: 0, lost: 0, keys }
    const saved = await writeSaved(whole, resolve(io.cwd, out), header, untold)
    rmSync(whole)
    return `${JSON.stringify({ saved: saved.nodes, left: untold.size + nameless })}\n`
  })
}

/** The end that is known of a relationship whose other end is not. */
function lostEnds(line: Line): string[] {
  if (isNode(line) || (line.from && line.to)) return []
  return [line.from, line.to].filter((end): end is Identity => end !== null).map(keyOf)
}

async function writeSaved(whole: string, out: string, header: Header, untold: ReadonlySet<string>) {
  const nodes = new Set<string>()
  for await (const line of linesIn(whole)) if (isNode(line)) nodes.add(keyOf(line.node))
  const goes = (end: Identity | null) => end !== null && nodes.has(keyOf(end)) && !untold.has(keyOf(end))
  const isSaved = (line: Line) => (isNode(line) ? goes(line.node) : goes(line.from) || goes(line.to))
  for await (const line of linesIn(whole))
    if (isSaved(line)) header[isNode(line) ? 'nodes' : 'relationships']++
  const to = privateFile(out)
  to.write(`${asText(header)}\n`)
  for await (const line of linesIn(whole)) if (isSaved(line)) to.write(`${asText(line)}\n`)
  to.end()
  await finished(to)
  return header
}

async function* linesIn(file: string): AsyncGenerator<Line> {
  for await (const line of linesOf(file)) yield JSON.parse(line) as Line
}
