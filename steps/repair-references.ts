import type { Output } from '../lib/command.ts'
import type { Reindex } from '../lib/config-schema.ts'
import { plural, timeOf } from '../lib/format.ts'
import type { Verdict, WorldState } from '../runbook/model.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import type { Neo4jBase } from '../stores/neo4j/facts.ts'
import {
  type Carried as CarriedNodes,
  lookForNodes,
  putNodes,
  removeNodes,
} from '../stores/neo4j/nodes/carry.ts'
import { saveNodes } from '../stores/neo4j/nodes/save.ts'
import { NODES, type NodeRelation } from '../stores/neo4j/references.ts'
import { lookForPoints, putPoints, removePoints, savePoints } from '../stores/qdrant/carry.ts'
import type { QdrantBase } from '../stores/qdrant/facts.ts'
import { POINTS, type PointRelation } from '../stores/qdrant/references.ts'
import {
  againFile,
  listRows,
  listRowsAgain,
  type OneRelation,
  type Partner,
  type References,
  repairLists,
  type Side,
} from '../stores/references.ts'

/** One relation and what is unmatched in it, as of the run's begin. */
export type Unmatched = OneRelation & { seen: References }

const SIDES: Record<Partner, Side> = { point: POINTS, node: NODES }

/** Where the points lie that were deleted: `tools/points.ts put` brings them back. */
export function deletedFile({ run, relation }: Pick<OneRelation, 'run' | 'relation'>): string {
  return `${run.folder}/deleted_points_${relation.name}.jsonl`
}

/** The platform's own command for it; undefined where the configuration names none. */
export function reindexOf(
  { relation }: Pick<OneRelation, 'relation'>,
  partner: Partner,
): Reindex | undefined {
  return (partner === 'point' ? relation.qdrant : relation.neo4j)?.reindex
}

/** Rows without a partner, the young ones too: those are nobody's loss, and made again all the same. */
export function alone({ missing, expected }: References): number {
  return missing + expected
}

/** Compares the rows of a relation with their points or nodes; the keys go into the lists of the run. */
export function findUnmatched(partner: Partner) {
  return step<OneRelation, Unmatched>({
    id: `find-unmatched-${partner}s`,
    about: partner === 'point' ? 'qdrant' : 'neo4j',
    title: `Find rows without a ${partner}, and ${partner}s without a row`,
    why: `Rows are the source: what is missing beside them can be made again from them, and what stands beside no row
answers with something that was deleted.`,
    body: s =>
      s
        .keep(`list the rows that must have a ${partner}`, f => listRows(f, partner))
        .read(
          `compare them with the ${partner}s`,
          f => SIDES[partner].compare(f, timeOf(f.run.id)),
          o => ({ seen: JSON.parse(o.stdout) as References }),
        ) as unknown as Sequence<Unmatched>,
    summary: ({ seen }) => `${plural(alone(seen), 'row')} without, ${plural(seen.orphans, partner)} too many`,
  })
}

/** Makes what is missing again with the platform's own command. */
export function reindexMissing(partner: Partner) {
  return step<Unmatched, unknown>({
    id: `reindex-${partner}s`,
    about: partner === 'point' ? 'qdrant' : 'neo4j',
    title: `Make the missing ${partner}s again from their rows`,
    why: `Only the platform knows how a ${partner} is made of a row: its own command gets the keys, one a line. Exit code 0
proves nothing, so the same keys are looked for afterwards.`,
    body: s =>
      s
        .write('run the command of the platform', {
          run: f => {
            const { service, command } = reindexOf(f, partner)!
            const { missing } = repairLists(f, f.relation.name, partner)
            return f.target.runtime.exec(service, command, {
              stdin: { file: missing },
              limits: { total: 7200 },
            })
          },
          probe: { look: f => SIDES[partner].compare(f, timeOf(f.run.id)), state: madeAgain },
          undo: { none: 'each stands beside a row that had none; nothing that was there is changed' },
          repeatable: true,
        })
        .check(
          `every row has its ${partner} now`,
          f => SIDES[partner].compare(f, timeOf(f.run.id)),
          o => allPaired(o, partner),
        ),
    summary: ({ seen }) => plural(alone(seen), partner),
  })
}

function madeAgain(o: Output, { seen }: Unmatched): WorldState {
  const left = alone(JSON.parse(o.stdout) as References)
  return left === 0 ? 'done' : left >= alone(seen) ? 'absent' : 'partial'
}

/** The rows are those of the list: a row that came since is not in it. */
function allPaired(o: Output, partner: Partner): Verdict {
  const seen = JSON.parse(o.stdout) as References
  const found = `${plural(alone(seen), 'row')} of ${seen.rows} without a ${partner}`
  return { verdict: alone(seen) === 0 ? 'proven' : 'failed', found }
}

