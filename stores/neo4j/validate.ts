import type { Output } from '../../lib/command.ts'
import { count, plural } from '../../lib/format.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { countNeo4j, reachNeo4j, WHOLE } from './checks.ts'
import { status } from './commands.ts'
import type { Reading } from './content.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from './facts.ts'
import { readAll } from './read.ts'
import { schemaDifferences } from './restore.ts'

type Needs = Neo4jBase & Neo4jAssessed & Neo4jChosen

/** Neo4j by itself: over the network of the platform, by the service's name and with its password, as services connect. */
export const validateNeo4j = (s: Sequence<Needs>): Sequence<Needs> =>
  s
    .let('hold it against the backup', f => ({ backup: f.candidate }))
    .use(reachNeo4j)
    .when(
      'the graph was restored',
      f => f.restoring.includes(f.store.database),
      s =>
        s
          .checks('read the whole graph', f => readAll(f.target, f.store, f.candidate.member.keys), {
            'what the platform reads is the backup, whole': sameContent,
            ...WHOLE,
          })
          .check('what was written after the backup is lost, and nothing else', f => status(f), younger),
      s => s.use(countNeo4j),
    )

/** How much was younger than the backup can be told only of a graph that could still be counted. */
export function younger(_: Output, { graph, candidate }: Pick<Needs, 'graph' | 'candidate'>): Verdict {
  const { labels, types, started } = candidate.member
  const nodes = more(labels, graph?.labels ?? {})
  const relationships = more(types, graph?.types ?? {})
  const since = started.slice(0, 19)
  const found =
    nodes + relationships > 0
      ? `${plural(nodes, 'node')} and ${plural(relationships, 'relationship')} of labels and types that have grown since ${since}`
      : `writes since ${since}; how many they were, the damaged graph does not show`
  return { verdict: 'expected loss', found }
}

function more(was: Record<string, number>, now: Record<string, number>): number {
  const grown = Object.entries(now).map(([name, n]) => Math.max(0, n - (was[name] ?? 0)))
  return grown.reduce((sum, n) => sum + n, 0)
}

export function sameContent(o: Output, { candidate }: Pick<Neo4jChosen, 'candidate'>): Verdict {
  const { graph, nodes, relationships } = JSON.parse(o.stdout) as Reading
  const { content, indexes, constraints, users } = candidate.member
  const n = `${count(graph.nodes)} nodes, ${count(graph.relationships)} relationships`
  const failed = (why: string): Verdict => ({ verdict: 'failed', found: `${n}, but ${why}` })
  if (nodes !== content.nodes) return failed("labels or properties differ from the backup's fingerprint")
  if (relationships !== content.relationships)
    return failed("relationships differ from the backup's fingerprint")
  const wrong = schemaDifferences({ indexes, constraints }, graph)
  if (wrong.length > 0) return failed(wrong.join('; '))
  const lost = users.filter(user => !graph.users.includes(user))
  if (lost.length > 0) return failed(`the users ${lost.join(', ')} are missing: restore system too`)
  return { verdict: 'proven', found: `${n}, all of them equal, ${graph.indexes.length} indexes online` }
}
