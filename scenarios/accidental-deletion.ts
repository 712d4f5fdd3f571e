import { recover } from '../runbook/recover.ts'
import { scenario } from '../runbook/tree.ts'
import { assessPostgres } from '../steps/assess-postgres.ts'
import { chooseNodes } from '../steps/choose-nodes.ts'
import { choosePoints } from '../steps/choose-points.ts'
import { chooseRows } from '../steps/choose-rows.ts'
import { confirmRows } from '../steps/confirm-rows.ts'
import { documentRecovery } from '../steps/document.ts'
import { findRows } from '../steps/find-rows.ts'
import { openIncident } from '../steps/open-incident.ts'
import { restoreBeside } from '../steps/restore-rows.ts'
import { returnNodes, verifyNodes } from '../steps/return-nodes.ts'
import { returnPoints, verifyPoints } from '../steps/return-points.ts'
import { removeRowsBeside, returnRows, validateRows } from '../steps/return-rows.ts'
import { agreeToRows, showRows } from '../steps/show-rows.ts'
import { smokeTest } from '../steps/smoke-test.ts'
import { verifyPostgresBackup } from '../steps/verify-backup-postgres.ts'
import type { PostgresBase } from '../stores/postgres/facts.ts'
import { objectsUsed } from '../stores/used.ts'

export const accidentalDeletion = scenario<PostgresBase>({
  id: 'accidental-deletion',
  title: 'Accidental data deletion',
  stores: ['postgres'],
  symptoms: [
    'users miss documents that were there yesterday',
    'somebody ran a DELETE and tells you so',
    'some rows of a table are gone, and the platform went on writing',
  ],
  rtoMinutes: 20,
  abort:
    'no backup holds the rows, or nobody can say whether they were deleted on purpose: stop and call level 2',
  // Nothing live is replaced, so nothing is set aside.
  others: [
    {
      run: 'npx tsx scenarios/postgres-loss.ts',
      scenario: 'postgres-loss',
      when: 'what was written since the backup can be given up',
    },
  ],
  uses: objectsUsed,
  quarantine: () => [],
  body: s =>
    s
      .step(assessPostgres)
      .step(openIncident)
      .step(findRows)
      .step(chooseRows)
      .step(choosePoints)
      .step(chooseNodes)
      .step(verifyPostgresBackup)
      .step(verifyPoints)
      .step(verifyNodes)
      .confirm(confirmRows)
      .step(restoreBeside)
      .step(showRows)
      .step(agreeToRows)
      .step(returnRows)
      .step(validateRows)
      .step(returnPoints)
      .step(returnNodes)
      .step(removeRowsBeside)
      .step(smokeTest)
      .step(documentRecovery),
})

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await recover(accidentalDeletion, process.argv.slice(2))
}
