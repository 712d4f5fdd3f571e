import { step } from '../runbook/tree.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { restoreQdrant as recoverQdrant } from '../stores/qdrant/restore.ts'

export const restoreQdrant = step<QdrantBase & Assessed & Chosen, unknown>({
  id: 'restore-qdrant',
  about: 'qdrant',
  title: 'Restore Qdrant beside the live data, prove, switch',
  why: `A recovery into an existing collection clears it when it fails half-way. So every collection is recovered
under a fresh name, read completely and compared with the backup there; only then does the alias point at it.
A collection that the platform addresses by its own name is set aside inside the volume, and an alias takes its
name. The damaged data stays where it is until a person releases it.`,
  trouble:
    'Until the first alias is switched, nothing the platform sees has changed: undo removes the fresh copies. After that, undo points the aliases back and brings the set-aside collections home.',
  body: s => s.use(recoverQdrant),
  summary: f => {
    const done = f.restoring.map(r => `${r.name} → ${r.fresh}`)
    const repaired = f.repairs.map(r => `index ${r.collection}.${r.field}`)
    const switched = f.switches
      .filter(s => !f.restoring.some(r => r.fresh === s.to))
      .map(s => `alias ${s.name} → ${s.to}`)
    return [...done, ...switched, ...repaired].join(', ') || 'nothing had to change'
  },
})
