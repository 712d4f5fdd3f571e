import { recover } from '../runbook/recover.ts'
import { scenario } from '../runbook/tree.ts'
import { assessQdrant } from '../steps/assess-qdrant.ts'
import { chooseQdrantBackup } from '../steps/choose-backup-qdrant.ts'
import { confirmRecovery } from '../steps/confirm.ts'
import { documentRecovery } from '../steps/document.ts'
import { openIncident } from '../steps/open-incident.ts'
import { restartServices } from '../steps/restart-services.ts'
import { restoreQdrant } from '../steps/restore-qdrant.ts'
import { smokeTest } from '../steps/smoke-test.ts'
import { fenceAtOnce, stopServices } from '../steps/stop-services.ts'
import { validateQdrant } from '../steps/validate-qdrant.ts'
import { validatePoints } from '../steps/validate-references.ts'
import { verifyQdrantBackup } from '../steps/verify-backup-qdrant.ts'
import { bindQdrant } from '../stores/qdrant/binding.ts'
import type { QdrantBase } from '../stores/qdrant/facts.ts'
import { quarantinedQdrant } from '../stores/qdrant/quarantine.ts'
import { objectsUsed } from '../stores/used.ts'

export const qdrantCorruption = scenario<QdrantBase>({
  id: 'qdrant-corruption',
  title: 'Qdrant data corruption',
  stores: ['qdrant'],
  symptoms: [
    'search queries return nothing, or nonsense with impossible scores',
    'a collection is empty or missing',
    'the API reports errors that mention Qdrant',
    'the qdrant container restarts over and over',
  ],
  rtoMinutes: 15,
  abort: 'no usable backup, or validation fails on two backups in a row: stop and call level 2',
  others: [
    {
      run: 'npx tsx tools/repair.ts',
      when: 'PostgreSQL is whole: the platform makes the points again from its rows',
    },
  ],
  uses: objectsUsed,
  quarantine: quarantinedQdrant,
  body: s =>
    s
      .step(assessQdrant)
      .step(fenceAtOnce)
      .step(openIncident)
      .step(chooseQdrantBackup)
      .step(verifyQdrantBackup)
      .confirm(confirmRecovery(bindQdrant))
      .step(stopServices)
      .step(restoreQdrant)
      .step(validateQdrant)
      .step(validatePoints)
      .step(restartServices)
      .step(smokeTest)
      .step(documentRecovery),
})

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await recover(qdrantCorruption, process.argv.slice(2))
}
