import { step } from '../runbook/tree.ts'
import type { Candidate } from '../stores/backups.ts'
import { chooseCollections } from '../stores/qdrant/choose.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { pick, TROUBLE, told, WHY } from './choose-backup.ts'

export const chooseQdrantBackup = step<
  QdrantBase & Assessed & { candidates: Candidate[] },
  Chosen & { backup: string; collections: string }
>({
  id: 'choose-qdrant-backup',
  about: 'qdrant',
  title: 'List the backups of Qdrant and choose',
  why: `${WHY} What cannot be damaged is not restored, so that no write is lost for nothing.`,
  trouble: TROUBLE,
  body: s => s.use(s => pick(s, 'qdrant')).use(chooseCollections),
  summary: f => told(f.candidate),
})
