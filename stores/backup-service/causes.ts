import { schedule } from '../../lib/cron.ts'
import { duration, plural, timeOf } from '../../lib/format.ts'
import { stateOf } from '../../lib/runtime.ts'
import type { Target } from '../../lib/target.ts'
import { type Candidate, newestProven, ownOf } from '../backups.ts'
import { keeperOf } from './commands.ts'
import type { BackupsSeen, Cause } from './facts.ts'

type Known = BackupsSeen & { target: Target }

/** So late may cron be, and so long may a backup take. */
const LATE_MS = 30 * 60_000
const LONGEST_MS = 4 * 3_600_000

/** What MinIO and operating systems say when nothing more can be written. */
const FULL = /XMinioStorageFull|minimum free drive|no space left/i
const CLOSE = 'npx tsx tools/backup-service.ts --close-incident'

/** Why backups are not running, what has to be put right first at the front. `now` is in milliseconds. */
export function causesOf(f: Known, now: number): Cause[] {
  return [...storage(f), ...service(f), ...timing(f, now), ...cronCauses(f, now), ...outcomes(f)]
}

/** How old the newest proven backup of every store is, where that breaks the RPO. */
export function late(target: Target, candidates: readonly Candidate[], now: number): string[] {
  return Object.keys(target.stores).flatMap(store => {
    const newest = newestProven(
      ownOf(target, candidates).filter(one => one.store === store),
      now,
    )
    if (!newest) return [`${store} has no verified backup`]
    if (newest.age <= target.rpoHours * 3_600_000) return []
    const age = duration(newest.age)
    return [`the newest verified backup of ${store} is ${age} old; the RPO is ${target.rpoHours} h`]
  })
}

function storage(f: Known): Cause[] {
  const { backups } = f.target
  const minio = stateOf(f.states, backups.service)
  if (backups.service && minio.state !== 'running') {
    const sentence = `${backups.service} is ${minio.state}: no backup can be written or read`
    return [{ id: 'minio-down', sentence, by: 'this run', doing: '' }]
  }
  if (!f.quorum) {
    const sentence = `${backups.endpoint} has no write quorum, or does not answer`
    const doing = backups.service
      ? `read docker compose logs ${backups.service}: a drive is away or full`
      : 'ask those who run it'
    return [byHand('no-quorum', sentence, doing)]
  }
  // What it said then may be over now: only a backup can tell.
  if (FULL.test(f.words))
    return [atNext('disk-full', `the service said last: ${f.words}`, 'make room where MinIO keeps its data')]
  if (!f.bucket.refused) return []
  return [byHand('bucket-refused', f.bucket.refused.message, `${f.bucket.refused.hint}; then start again`)]
}

function service({ target, states, restarts, words, health }: Known): Cause[] {
  const { service } = target.nightly
  if (!service || health) return []
  if (service.name === '') {
    const sentence = `nothing keeps the schedule: no answer at ${service.health}`
    return [byHand('service-down', sentence, 'start it on its host; its own log says why it stopped')]
  }
  const state = stateOf(states, service.name)
  const why = words ? `: ${words}` : ''
  if (state.state === 'restarting' || restarts > 0) {
    const sentence = `${service.name} dies again and again (${plural(restarts, 'restart')})${why}`
    return [
      byHand('crash-loop', sentence, `correct it, then: docker compose up -d --no-deps ${service.name}`),
    ]
  }
  if (state.state !== 'running') {
    const code = state.state === 'exited' ? ` (exit code ${state.exitCode})` : ''
    return [
      { id: 'service-down', sentence: `${service.name} is ${state.state}${code}`, by: 'this run', doing: '' },
    ]
  }
  // One that has just been started may not listen yet.
  if (state.health === 'starting') return []
  const sentence = `${service.name} runs and does not answer at ${service.health}${why}`
  return [{ id: 'service-down', sentence, by: 'this run', doing: '' }]
}

