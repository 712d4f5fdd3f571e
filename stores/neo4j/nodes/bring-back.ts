import { command, type Output } from '../../../lib/command.ts'
import { count, plural } from '../../../lib/format.ts'
import type { Verdict, WorldState } from '../../../runbook/model.ts'
import type { Sequence } from '../../../runbook/tree.ts'
import { dumpsVolume } from '../commands.ts'
import { loadIntoScratch, scratch } from '../prove.ts'
import { stageDumps } from '../stage-dumps.ts'
import { removeVolume } from '../staging.ts'
import { type Carried, lookForNodes, putNodes, removeNodes, takeNodes } from './carry.ts'
import { type NodesWork, nodesFile } from './facts.ts'
import type { Header } from './lines.ts'

/**
 * The ids are in their files already. A graph has no beside: the dump is loaded into a volume of its own, a
 * throw-away server gives the nodes, and only those that are missing are written. The live server runs on.
 */
export const bringNodes = (s: Sequence<NodesWork>) => {
  const loaded = loadIntoScratch(stageDumps(s)).keep('take the nodes that are missing live out of it', f =>
    takeNodes(f, scratch(f), f.kinds, f.keys, nodesFile(f)),
  )
  return [scratch, dumpsVolume]
    .reduce((s, volume) => removeVolume(s, 'remove what was loaded', volume), loaded)
    .read(
      'see what comes back and what cannot',
      f => command(['head', '-n', '1', nodesFile(f)]),
      o => ({ coming: JSON.parse(o.stdout) as Header }),
    )
    .write('write the nodes that are missing, with their relationships, in one transaction', {
      run: f => putNodes(f.target, f.store, nodesFile(f)),
      probe: { look: f => lookForNodes(f.target, f.store, nodesFile(f)), state: nodesState },
      undo: f => removeNodes(f.target, f.store, nodesFile(f)),
    })
    .check(
      'every node that came back is equal to the backup’s',
      f => lookForNodes(f.target, f.store, nodesFile(f)),
      allNodesThere,
    )
    .check(
      'every row that came back has its node',
      f => command(['head', '-n', '1', nodesFile(f)]),
      nodesCover,
    )
}

/** Nothing to write is as good as written. They are written at once, so one that is there speaks for all. */
export function nodesState(o: Output): WorldState {
  const { nodes, there, different } = JSON.parse(o.stdout) as Carried
  if (there.nodes + different === nodes) return 'done'
  return there.nodes + different === 0 ? 'absent' : 'partial'
}

export function allNodesThere(o: Output): Verdict {
  const { nodes, relationships, there, different } = JSON.parse(o.stdout) as Carried
  const anew = different === 0 ? '' : `; ${count(different)} changed since and left alone`
  const found = `${count(there.nodes)} of ${plural(nodes, 'node')}, ${count(there.relationships)} of ${plural(relationships, 'relationship')} equal${anew}`
  const all = there.nodes + different === nodes && (there.relationships === relationships || different > 0)
  return { verdict: all ? 'proven' : 'failed', found }
}

/** What was in no backup has to be made again by whoever makes the graph. */
export function nodesCover(o: Output): Verdict {
  const { rows, nodes, again, unknown, lost } = JSON.parse(o.stdout) as Header
  const found = [`${plural(rows, 'row')}, ${plural(nodes + again, 'node')}`]
  if (unknown > 0) found.push(`the backup has no node of ${plural(unknown, 'row')}: make them again`)
  if (lost > 0)
    found.push(`${plural(lost, 'relationship')} left out: the other end is gone or cannot be told`)
  return { verdict: found.length === 1 ? 'proven' : 'expected loss', found: found.join('; ') }
}
