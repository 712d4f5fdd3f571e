import { run } from '../../lab/drills/program.ts'
import { planned, recover } from '../../lab/drills/scenario.ts'
import { serviceHealth, startService } from '../../lab/drills/service.ts'
import { compose, states } from '../../lab/ground.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { dayOf, stamp } from '../../lib/format.ts'
import { Objects } from '../../lib/objects.ts'
import { isManifest } from '../../stores/backups.ts'
import {
  digestOfManifest,
  VERIFICATION_FORMAT,
  type Verification,
  verificationKey,
} from '../../stores/verification.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { eventually } from '../poll.ts'
import { configLike, onlyStores } from './config.ts'
import { onGround, type Ready } from './ground.ts'
import { newestSet } from './newest-set.ts'
import { provenSets } from './proven-sets.ts'
import { last } from './said.ts'
import { withSmallDisk } from './small-disk.ts'
import { worldOf } from './world.ts'

const SCENARIO = 'scenarios/backup-failure.ts'
const LIMIT = { seconds: 900 }
const NIGHTLY = '0 2 * * *'
const WEEKLY = '0 2 * * 0'
const EVERY_MINUTE = '* * * * *'

/** What has to be done to the platform, or to the variables of the run, and the cause that must be named then. */
interface Failure {
  name: string
  says: RegExp
  env?: Record<string, string>
  /** Gives what puts it right again. */
  inject?: (target: LabTarget) => Promise<() => Promise<unknown>>
}

const FAILURES: readonly Failure[] = [
  {
    name: 'a service that dies of its schedule',
    says: /dies again and again \(\d+ restarts?\): the schedule "61 2 \* \* \*" cannot be kept/,
    inject: async target => {
      await startService(target, '61 2 * * *')
      await eventually(async () => (await stateOf(target)) === 'restarting')
      return () => started(target)
    },
  },
  {
    name: 'a service that keeps another schedule',
    says: /keeps the schedule "30 4 \* \* \*", the configuration says "0 2 \* \* \*"/,
    inject: async target => {
      await started(target, '30 4 * * *')
      return () => started(target)
    },
  },
  {
    name: 'a service with a wrong key',
    says: /cannot read the bucket: MinIO refuses the secret key/,
    inject: async target => {
      await startService({ ...target, env: { ...target.env, MINIO_SECRET_KEY: 'wrong-wrong' } }, NIGHTLY)
      await eventually(async () => (await serviceHealth(target)).includes('"blind"'))
      return () => started(target)
    },
  },
  { name: 'a schedule that is off', says: /the schedule is off/, env: { BACKUP_SCHEDULE: 'off' } },
  {
    name: 'a schedule that is too rare',
    says: /leaves 7 days between two backups/,
    env: { BACKUP_SCHEDULE: WEEKLY },
    inject: async target => {
      await started(target, WEEKLY)
      return () => started(target)
    },
  },
  {
    name: 'a wrong key',
    says: /MinIO refuses the secret key of MINIO_SECRET_KEY/,
    env: { MINIO_SECRET_KEY: 'wrong-wrong' },
  },
  {
    name: 'a bucket that is gone',
    says: /there is no bucket "elsewhere"/,
    env: { BACKUP_BUCKET: 'elsewhere' },
  },
  {
    name: 'an incident that nobody closed',
    says: /20260101_000000-forgotten is open by its mark/,
    inject: target =>
      object(target, `incidents/${target.project}/20260101_000000-forgotten.json`, JSON.stringify({})),
  },
  {
    name: 'a store that fails',
    says: /neo4j failed in the last 1 set: it does not stop/,
    inject: target => failedSet(target, 'it does not stop'),
  },
  {
    name: 'a bucket without room',
    says: /neo4j failed in the last 1 set: .*minimum free drive threshold/,
    inject: target =>
      failedSet(target, 'Storage backend has reached its minimum free drive threshold (XMinioStorageFull)'),
  },
  {
    name: 'a set that cannot be verified',
    says: /neo4j_\d+_\d+ could not be verified: its sha256 differs/,
    inject: damagedSet,
  },
]

