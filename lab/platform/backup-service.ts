import { ok, serve } from './server.ts'
import type { Settings } from './settings.ts'

/**
 * Holds the place of the nightly backup in the platform. It takes no backups itself:
 * they are taken by `tools/backup-service.ts` on the host, and the log says so.
 */
export function startBackupService({ port, backupSchedule }: Settings): void {
  console.log(`backup-service is configured for the schedule "${backupSchedule}" and runs nothing by itself;`)
  console.log('backups are taken on the host by: npx tsx tools/backup-service.ts --run-once')
  const body = { status: 'healthy', service: 'backup-service', schedule: backupSchedule, runs_backups: false }
  serve('backup-service', port, { 'GET /health': () => ok(body) })
}
