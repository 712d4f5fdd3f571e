import { plural } from '../lib/format.ts'
import { step } from '../runbook/tree.ts'
import type { BackupsBase } from '../stores/backup-service/facts.ts'
import { repairBackups, restartService, seeNextRun, takeBackup } from '../stores/backup-service/repair.ts'

export const repairWhatIsSafe = step<BackupsBase, unknown>({
  id: 'repair',
  title: 'Repair what keeps backups from running',
  why: `Starting a MinIO that is stopped harms nobody. A key, a schedule, a bucket that was renamed or an incident that nobody
closed are the decision of a person: the run names what to do, waits, and looks again whether it was done.`,
  trouble:
    'Do what the line says, then try again. What was changed in .env or in the configuration is read by a new run only: start again.',
  body: s => s.use(repairBackups),
  summary: f =>
    `${plural(f.causes.filter(({ by }) => by === 'this run' || by === 'a person').length, 'cause')} removed`,
})

export const backUpNow = step<BackupsBase, unknown>({
  id: 'back-up-now',
  title: 'Take a backup now',
  why: `Every hour without one is an hour of data that a disaster would cost tonight. It is the same program that the schedule
starts, so what keeps the schedule from succeeding fails here as well, in front of somebody.`,
  trouble:
    'The last lines name the store that failed and why. `npm start` looks at that store; the older verified sets are as they were.',
  body: s => s.use(takeBackup),
  summary: () => 'every store is backed up, read back and proven',
})

export const restartBackupService = step<BackupsBase, unknown>({
  id: 'restart-backup-service',
  title: 'Restart the backup service',
  why: 'A service that has been stuck may stay so. It remembers nothing but what the bucket says, so a restart costs nothing.',
  trouble: 'It says in `docker compose logs backup-service` why it does not come up.',
  body: s => s.use(restartService),
  summary: () => 'it is up and healthy',
})

export const verifyNextRun = step<BackupsBase, unknown>({
  id: 'next-run',
  title: 'Verify the next scheduled run',
  why: 'A service that is up and waits for the wrong day looks healthy. It is asked when it will run, and that is held against the RPO.',
  trouble:
    'It tells why it does not wait: an open incident, a bucket that it cannot read, a schedule that is off.',
  body: s => s.use(seeNextRun),
  summary: () => 'it waits for its next run, which keeps the RPO',
})
