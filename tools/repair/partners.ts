import { storeNamed } from '../../lib/target.ts'
import { perform } from '../../runbook/perform.ts'
import {
  alone,
  deletedFile,
  deletedNodesFile,
  deleteOrphanedNodes,
  deleteOrphanedPoints,
  findUnmatched,
  type OrphanedNodes,
  type OrphanedPoints,
  reindexMissing,
  reindexOf,
  type Unmatched,
} from '../../steps/repair-references.ts'
import { type Partner, repairLists } from '../../stores/references.ts'
import { withoutInFlight } from './in-flight.ts'
import type { Search, Work } from './work.ts'

/** Rows without a point or node, and points or nodes without a row. */
export async function findPartners({ target, run, relation }: Search, partner: Partner): Promise<Work[]> {
  const kind = partner === 'point' ? 'qdrant' : 'neo4j'
  const at = relation[kind]
  if (!at) return []
  const store = storeNamed(target, at.store, kind)
  const compare = (folder: string) =>
    perform(findUnmatched(partner), { target, store, run: { ...run, folder }, relation })
  const facts = await withoutInFlight(await compare(run.folder), partner, compare)
  return [...orphans(partner, facts), ...missing(partner, facts), ...unclear(partner, facts)]
}

/** What is deleted comes first: the comparison that proves the rest writes the list of keys anew. */
function orphans(partner: Partner, facts: Unmatched): Work[] {
  const { seen, relation, store } = facts
  if (seen.orphans === 0) return []
  const list = repairLists(facts, relation.name, partner).orphans
  const how =
    'saved, then deleted; where the rows are what is missing, scenarios/accidental-deletion.ts instead'
  const mend = async () => {
    if (partner === 'point') {
      await perform(deleteOrphanedPoints, facts as OrphanedPoints, { takeBack: true })
      const words = [store.name, relation.qdrant!.collection, deletedFile(facts)]
      return [`to bring them back: npx tsx tools/points.ts put ${words.join(' ')}`]
    }
    await perform(deleteOrphanedNodes, facts as OrphanedNodes, { takeBack: true })
    return [`to bring them back: npx tsx tools/graph.ts put ${store.name} ${deletedNodesFile(facts)}`]
  }
  return [
    {
      lines: [`${relation.name}: ${seen.orphans} ${partner}s without a row (${list}); ${how}`],
      bound: { words: [relation.name, partner, 'delete'], files: [list] },
      mend,
      leaves: false,
    },
  ]
}

function missing(partner: Partner, facts: Unmatched): Work[] {
  const { seen, relation } = facts
  if (alone(seen) === 0) return []
  const reindex = reindexOf(facts, partner)
  const how = reindex
    ? `made again by ${reindex.service}: ${reindex.command.join(' ')}`
    : 'no "reindex" in the configuration: make them again from the source'
  const list = repairLists(facts, relation.name, partner).missing
  const mend = async () => {
    await perform(reindexMissing(partner), facts)
    return []
  }
  return [
    {
      lines: [`${relation.name}: ${alone(seen)} rows without a ${partner} (${list}); ${how}`],
      bound: { words: [relation.name, partner, reindex ?? null], files: [] },
      ...(reindex ? { mend } : {}),
      leaves: reindex === undefined,
    },
  ]
}

/** Which of two is the right one, or whose one is that names no row, only a person can say. */
function unclear(partner: Partner, { seen, relation }: Unmatched): Work[] {
  const lines: string[] = []
  if (seen.doubles > 0)
    lines.push(
      `${relation.name}: ${seen.doubles} ${partner}s more than the rows may have (such as ${seen.doubled.join(', ')}); decide which of them stays`,
    )
  if (seen.unkeyed > 0)
    lines.push(
      `${relation.name}: ${seen.unkeyed} ${partner}s with no key of a row (such as ${seen.keyless.join(', ')}); look whose they are`,
    )
  return lines.length === 0 ? [] : [{ lines, bound: { words: lines, files: [] }, leaves: true }]
}
