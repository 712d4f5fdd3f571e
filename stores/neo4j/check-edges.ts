import type { Sequence } from '../../runbook/tree.ts'
import { edgeVerdict } from '../edge-verdict.ts'
import { type Edges, edgeLists, listEdgeRows, wrongEdges } from '../edges.ts'
import type { Begun, Held } from '../references.ts'
import { compareEdge, type EdgeOf, edgesIn } from './edges.ts'
import type { Neo4jBase } from './facts.ts'

export type OneEdge = Neo4jBase & { edge: EdgeOf }

/** Relationships that contradict their rows today will after a restore of this backup too; see countGaps. */
export function countEdgeGaps<F extends Neo4jBase & Begun>(s: Sequence<F>) {
  const part = (s as unknown as Sequence<Neo4jBase & Begun>).gather(
    'edge',
    edgesIn,
    s =>
      s
        .keep('list what its rows refer to', f => ({ ...listed(f), ok: [1, 2] }))
        .read(
          'count the relationships that say something else',
          f => compareEdge(f, f.memberStarted),
          (o, f) => ({ gap: { [f.edge.name]: older(JSON.parse(o.stdout) as Edges) } }),
        ),
    'edgeGaps',
    f => f.gap,
  )
  return part as unknown as Sequence<F & { edgeGaps: Record<string, number>[] }>
}

function older(edges: Edges): number {
  return wrongEdges(edges) - edges.expected
}

/** Every foreign key has its relationship, and no node has another one. */
export function checkEdges<F extends Neo4jBase & Held>(s: Sequence<F>) {
  const part = (s as unknown as Sequence<Neo4jBase & Held>).each('edge', edgesIn, s =>
    s.keep('list what its rows refer to', listed).check(
      'every relationship is the one of its row',
      f => compareEdge(f, f.candidate.member.started),
      (o, f) => {
        const { relation, edge } = f.edge
        const { gaps } = f.candidate.member
        const gap = gaps && (gaps[f.edge.name] ?? 0)
        return edgeVerdict(o, edgeLists(f, relation.name, edge), { gap })
      },
    ),
  )
  return part as unknown as Sequence<F>
}

/** Into the file of the run. */
export function listed(f: OneEdge) {
  return listEdgeRows(f, f.edge.relation, f.edge.edge)
}