describe('backups that are not running', suite => {
  const ready = onGround(suite)
  const folder = tempDir(suite)
  suite.before(() => started(ready().target))
  suite.after(() => startService(ready().target, 'off'))
  for (const failure of FAILURES)
    suite.test(`${failure.name}: the cause is named`, () => named(ready(), failure), LIMIT)
  suite.test(
    'a service on a host that does not answer: the cause is named',
    () => onHost(ready(), folder),
    LIMIT,
  )
  suite.test(
    'cron on a host whose last run was in vain: the cause is named',
    () => byCron(ready(), folder),
    LIMIT,
  )
  suite.test('what is safe is repaired, and the schedule runs again', () => repaired(ready(), folder), LIMIT)
  suite.test(
    'a MinIO whose disk is full: no store is stopped for it, and it is named',
    () => full(ready()),
    LIMIT,
  )
})

async function named({ target }: Ready, { says, env = {}, inject }: Failure): Promise<void> {
  const putRight = await inject?.(target)
  try {
    const own = { ...target, env: { ...target.env, BACKUP_SCHEDULE: NIGHTLY, ...env } }
    const { ended } = await planned(own, [], SCENARIO)
    assert.match(ended.stdout, says)
    const causes = ended.stdout.match(/^.*cause {5}.*$/gm) ?? []
    assert.is(causes.length, 1, `one cause and no other:\n${causes.join('\n')}`)
  } finally {
    await putRight?.()
  }
}

/**
 * MinIO and the service are down. What was started then has to take a set by itself, not only promise it; that one is of
 * all stores.
 */
async function repaired({ target }: Ready, folder: string): Promise<void> {
  const scheduled = { ...target, env: { ...target.env, LAB_BACKUP_SCHEDULE: EVERY_MINUTE } }
  await compose(scheduled, 'up', '--no-start', '--no-deps', '--no-build', '--pull', 'never', 'backup-service')
  const config = configLike(target, folder, text => onlyStores(text, 'qdrant', 'postgres'))
  const before = await provenSets(target, 2)
  await compose(target, 'stop', 'minio')
  const own = { ...target, env: { ...target.env, BACKUP_SCHEDULE: EVERY_MINUTE } }
  const ended = await recover(own, ['--config', config], SCENARIO)
  assert.is(ended.exitCode, 0, last(ended))
  assert.match(ended.stdout, /minio is exited/)
  assert.match(ended.stdout, /backup-service is (created|exited)/)
  assert.match(ended.stdout, /the next run keeps the RPO: \d{4}-\d\d-\d\dT/)
  const after = await provenSets(target, 2)
  assert.ok(after.length > before.length, 'the run must have taken a set')
  await oneMoreSet(target)
}

/** The same platform, whose schedule is kept by a service outside of its containers. */
async function onHost({ target }: Ready, folder: string): Promise<void> {
  const config = configLike(target, folder, text =>
    text.replace(/^ {2}taken_by: .*/m, '  taken_by: { health: "http://127.0.0.1:9/health" }'),
  )
  const own = { ...target, env: { ...target.env, BACKUP_SCHEDULE: NIGHTLY } }
  const { ended } = await planned(own, ['--config', config], SCENARIO)
  assert.match(ended.stdout, /cause {5}.*no answer at http:\/\/127\.0\.0\.1:9\/health/)
  assert.match(ended.stdout, /the service on its host answers/)
  assert.not.match(ended.stdout, /docker compose (stop|up).*backup-service/)
}

/** The same, with cron on a host, which answers nobody: what it does is seen by what its runs have noted. */
async function byCron({ target }: Ready, folder: string): Promise<void> {
  const note = `runs/${target.project}/backup/set/${stamp(new Date())}.started.json`
  const end = await object(target, note.replace('started', 'ended'), '{}')
  try {
    const config = configLike(target, folder, text => text.replace(/^ {2}taken_by: .*\n/m, ''))
    const own = { ...target, env: { ...target.env, BACKUP_SCHEDULE: NIGHTLY } }
    const { ended } = await planned(own, ['--config', config], SCENARIO)
    assert.match(ended.stdout, /cause {5}the backup of \S+Z ended without a set/)
    assert.match(ended.stdout, /by its schedule the next run keeps the RPO/)
    assert.not.match(ended.stdout, /docker compose (stop|up).*backup-service|the service on its host/)
  } finally {
    await end()
  }
}

