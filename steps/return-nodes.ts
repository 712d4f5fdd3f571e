import { plural } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { Base } from '../stores/base.ts'
import { bringNodes } from '../stores/neo4j/nodes/bring-back.ts'
import { nodesFile } from '../stores/neo4j/nodes/facts.ts'
import type { RowsWeighed } from '../stores/postgres/rows/facts.ts'
import type { WithNodes } from './choose-nodes.ts'
import { verifyNeo4jBackup } from './verify-backup-neo4j.ts'

export const verifyNodes = step<Base & WithNodes, unknown>({
  id: 'verify-nodes',
  about: 'neo4j',
  title: 'Verify the backup of their nodes',
  why: 'It is read back whole before the first change, as in every recovery: a damaged one is found now, and not when the rows are back already.',
  body: s =>
    s.each(
      'graphWork',
      f => f.graphWorks,
      s => s.let('take up what is known of it', f => f.graphWork).step(verifyNeo4jBackup),
      'For each graph',
    ),
  summary: f => plural(f.graphWorks.length, 'graph'),
})

export const returnNodes = step<RowsWeighed & WithNodes, unknown>({
  id: 'return-with-nodes',
  about: 'neo4j',
  title: 'Bring back the nodes that belong to the rows',
  why: `A server of this run reads the backup in a volume of its own and gives the nodes of the rows that came back, with their
relationships. Those whose key is missing live are written, and nothing else: a node that is there stays as it is, and
a relationship comes only when both of its ends are there. Neo4j is neither stopped nor replaced.`,
  trouble:
    'The rows are back and stay. The transaction has left nothing behind. Undo takes away the nodes that came back, as long as they are unchanged and nobody has linked them since.',
  body: s =>
    s.each(
      'graphWork',
      f => f.graphWorks,
      s => s.let('take up what is known of it', f => f.graphWork).use(bringNodes),
      'For each graph',
    ),
  summary: f =>
    f.graphWorks.flatMap(({ kinds }) => kinds.map(({ label }) => label)).join(', ') || 'none were wanted',
  details: f => f.graphWorks.map(work => `the nodes stay in ${nodesFile(work)}, for an undo`),
})
