import { compose } from '../ground.ts'
import type { LabTarget } from '../target.ts'

/** Starts the backup service of the ground with this schedule, or with `off`. */
export async function startService(target: LabTarget, schedule: string): Promise<void> {
  const scheduled = { ...target, env: { ...target.env, LAB_BACKUP_SCHEDULE: schedule } }
  await compose(scheduled, 'up', '-d', '--no-deps', '--no-build', '--pull', 'never', 'backup-service')
}

/** The schedule of a run that should have begun less than two minutes ago, and then not before tomorrow. */
export function justPassed(now = new Date()): string {
  const then = new Date(now.getTime() - 60_000)
  return `${then.getUTCMinutes()} ${then.getUTCHours()} * * *`
}

/** `kill -9` for the service and its run at once: process 1 ends with them, and Docker restarts the container. */
export async function killService(target: LabTarget): Promise<void> {
  const script = 'for p in /proc/[0-9]*; do grep -qs "^Name:.*node" $p/status && kill -9 $(basename $p); done'
  // Whoever kills the container's first process is killed with it.
  await compose(target, 'exec', '-T', 'backup-service', 'bash', '-c', script).catch(() => undefined)
}

export function serviceLog(target: LabTarget): Promise<string> {
  return compose(target, 'logs', '--no-color', '--no-log-prefix', 'backup-service')
}

/** What the service says of itself at its /health; empty while it does not answer. */
export function serviceHealth(target: LabTarget): Promise<string> {
  const asked = ['exec', '-T', 'backup-service', 'curl', '-fsS', 'http://127.0.0.1:8080/health']
  return compose(target, ...asked).catch(() => '')
}
