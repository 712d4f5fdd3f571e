import { recover } from '../runbook/recover.ts'
import { scenario } from '../runbook/tree.ts'
import { assessBackups } from '../steps/assess-backups.ts'
import { confirmBackups } from '../steps/confirm-backups.ts'
import { documentRecovery } from '../steps/document.ts'
import { openIncident } from '../steps/open-incident.ts'
import { backUpNow, repairWhatIsSafe, restartBackupService, verifyNextRun } from '../steps/repair-backups.ts'
import type { Base } from '../stores/base.ts'

export const backupFailure = scenario<Base>({
  id: 'backup-failure',
  title: 'Backups are not running',
  stores: [],
  symptoms: [
    'the newest backup is older than the RPO',
    'the backup service is down, or restarts again and again',
    'sets are taken, and a store fails in each of them',
  ],
  rtoMinutes: 30,
  abort:
    'a store itself is damaged (run its scenario first), or nobody may correct the key or the schedule: call level 2',
  // It ends with a schedule that runs, which a mark would hold up.
  letsBackupsRun: true,
  quarantine: () => [],
  body: s =>
    s
      .step(assessBackups)
      .step(openIncident)
      .confirm(confirmBackups)
      .step(repairWhatIsSafe)
      .step(backUpNow)
      .step(restartBackupService)
      .step(verifyNextRun)
      .step(documentRecovery),
})

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await recover(backupFailure, process.argv.slice(2))
}
