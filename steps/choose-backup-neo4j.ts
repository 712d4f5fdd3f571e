import { step } from '../runbook/tree.ts'
import { chooseNeo4j } from '../stores/neo4j/choose.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import type { Around } from './assess.ts'
import { pick, TROUBLE, told, WHY } from './choose-backup.ts'

export const chooseNeo4jBackup = step<Neo4jBase & Neo4jAssessed & Around, Neo4jChosen & { backup: string }>({
  id: 'choose-neo4j-backup',
  about: 'neo4j',
  title: 'List the backups of Neo4j and choose',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(s => pick(s, 'neo4j')).use(chooseNeo4j),
  summary: f => told(f.candidate),
})
