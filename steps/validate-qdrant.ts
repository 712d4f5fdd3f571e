import { step } from '../runbook/tree.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { validateQdrant as proveQdrant } from '../stores/qdrant/validate.ts'
import { TROUBLE } from './validate.ts'

export const validateQdrant = step<QdrantBase & Assessed & Chosen, unknown>({
  id: 'validate-qdrant',
  about: 'qdrant',
  title: 'Validate what the platform will read from Qdrant',
  why: `The same data is read once more, now through the names the platform uses: aliases, points and vectors against the
backup, configuration and payload indexes, and searches that find themselves.`,
  trouble: TROUBLE,
  survey: true,
  body: s => s.use(proveQdrant),
})
