import { step } from '../runbook/tree.ts'
import { assessNeo4j as lookAtNeo4j } from '../stores/neo4j/assess.ts'
import type { Neo4jAssessed, Neo4jBase } from '../stores/neo4j/facts.ts'
import { type Around, details, LOGS_FIRST, lookAround, TROUBLE, told } from './assess.ts'

export const assessNeo4j = step<Neo4jBase, Around & Neo4jAssessed>({
  id: 'assess-neo4j',
  about: 'neo4j',
  title: 'Assess Neo4j',
  why: `Look before anything is touched: what answers, what is damaged, what the backups hold. A graph whose files are gone comes
up empty and healthy, so nodes and relationships are counted and compared with the newest backup. ${LOGS_FIRST}`,
  trouble: TROUBLE,
  body: s => lookAround(s).use(lookAtNeo4j),
  summary: told,
  details,
})