/** A backup that nobody could store is not begun: Neo4j would be away for nothing. */
async function full({ target }: Ready): Promise<void> {
  await startService(target, 'off')
  const disk = { service: 'minio', volume: 'minio_data', sizeMb: 600 }
  await withSmallDisk(target, disk, async ({ fill, free }) => {
    await fill(1)
    const neo4j = async () => (await worldOf(target)).containers.find(line => line.includes('-neo4j-'))
    const before = await neo4j()
    const ended = await run(target, 'tools/backup-service.ts', ['--run-once'])
    assert.is(ended.exitCode, 1, last(ended))
    assert.match(ended.stderr, FULL)
    // It has missed its run, so it takes one at once.
    await startService(target, EVERY_MINUTE)
    await eventually(async () => FULL.test(await compose(target, 'logs', 'backup-service')))
    const own = { ...target, env: { ...target.env, BACKUP_SCHEDULE: EVERY_MINUTE } }
    const { ended: plan } = await planned(own, [], SCENARIO)
    assert.match(plan.stdout, /cause {5}.*the service said last: .*minimum free drive threshold/)
    assert.is(await neo4j(), before)
    await free()
  })
}

const FULL = /minimum free drive threshold/

/** Starts the service and waits until it answers. */
async function started(target: LabTarget, schedule = NIGHTLY): Promise<void> {
  await startService(target, schedule)
  await eventually(async () => (await serviceHealth(target)).includes('"waiting"'))
}

async function stateOf(target: LabTarget): Promise<string | undefined> {
  return (await states(target)).find(({ service }) => service === 'backup-service')?.state
}

/** Waits until the service has taken another set. */
async function oneMoreSet(target: LabTarget): Promise<void> {
  const objects = new Objects(bucketOf(target))
  const count = async () => (await objects.list('sets/')).filter(({ key }) => isManifest(key)).length
  const before = await count()
  await eventually(async () => (await count()) > before)
}

async function object(target: LabTarget, key: string, text: string) {
  const objects = new Objects(bucketOf(target))
  await objects.putOnce(key, text)
  return () => objects.remove(key)
}

/** A set of this moment in which Neo4j failed and the others are those of the set before. */
async function failedSet(target: LabTarget, reason: string) {
  const { manifest } = await newestSet(target)
  const id = stamp(new Date())
  const members = manifest.members.map(member =>
    member.kind === 'neo4j'
      ? { id: `neo4j_${id}`, store: 'neo4j', kind: 'neo4j', status: 'failed', reason }
      : member,
  )
  const set = { ...manifest, set: `set_${id}`, members }
  return object(target, `sets/${dayOf(id)}/set_${id}.json`, JSON.stringify(set))
}

/** A look of this moment at the newest set that found its Neo4j damaged. */
async function damagedSet(target: LabTarget) {
  const { key, text, manifest } = await newestSet(target)
  const at = new Date().toISOString()
  const members = manifest.members.map(({ id, store }) =>
    store === 'neo4j'
      ? { id, store, verdict: 'failed' as const, found: 'its sha256 differs', seconds: 1 }
      : { id, store, verdict: 'proven' as const, found: 'whole', seconds: 1 },
  )
  const verification: Verification = {
    format: VERIFICATION_FORMAT,
    set: manifest.set,
    manifest_sha256: digestOfManifest(text),
    started: at,
    finished: at,
    duration_seconds: 3,
    tool_version: '0.0.0',
    host: 'drill',
    members,
  }
  return object(target, verificationKey(key, stamp(new Date())), JSON.stringify(verification))
}
