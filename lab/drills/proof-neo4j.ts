import { containerOf, docker } from '../ground.ts'
import { describeGraph, isWholeGraph, lookAtNeo4j } from '../oracle-neo4j.ts'
import { readCorpus } from '../seed/corpus.ts'
import { type LabTarget, volumeName } from '../target.ts'
import { hasNode } from './marker.ts'
import type { Claim, Known } from './proof.ts'

/** Nodes, relationships, markers and quarantine, compared with the seed. */
export async function proveNeo4j(target: LabTarget, known: Known): Promise<Claim[]> {
  const found = await lookAtNeo4j(target, readCorpus(target.root), known.scale)
  const whole: Claim = {
    say: 'every node and relationship of the seed is as it was, with constraints and indexes',
    holds: isWholeGraph(found),
    seen: describeGraph(found),
  }
  if (!known.right.stores.includes('neo4j')) return [whole]
  return [whole, ...(await markers(target, known)), ...(await kept(target)), ...(await leftovers(target))]
}

/** Only the users were lost in that one, so the graph keeps what was written since. */
const GRAPH_KEPT = ['graph-system-corrupt']

async function markers(target: LabTarget, { before, after, fault }: Known): Promise<Claim[]> {
  const late = await hasNode(target, after)
  const stays = GRAPH_KEPT.includes(fault.id)
  return [
    claim('the node written before the backup is there', await hasNode(target, before)),
    claim(`the node written after it is ${stays ? 'still there' : 'gone'}`, late === stays),
  ]
}

function claim(say: string, holds: boolean): Claim {
  return { say, holds, seen: holds ? 'so it is' : 'it is not' }
}

/** What was damaged is kept in the volume until a person releases it. */
async function kept(target: LabTarget): Promise<Claim[]> {
  const folders = await setAsideGraphs(target)
  return [
    { say: 'what was set aside is kept', holds: folders.length > 0, seen: folders.join(', ') || 'nowhere' },
  ]
}

/** Folders of recoveries in the volume of Neo4j. */
export async function setAsideGraphs(target: LabTarget): Promise<string[]> {
  const list = 'cd /data && find . -maxdepth 1 -name "quarantine-*" -o -maxdepth 1 -name "failed-*"'
  const found = await docker(target, ['exec', containerOf(target, 'neo4j'), 'sh', '-c', list])
  return found.split('\n').filter(Boolean).sort()
}

async function leftovers(target: LabTarget): Promise<Claim[]> {
  const left = await leftOver(target)
  return [
    { say: 'nothing of the run is left over', holds: left.length === 0, seen: left.join(', ') || 'nothing' },
  ]
}

/** Volumes and containers of a run; they should be gone with it. */
export async function leftOver(target: LabTarget): Promise<string[]> {
  const prefix = `${target.project}-neo4j-`
  const volumes = await docker(target, ['volume', 'ls', '-q', '--filter', `name=^${prefix}`])
  const data = `volume=${volumeName(target, 'neo4j_data')}`
  const containers = await docker(target, ['ps', '-a', '--filter', data, '--format', '{{.Names}}'])
  return [...volumes.split('\n'), ...containers.split('\n')].filter(
    name => name.startsWith(prefix) && name !== `${prefix}1`,
  )
}