/** Points that stand beside no row. */
export type OrphanedPoints = QdrantBase & { relation: PointRelation; seen: References }

/** Deletes the points that stand beside no row, after they were saved. */
export const deleteOrphanedPoints = step<OrphanedPoints, unknown>({
  id: 'delete-orphaned-points',
  about: 'qdrant',
  title: 'Delete the points without a row',
  why: `They are found by searches and lead to nothing. The rows are listed once more first: a row that has come since brings
its point with it, and that one stays. What is deleted is saved before, vector and payload.`,
  body: s =>
    s
      .keep('list the rows again', f => listRowsAgain(f, 'point'))
      .keep('save the points without a row', f => {
        const { orphans } = repairLists(f, f.relation.name, 'point')
        const rows = againFile(f, f.relation.name, 'point')
        return savePoints(f.store, f.relation.qdrant.collection, orphans, rows, deletedFile(f))
      })
      .write('delete them', {
        run: f => removePoints(f.store, f.relation.qdrant.collection, deletedFile(f)),
        probe: { look: lookForThem, state: areGone },
        undo: f => putPoints(f.store, f.relation.qdrant.collection, deletedFile(f)),
        repeatable: true,
      })
      .check('none of them is there any more', lookForThem, gone),
  summary: ({ seen }) => plural(seen.orphans, 'point'),
})

function lookForThem(f: OrphanedPoints) {
  return lookForPoints(f.store, f.relation.qdrant.collection, deletedFile(f))
}

function areGone(o: Output): WorldState {
  const { all, there, different } = JSON.parse(o.stdout) as { all: number; there: number; different: number }
  if (there + different === 0) return 'done'
  return there + different === all ? 'absent' : 'partial'
}

/** One that somebody has changed since it was saved is not deleted, and stays to be decided. */
function gone(o: Output): Verdict {
  const { all, there, different } = JSON.parse(o.stdout) as { all: number; there: number; different: number }
  const left = there + different
  return { verdict: left === 0 ? 'proven' : 'failed', found: `${all - left} of ${plural(all, 'point')} gone` }
}

/** Nodes that stand beside no row. */
export type OrphanedNodes = Neo4jBase & { relation: NodeRelation; seen: References }

/** Deletes the nodes that stand beside no row, with their relationships, after they were saved. */
export const deleteOrphanedNodes = step<OrphanedNodes, unknown>({
  id: 'delete-orphaned-nodes',
  about: 'neo4j',
  title: 'Delete the nodes without a row',
  why: `Questions to the graph find them and lead to nothing. The rows are listed once more first, and what is deleted is
saved before, with its relationships. A node that could not come back as it is, because nothing tells it or one of its
neighbours apart, stays; so does one that somebody has changed or related since.`,
  body: s =>
    s
      .keep('list the rows again', f => listRowsAgain(f, 'node'))
      .keep('save the nodes without a row', f => {
        const { orphans } = repairLists(f, f.relation.name, 'node')
        const rows = againFile(f, f.relation.name, 'node')
        return saveNodes(f.target, f.store, f.relation.neo4j, orphans, rows, deletedNodesFile(f))
      })
      .write('delete them with their relationships, in one transaction', {
        run: f => removeNodes(f.target, f.store, deletedNodesFile(f)),
        probe: { look: lookForNodesOf, state: nodesGone },
        undo: f => putNodes(f.target, f.store, deletedNodesFile(f)),
        repeatable: true,
      })
      .check('none of them is there any more', lookForNodesOf, noNodes),
  summary: ({ seen }) => plural(seen.orphans, 'node'),
})

/** Where the nodes lie that were deleted: `tools/graph.ts put` brings them back. */
export function deletedNodesFile({ run, relation }: Pick<OneRelation, 'run' | 'relation'>): string {
  return `${run.folder}/deleted_nodes_${relation.name}.jsonl`
}

function lookForNodesOf(f: OrphanedNodes) {
  return lookForNodes(f.target, f.store, deletedNodesFile(f))
}

function nodesGone(o: Output): WorldState {
  const { nodes, there, different } = JSON.parse(o.stdout) as CarriedNodes
  const left = there.nodes + different
  return left === 0 ? 'done' : left === nodes ? 'absent' : 'partial'
}

function noNodes(o: Output): Verdict {
  const { nodes, there, different } = JSON.parse(o.stdout) as CarriedNodes
  const left = there.nodes + different
  return {
    verdict: left === 0 ? 'proven' : 'failed',
    found: `${nodes - left} of ${plural(nodes, 'node')} gone`,
  }
}
