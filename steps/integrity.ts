import { Problem } from '../lib/problem.ts'
import { step } from '../runbook/tree.ts'
import { usable } from '../stores/backups.ts'
import type { Assessed, QdrantBase } from '../stores/qdrant/facts.ts'
import { conclude } from '../stores/qdrant/facts.ts'
import { validateQdrant } from '../stores/qdrant/validate.ts'
import type { Around } from './assess.ts'

/** The checks of the validate step on live data, held against the newest backup that can be used. */
export const integrityQdrant = step<QdrantBase & Assessed & Around, unknown>({
  id: 'integrity-qdrant',
  title: 'Check the integrity of Qdrant',
  why: 'The same checks that prove a recovery, without one: what the platform reads, against the newest backup.',
  body: s =>
    s
      .let('take the newest usable backup', f => {
        const candidate = usable(f.candidates, 'qdrant')[0]
        if (!candidate)
          throw new Problem(`there is no usable backup of ${f.store.name} to compare with`, {
            exitCode: 2,
            hint: 'take one: npx tsx tools/backup-service.ts --run-once',
          })
        return conclude(f, candidate, [])
      })
      .use(validateQdrant),
})