/** A service that is up, and still takes no backup, or not when it should. */
function timing({ target, health, open }: Known, now: number): Cause[] {
  const { schedule: wanted, service } = target.nightly
  const anew = service?.name
    ? `docker compose up -d --no-deps ${service.name}`
    : 'start the service again on its host'
  if (wanted === 'off')
    return [
      byHand(
        'schedule-off',
        'the schedule is off',
        'set BACKUP_SCHEDULE, or backups.schedule; then start again',
      ),
    ]
  const causes: Cause[] = []
  if (open.length > 0) {
    const sentence = `${open.join(', ')} is open by its mark: schedule and retention stand still meanwhile`
    causes.push(byHand('paused', sentence, `go on with it (--resume), or: ${CLOSE} ${open[0]}`))
  }
  const next = schedule(wanted).next(new Date(now)).getTime()
  const gap = schedule(wanted).next(new Date(next)).getTime() - next
  if (gap > target.rpoHours * 3_600_000) {
    const sentence = `the schedule "${wanted}" leaves ${duration(gap)} between two backups; the RPO is ${target.rpoHours} h`
    causes.push(
      byHand('schedule-rare', sentence, 'set BACKUP_SCHEDULE, or backups.schedule; then start again'),
    )
  }
  if (!health) return causes
  if (health.schedule !== wanted) {
    const sentence = `the service keeps the schedule "${health.schedule}", the configuration says "${wanted}"`
    causes.push(byHand('other-schedule', sentence, `make its container anew: ${anew}`))
  }
  if (health.state === 'blind') {
    const sentence = `the service cannot read the bucket: ${health.why ?? ''}`
    causes.push(byHand('service-blind', sentence, `correct what its container is given, then: ${anew}`))
  }
  return causes
}

/** Nobody can be asked here: what cron or a timer on a host does is seen by the notes that its runs leave. */
export function cronCauses(f: Pick<Known, 'target' | 'bucket' | 'lastRun'>, now: number): Cause[] {
  const { schedule: wanted } = f.target.nightly
  if (keeperOf(f.target) !== 'cron' || wanted === 'off' || f.bucket.refused) return []
  const { lastRun } = f
  if (!lastRun) return [afterwards('no backup of this installation has ever begun')]
  const begun = new Date(timeOf(lastRun.id))
  const age = duration(now - begun.getTime())
  const due = schedule(wanted).next(begun)
  if (due.getTime() + LATE_MS < now) {
    const was = `the last backup began ${age} ago, the next one was due at ${due.toISOString().slice(0, 16)}Z`
    return [afterwards(was)]
  }
  const at = begun.toISOString().slice(0, 16)
  if (!lastRun.ended && begun.getTime() + LONGEST_MS < now)
    return [atNext('run-died', `the backup of ${at}Z began and never ended`, 'was its host switched off?')]
  const made = f.bucket.candidates.some(({ set }) => set === `set_${lastRun.id}`)
  if (!lastRun.ended || made) return []
  return [atNext('run-in-vain', `the backup of ${at}Z ended without a set`, 'its log on its host says why')]
}

function afterwards(sentence: string): Cause {
  const doing =
    'see on the host that starts them that cron or its timer runs, and read its log; the next run leaves a note under runs/ in the bucket'
  return { id: 'not-started', sentence, by: 'a person afterwards', doing }
}

/** What the newest sets tell of themselves. Whether it still holds, the backup of this run will show. */
function outcomes({ target, bucket }: Known): Cause[] {
  const sets = bySet(ownOf(target, bucket.candidates))
  const [newest = []] = sets
  const failing = newest.flatMap(({ store, member }): Cause[] => {
    if (member.status !== 'failed') return []
    const since = sets.findIndex(
      set => !set.some(one => one.store === store && one.member.status === 'failed'),
    )
    const times = since === -1 ? sets.length : since
    const sentence = `${store} failed in the last ${plural(times, 'set')}: ${member.reason}`
    if (!FULL.test(member.reason)) return [atNext('store-fails', sentence, 'npm start looks at that store')]
    return [
      atNext('disk-full', sentence, 'make room where that server keeps its data, or let fewer sets stay'),
    ]
  })
  const damaged = newest.flatMap(({ id, verification }): Cause[] => {
    if (!verification || verification.verdict === 'proven') return []
    const sentence = `${id} could not be verified: ${verification.found}`
    if (!FULL.test(verification.found))
      return [atNext('not-verified', sentence, 'older verified sets are kept')]
    return [atNext('disk-full', sentence, 'make room where the sets are read back')]
  })
  return [...failing, ...damaged]
}

/** The sets, newest first. */
function bySet(candidates: readonly Candidate[]): Candidate[][] {
  const names = [...new Set(candidates.map(({ set }) => set))].sort().reverse()
  return names.map(name => candidates.filter(({ set }) => set === name))
}

function byHand(id: Cause['id'], sentence: string, doing: string): Cause {
  return { id, sentence, by: 'a person', doing }
}

function atNext(id: Cause['id'], sentence: string, doing: string): Cause {
  return { id, sentence, by: 'the next backup', doing }
}
