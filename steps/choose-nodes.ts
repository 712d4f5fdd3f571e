import { step } from '../runbook/tree.ts'
import { nodesFor, seeNeo4js, untold } from '../stores/neo4j/nodes/choose.ts'
import type { NodesWork, SeenNeo4j } from '../stores/neo4j/nodes/facts.ts'
import type { RowsBase } from '../stores/postgres/rows/facts.ts'

/** The graphs whose nodes come back with the rows. */
export interface WithNodes {
  graphWorks: NodesWork[]
}

export const chooseNodes = step<RowsBase, WithNodes & { nodes: string; neo4js: SeenNeo4j[] }>({
  id: 'choose-with-nodes',
  title: 'Choose whether their nodes come back too',
  why: `Whoever deletes a document often deletes its node as well. The relations of the configuration say which label stands
for which table. Nodes come out of the same set as the rows, with their relationships; a label needs a uniqueness
constraint, or nobody could say which of its nodes are missing.`,
  trouble: 'When Neo4j does not answer, bring it back first: npx tsx scenarios/neo4j-loss.ts.',
  body: s =>
    s
      .use(seeNeo4js)
      .ask({
        id: 'nodes',
        say: 'Bring back the nodes that belong to the rows?',
        choices: f => [
          { value: 'yes', label: 'yes', hint: told(all(f)) },
          { value: 'no', label: 'no', hint: 'leave the graph as it is' },
        ],
        suggest: f => (all(f).length > 0 ? 'yes' : 'no'),
        assume: { because: 'only what is missing is written, and undo takes it away again' },
        refuse: (answer, f) => {
          if (answer !== 'yes' && answer !== 'no') return 'yes or no'
          const nothing = answer === 'yes' && all(f).length === 0
          const why = untold(f, f.store.name, f.tables).join('; ')
          return nothing ? why || `${f.candidate.set} has no nodes of ${f.tables.join(', ')}` : undefined
        },
      })
      .let('conclude what follows', f => ({ graphWorks: f.nodes === 'yes' ? all(f) : [] })),
  summary: f => (f.graphWorks.length === 0 ? 'the graph stays as it is' : told(f.graphWorks)),
  details: f => untold(f, f.store.name, f.tables).map(why => `not brought back: ${why}`),
})

function all(f: RowsBase & { neo4js: readonly SeenNeo4j[] }): NodesWork[] {
  return nodesFor(f, f.candidate.set, f.store.name, f.tables)
}

function told(works: readonly NodesWork[]): string {
  if (works.length === 0) return 'the set has none'
  return works
    .flatMap(({ kinds, candidate }) =>
      kinds.map(({ table, label }) => `${table} → ${label} (${candidate.id})`),
    )
    .join(', ')
}
