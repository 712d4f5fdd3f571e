import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, Problem } from '../../lib/problem.ts'
import { quote } from '../../lib/render.ts'
import { storeNamed } from '../../lib/target.ts'
import { perform } from '../../runbook/perform.ts'
import {
  endsOfEdge,
  findWrongEdges,
  relink,
  relinkedFile,
  type WrongEdges,
} from '../../steps/repair-edges.ts'
import { edgeLists, wrongEdges } from '../../stores/edges.ts'
import { edgeOf } from '../../stores/neo4j/edges.ts'
import type { NodeRelation } from '../../stores/neo4j/references.ts'
import type { Search, Work } from './work.ts'

/** What is deleted, key by key: nothing else may be than what was agreed to. */
function wrong(facts: WrongEdges): string {
  const { relation, edge } = facts.edge
  const { repointed, additional } = edgeLists(facts, relation.name, edge)
  const read = (file: string) => readFileSync(join(facts.target.root, file), 'utf8')
  return `${read(repointed)}\n${read(additional)}`
}

function changed(relation: string): Problem {
  return new Problem(`${relation}: the wrong relationships are others by now; none was deleted`, {
    exitCode: EXIT.checkFailed,
    hint: 'run it again: it shows those that are wrong now',
  })
}

/** Relationships that say something else than the rows. */
export async function findEdges({ target, run, relation }: Search): Promise<Work[]> {
  const works: Work[] = []
  if (!relation.neo4j) return works
  const store = storeNamed(target, relation.neo4j.store, 'neo4j')
  for (const edge of relation.edges ?? []) {
    const of = edgeOf(relation as NodeRelation, edge)
    const facts = await perform(findWrongEdges, { target, store, run, edge: of })
    const { seen } = facts
    if (wrongEdges(seen) === 0) continue
    const { name } = relation
    const lists = edgeLists(facts, name, edge)
    const lines: string[] = []
    const tell = (count: number, what: string, samples: readonly string[], list: string, how: string) => {
      const such = samples.length > 0 ? `, such as ${samples.join(', ')}` : ''
      if (count > 0) lines.push(`${name}: ${count} relationships ${what} (${list}${such}); ${how}`)
    }
    const { missing, repointed, additional } = seen.samples
    tell(seen.missing + seen.expected, 'missing', missing, lists.missing, 'made')
    tell(
      seen.repointed,
      'to another node than the row says',
      repointed,
      lists.repointed,
      'saved, then replaced',
    )
    tell(seen.additional, 'too many', additional, lists.additional, 'saved, then deleted')
    const work: Work = {
      lines,
      bound: { words: [name, edge], files: [lists.repointed, lists.additional] },
      mend: async () => {
        const [agreed, now] = [wrong(facts), await perform(findWrongEdges, facts)]
        if (wrong(now) !== agreed) throw changed(name)
        const { saved } = await perform(relink, now, { takeBack: true })
        work.leaves = saved.left > 0
        const words = [store.name, quote(JSON.stringify(endsOfEdge(facts))), relinkedFile(facts)]
        return [`to take it back: npx tsx tools/graph.ts unlink ${words.join(' ')}`]
      },
      leaves: false,
    }
    works.push(work)
  }
  return works
}
