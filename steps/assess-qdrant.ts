import { step } from '../runbook/tree.ts'
import { assessQdrant as lookAtQdrant } from '../stores/qdrant/assess.ts'
import type { Assessed, QdrantBase } from '../stores/qdrant/facts.ts'
import { type Around, details, LOGS_FIRST, lookAround, TROUBLE, told } from './assess.ts'

export const assessQdrant = step<QdrantBase, Around & Assessed>({
  id: 'assess-qdrant',
  about: 'qdrant',
  title: 'Assess Qdrant',
  why: `Look before anything is touched: what answers, what is damaged, what the backups hold. Health and
counts prove nothing about content (a vector store with overwritten vectors is green and has every point),
so all points are read. ${LOGS_FIRST}`,
  trouble: TROUBLE,
  body: s => lookAround(s).use(lookAtQdrant),
  summary: told,
  details,
})
