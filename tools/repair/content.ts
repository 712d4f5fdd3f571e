import { EXIT, messageOf, Problem } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import { storeNamed } from '../../lib/target.ts'
import { perform } from '../../runbook/perform.ts'
import {
  type Aspect,
  differentList,
  findDifferent,
  renewPoints,
  replacedFile,
} from '../../steps/repair-content.ts'
import { findDifferentNodes } from '../../steps/repair-nodes.ts'
import { fieldsOf, oneOf } from '../../stores/content.ts'
import type { NodeRelation } from '../../stores/neo4j/references.ts'
import type { PointRelation } from '../../stores/qdrant/references.ts'
import type { Search, Work } from './work.ts'

/** Points whose payload or vector is not the one of their row, on a sample. */
export async function findContent(search: Search): Promise<Work[]> {
  const { relation } = search
  const works: Work[] = []
  if (relation.qdrant && fieldsOf(relation, 'point').length > 0)
    works.push(...(await points(search, 'payload')))
  if (relation.qdrant?.embed) works.push(...(await points(search, 'vector')))
  if (relation.neo4j && fieldsOf(relation, 'node').length > 0) works.push(...(await nodes(search)))
  return works
}

async function points(search: Search, aspect: Aspect): Promise<Work[]> {
  const { target, run, sample } = search
  const relation = search.relation as PointRelation
  const { qdrant, name } = relation
  const store = storeNamed(target, qdrant.store, 'qdrant')
  const sampled = sampleText(search)
  try {
    const facts = await perform(findDifferent(aspect), { target, store, run, relation, sample })
    const { different, samples } = facts.seen
    if (different === 0) return []
    const list = differentList(aspect, facts)
    const what = `${name}: ${different} points with another ${aspect} than their rows, ${sampled} (${list}, such as ${samples.join(', ')})`
    const { reindex } = qdrant
    if (!reindex)
      return [byHand(`${what}; no "reindex" in the configuration: make them anew from the source`)]
    return [
      {
        lines: [`${what}; saved, then made anew by ${reindex.service}: ${reindex.command.join(' ')}`],
        bound: { words: [name, aspect, reindex], files: [list] },
        mend: async () => {
          await perform(renewPoints(aspect), facts, { takeBack: true })
          const words = [store.name, qdrant.collection, replacedFile(aspect, facts)]
          return [`to take it back: npx tsx tools/points.ts replace ${words.join(' ')}`]
        },
        leaves: false,
      },
    ]
  } catch (error) {
    if (!(error instanceof Problem) || error.exitCode === EXIT.interrupted) throw error
    // What cannot be looked at keeps nothing else from being mended.
    return [byHand(`${name}: the ${aspect}s could not be compared: ${mask(messageOf(error))}`)]
  }
}

/** A node has relationships that are nobody's here: it is not made anew. */
async function nodes(search: Search): Promise<Work[]> {
  const { target, run, sample } = search
  const relation = search.relation as NodeRelation
  const store = storeNamed(target, relation.neo4j.store, 'neo4j')
  const { seen, list } = await perform(findDifferentNodes, { target, store, run, relation, sample })
  if (seen.different === 0) return []
  const such = `${list}, such as ${seen.samples.join(', ')}`
  return [
    byHand(
      `${relation.name}: ${seen.different} nodes with other properties than their rows, ${sampleText(search)} (${such}); correct them by hand`,
    ),
  ]
}

function byHand(line: string): Work {
  return { lines: [line], bound: { words: line, files: [] }, leaves: true }
}

function sampleText(search: Search): string {
  const of = oneOf(search, search.relation)
  return of === 1 ? 'of all' : `in a sample of 1/${of}`
}
