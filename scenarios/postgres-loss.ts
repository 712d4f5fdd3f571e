import { recover } from '../runbook/recover.ts'
import { scenario } from '../runbook/tree.ts'
import { assessPostgres } from '../steps/assess-postgres.ts'
import { choosePostgresBackup } from '../steps/choose-backup-postgres.ts'
import { confirmRecovery } from '../steps/confirm.ts'
import { documentRecovery } from '../steps/document.ts'
import { openIncident } from '../steps/open-incident.ts'
import { restartServices } from '../steps/restart-services.ts'
import { restorePostgres } from '../steps/restore-postgres.ts'
import { smokeTest } from '../steps/smoke-test.ts'
import { fenceAtOnce, stopServices } from '../steps/stop-services.ts'
import { validatePostgres } from '../steps/validate-postgres.ts'
import { verifyPostgresBackup } from '../steps/verify-backup-postgres.ts'
import { bindPostgres } from '../stores/postgres/binding.ts'
import type { PostgresBase } from '../stores/postgres/facts.ts'
import { quarantinedPostgres } from '../stores/postgres/quarantine.ts'
import { objectsUsed } from '../stores/used.ts'

export const postgresLoss = scenario<PostgresBase>({
  id: 'postgres-loss',
  title: 'PostgreSQL data loss',
  stores: ['postgres'],
  symptoms: [
    'the application reports errors about missing data',
    'tables are empty',
    'foreign keys are violated',
    'the postgres container restarts over and over',
  ],
  rtoMinutes: 20,
  abort: 'no usable backup, or validation fails on two backups in a row: stop and call level 2',
  others: [
    {
      run: 'npx tsx scenarios/accidental-deletion.ts',
      scenario: 'accidental-deletion',
      when: 'the server runs and only rows are missing: nothing is replaced',
    },
  ],
  uses: objectsUsed,
  quarantine: quarantinedPostgres,
  body: s =>
    s
      .step(assessPostgres)
      .step(fenceAtOnce)
      .step(openIncident)
      .step(choosePostgresBackup)
      .step(verifyPostgresBackup)
      .confirm(confirmRecovery(bindPostgres))
      .step(stopServices)
      .step(restorePostgres)
      .step(validatePostgres)
      .step(restartServices)
      .step(smokeTest)
      .step(documentRecovery),
})

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await recover(postgresLoss, process.argv.slice(2))
}
