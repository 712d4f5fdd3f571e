import { bytes } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { verifyQdrant } from '../stores/qdrant/verify.ts'
import { TROUBLE, WHY } from './verify-backup.ts'

export const verifyQdrantBackup = step<QdrantBase & Assessed & Chosen, unknown>({
  id: 'verify-qdrant-backup',
  about: 'qdrant',
  title: 'Verify the backup of Qdrant',
  why: `${WHY} Its sha256 must be the one in the manifest, every archive in it complete, the engine able to read it,
and there must be room for the copy beside the live data.`,
  trouble: TROUBLE,
  body: s => s.use(verifyQdrant),
  summary: f =>
    f.restoring.length === 0
      ? 'nothing to restore from it'
      : `${bytes(f.candidate.member.size_bytes)} read back, whole`,
})
