import type { Output } from '../lib/command.ts'
import { plural, timeOf } from '../lib/format.ts'
import type { Verdict, WorldState } from '../runbook/model.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import { type Edges, edgeLists, wrongEdges } from '../stores/edges.ts'
import { listed, type OneEdge } from '../stores/neo4j/check-edges.ts'
import { compareEdge, endsOf } from '../stores/neo4j/edges.ts'
import { type Linked, lookForEdges, relinkEdges, saveEdges, unlinkEdges } from '../stores/neo4j/relink.ts'

/** One edge and what is wrong with it, as of the run's begin. */
export type WrongEdges = OneEdge & { seen: Edges }

/** What goes and what comes: `tools/graph.ts unlink` takes it back. */
export function relinkedFile({ run, edge }: Pick<OneEdge, 'run' | 'edge'>): string {
  return `${run.folder}/relinked_${edge.relation.name}_${edge.edge.name}.jsonl`
}

export function endsOfEdge({ edge }: Pick<OneEdge, 'edge'>) {
  return endsOf(edge.relation.neo4j, edge.edge)
}

/** Compares the foreign keys of a table with the relationships; what is wrong goes into the lists of the run. */
export const findWrongEdges = step<OneEdge, WrongEdges>({
  id: 'find-wrong-edges',
  about: 'neo4j',
  title: 'Find relationships that contradict their rows',
  why: `A row says which other row it belongs to. A relationship that says something else answers questions wrongly, and no
count shows it.`,
  body: s =>
    s.keep('list what the rows refer to', listed).read(
      'compare it with the relationships',
      f => compareEdge(f, timeOf(f.run.id)),
      o => ({ seen: JSON.parse(o.stdout) as Edges }),
    ) as unknown as Sequence<WrongEdges>,
  summary: ({ seen }) => plural(wrongEdges(seen), 'wrong relationship'),
})

/** How many stay wrong, because there is nothing to relate. */
export interface Relinked {
  saved: { left: number }
}

/** Takes away what no row says, after it was saved, and makes what the rows say. */
export const relink = step<WrongEdges, Relinked>({
  id: 'relink-edges',
  about: 'neo4j',
  title: 'Relate the nodes as their rows say',
  why: `What goes is saved before, with all it has, and goes together with what comes: in one transaction, so that nobody
finds a node between the two. A relationship that somebody has changed since it was saved stays.`,
  body: s =>
    s
      .read(
        'save what is wrong and what is right',
        f =>
          saveEdges(
            f.target,
            f.store,
            endsOfEdge(f),
            edgeLists(f, f.edge.relation.name, f.edge.edge),
            relinkedFile(f),
          ),
        o => ({ saved: JSON.parse(o.stdout) as Relinked['saved'] }),
      )
      .write('delete those exactly, and make the right ones', {
        run: f => relinkEdges(f.target, f.store, endsOfEdge(f), relinkedFile(f)),
        probe: { look: lookForThem, state: areLinked },
        undo: f => unlinkEdges(f.target, f.store, endsOfEdge(f), relinkedFile(f)),
        repeatable: true,
      })
      .check('every relationship is the one of its row now', f => compareEdge(f, timeOf(f.run.id)), allRight),
  summary: ({ seen }) => plural(wrongEdges(seen), 'relationship'),
})

function lookForThem(f: OneEdge) {
  return lookForEdges(f.target, f.store, endsOfEdge(f), relinkedFile(f))
}

export function areLinked(o: Output): WorldState {
  const { take, taken, make, made } = JSON.parse(o.stdout) as Linked
  if (taken === take && made === make) return 'done'
  return taken + made === 0 ? 'absent' : 'partial'
}

/** The rows are those of the list: one that came since is not in it. One whose other node is missing stays as it is. */
export function allRight(o: Output, { saved }: Pick<Relinked, 'saved'>): Verdict {
  const seen = JSON.parse(o.stdout) as Edges
  const wrong = wrongEdges(seen)
  const found = `${wrong} of ${plural(seen.rows, 'relationship')} wrong`
  if (wrong === 0) return { verdict: 'proven', found }
  if (wrong > saved.left) return { verdict: 'failed', found }
  return { verdict: 'expected loss', found: `${found}: the node at one end is missing` }
}
