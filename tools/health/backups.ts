import { schedule } from '../../lib/cron.ts'
import { exec } from '../../lib/exec.ts'
import { duration } from '../../lib/format.ts'
import { openIncidents } from '../../lib/incident-mark.ts'
import { Objects } from '../../lib/objects.ts'
import { messageOf } from '../../lib/problem.ts'
import type { Store, Target } from '../../lib/target.ts'
import { cronCauses } from '../../stores/backup-service/causes.ts'
import { askService, keeperOf, lastRunOf, readHealth } from '../../stores/backup-service/commands.ts'
import type { Health } from '../../stores/backup-service/facts.ts'
import { type Candidate, type Catalogue, newestProven, ownOf, provenSets } from '../../stores/backups.ts'
import { type Check, failed, proven, type Seen, unchecked } from './check.ts'
import { fetching } from './platform.ts'

const BACK_UP = 'npx tsx tools/backup-service.ts --run-once'

/** The bucket, what lies in it, and whether more will come. `listed` is read once, for all of them. */
export function backupChecks(target: Target, listed: Promise<Catalogue>): Check[] {
  return [
    ...(target.backups.service ? [check('the bucket’s server can write', quorum)] : []),
    check('the bucket can be read with our key', async () => {
      const { candidates, broken } = await listed
      if (broken.length === 0) return proven(`${new Set(candidates.map(({ set }) => set)).size} sets`)
      return failed(`${broken[0]!.key}: ${broken[0]!.reason}`, 'npx tsx tools/restore-backup.ts --list')
    }),
    check('a backup that somebody removes is not gone', removable),
    ...Object.values(target.stores).map(store => fresh(store, listed)),
    check('the schedule has a next run', async ({ nightly }) => nextRun(nightly.schedule, new Date())),
    check('what takes the backups does its work', t => keeper(t, listed)),
    check('no incident is open', noIncident),
    ...(target.replica ? [check('the replica has the newest verified set', t => replicated(t, listed))] : []),
  ]
}

function check(name: string, look: Check['look']): Check {
  return { area: 'backups', name, look }
}

/** MinIO answers reads without its write quorum, and every backup would fail. */
async function quorum({ backups, root }: Target): Promise<Seen> {
  await exec(fetching(`${backups.endpoint}/minio/health/cluster`), { cwd: root })
  return proven('it has its write quorum')
}

/** A slip of the hand, or a rule of the server that somebody got wrong, must not be the end of the backups. */
export async function removable({ backups, replica }: Pick<Target, 'backups' | 'replica'>): Promise<Seen> {
  if (await new Objects(backups).keepsVersions()) return proven('the bucket keeps older versions')
  if (replica) return proven(`the bucket keeps no versions; there are copies at ${replica.endpoint}`)
  return failed(
    'the bucket keeps no versions, and there is no replica',
    `switch versions on (mc version enable <alias>/${backups.bucket}), or name a replica (backups.replica)`,
  )
}

function fresh(store: Store, listed: Promise<Catalogue>): Check {
  return check(`${store.name} has a verified backup within the RPO`, async target => {
    const { candidates } = await listed.catch(error => ({ candidates: messageOf(error) }))
    if (typeof candidates === 'string') return unchecked('the bucket could not be read', 'repair that first')
    return newestVerified(
      ownOf(target, candidates).filter(one => one.store === store.name),
      target.rpoHours,
      Date.now(),
    )
  })
}

/** `now` is in milliseconds. */
export function newestVerified(candidates: readonly Candidate[], rpoHours: number, now: number): Seen {
  const newest = newestProven(candidates, now)
  if (!newest) return failed('there is none', BACK_UP)
  const found = `${newest.candidate.id}, ${duration(newest.age)} old`
  return newest.age <= rpoHours * 3_600_000
    ? proven(found)
    : failed(`${found}; the RPO is ${rpoHours} h`, BACK_UP)
}

export function nextRun(pattern: string, now: Date): Seen {
  if (pattern === 'off') return failed('the schedule is off', 'set BACKUP_SCHEDULE, or backups.schedule')
  return proven(`${pattern} (UTC), next ${schedule(pattern).next(now).toISOString().slice(0, 16)}Z`)
}

const DIAGNOSE = 'npx tsx scenarios/backup-failure.ts'

/** The service is asked, in its container or on its host; of cron only the notes of its runs can tell. */
async function keeper(target: Target, listed: Promise<Catalogue>): Promise<Seen> {
  if (keeperOf(target) !== 'cron') {
    const health = readHealth(await exec(askService({ target }), { cwd: target.root }))
    return serviceSeen(health, target.nightly.schedule)
  }
  const prefix = `runs/${target.runtime.project}/backup/`
  const notes = (await new Objects(target.backups).list(prefix)).map(({ key }) => key)
  const bucket = { refused: undefined, candidates: (await listed).candidates }
  const [cause] = cronCauses({ target, bucket, lastRun: lastRunOf(notes) }, Date.now())
  return cause ? failed(cause.sentence, DIAGNOSE) : proven(`${notes.length} notes of its runs, none missing`)
}

export function serviceSeen(health: Health | undefined, wanted: string): Seen {
  if (!health) return failed('the backup service does not answer', DIAGNOSE)
  if (health.state === 'blind') return failed(`it cannot read the bucket: ${health.why ?? ''}`, DIAGNOSE)
  if (health.schedule !== wanted)
    return failed(`it keeps "${health.schedule}", the configuration says "${wanted}"`, DIAGNOSE)
  return proven(health.next ? `${health.state}, next ${health.next.slice(0, 16)}Z` : health.state)
}

/** Schedule and retention stand still meanwhile: a mark that was forgotten ends the backups. */
async function noIncident({ backups, runtime }: Target): Promise<Seen> {
  const all = await openIncidents(new Objects(backups))
  const open = all.filter(({ project }) => project === runtime.project)
  if (open.length === 0) return proven('none')
  const names = open.map(({ incident }) => incident)
  return failed(
    `${names.join(', ')}: no backup is taken meanwhile`,
    `go on with it (--resume), or: npx tsx tools/backup-service.ts --close-incident ${names[0]}`,
  )
}

async function replicated(target: Target, listed: Promise<Catalogue>): Promise<Seen> {
  const ours = ownOf(target, (await listed).candidates)
  const [newest] = provenSets(ours)
  if (!newest) return unchecked('there is no verified set', BACK_UP)
  const keys = await new Objects(target.replica!).list('sets/')
  const there = keys.some(({ key }) => key.endsWith(`/${newest}.json`))
  if (there) return proven(newest)
  return failed(`${newest} is not there`, 'npx tsx tools/backup-service.ts --replicate')
}
