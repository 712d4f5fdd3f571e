import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import type { Output } from '../../lib/command.ts'
import type { ServiceState } from '../../lib/runtime.ts'
import type { Target } from '../../lib/target.ts'
import { causesOf, late } from '../../stores/backup-service/causes.ts'
import { lastWords, readHealth, readMarks, readRuns } from '../../stores/backup-service/commands.ts'
import type { BackupsSeen, Cause, NotedRun } from '../../stores/backup-service/facts.ts'
import {
  answers,
  cured,
  isWaiting,
  nextVerdict,
  runOnce,
  setState,
} from '../../stores/backup-service/repair.ts'
import type { Candidate } from '../../stores/backups.ts'
import { assert, describe } from '../describe.ts'

const NOW = Date.parse('2026-11-22T03:00:00Z')
const NIGHTLY = '0 2 * * *'

function target(schedule = NIGHTLY, name = 'backup-service'): Target {
  const service = { name, health: 'http://localhost:8080/health' }
  return {
    backups: { endpoint: 'http://127.0.0.1:9000', service: 'minio' },
    nightly: { schedule, service, retentionDays: 30, keepVerified: 7 },
    rpoHours: 24,
    runtime: { project: 'p', readStates: (o: Output) => JSON.parse(o.stdout) },
    stores: { neo4j: {}, postgres: {} },
  } as unknown as Target
}

function service(name: string, state: string, exitCode = 0): ServiceState {
  const health = state === 'running' ? 'healthy' : ''
  return { service: name, container: name, state, health, exitCode } as ServiceState
}

/** A member of a set; the reason of a failed one, or what its verification found. */
function member(store: string, set: string, { failed, found }: { failed?: string; found?: string } = {}) {
  const started = `${set.slice(4, 8)}-${set.slice(8, 10)}-${set.slice(10, 12)}T02:00:00Z`
  return {
    id: `${store}_${set.slice(4)}`,
    set,
    store,
    source: { project: 'p' },
    member: failed ? { status: 'failed', reason: failed } : { status: 'success', started },
    verification: failed ? undefined : { verdict: found ? 'failed' : 'proven', found: found ?? '' },
    refused: undefined,
  } as unknown as Candidate
}

const TONIGHT = 'set_20261122_020000'
const BEFORE = 'set_20261121_020000'

function seen(changes: Partial<BackupsSeen> = {}): BackupsSeen {
  return {
    layout: {} as BackupsSeen['layout'],
    states: [service('minio', 'running'), service('backup-service', 'running')],
    quorum: true,
    bucket: { refused: undefined, candidates: [member('neo4j', TONIGHT), member('postgres', TONIGHT)] },
    health: { state: 'waiting', schedule: NIGHTLY, next: '2026-11-23T02:00:00.000Z' },
    restarts: 0,
    lastRun: { id: '20261122_020000', ended: true },
    words: '',
    open: [],
    ...changes,
  }
}

function found(changes: Partial<BackupsSeen>, schedule?: string): Cause[] {
  return causesOf({ target: target(schedule), ...seen(changes) }, NOW)
}

/** The one cause that is found; ids only when there are several. */
function only(changes: Partial<BackupsSeen>, schedule?: string): Cause {
  const causes = found(changes, schedule)
  assert.is(causes.length, 1, causes.map(({ id }) => id).join(', '))
  return causes[0]!
}

describe('why backups are not running', suite => {
  suite.test('nothing is found where nothing is wrong', () => assert.equal(found({}), []))

  suite.test('a MinIO that is stopped, and is the only cause named for the silence of the bucket', () => {
    const states = [service('minio', 'exited', 137), service('backup-service', 'running')]
    const refused = { message: 'MinIO does not answer', hint: 'start it' }
    const cause = only({ states, quorum: false, bucket: { refused, candidates: [] } })
    assert.equal([cause.id, cause.by], ['minio-down', 'this run'])
  })

  suite.test('a quorum that is lost, a key that is refused, a bucket that is gone', () => {
    assert.is(only({ quorum: false }).id, 'no-quorum')
    const refused = { message: 'MinIO refuses the secret key of MINIO_SECRET_KEY', hint: 'correct it' }
    const cause = only({ bucket: { refused, candidates: [] } })
    assert.equal([cause.id, cause.by], ['bucket-refused', 'a person'])
    assert.match(cause.sentence, 'MINIO_SECRET_KEY')
  })

  suite.test('a service that is down is started; one that dies again and again is not', () => {
    const states = (state: string, code: number) => [
      service('minio', 'running'),
      service('backup-service', state, code),
    ]
    const down = only({ states: states('exited', 0), health: undefined })
    assert.equal([down.id, down.by], ['service-down', 'this run'])
    const words = 'the schedule "at night" cannot be kept'
    const loop = only({ states: states('restarting', 64), restarts: 3, health: undefined, words })
    assert.equal([loop.id, loop.by], ['crash-loop', 'a person'])
    assert.match(loop.sentence, '(3 restarts): the schedule "at night"')
    // Between two deaths it runs; one that died once and answers now is well.
    assert.is(only({ restarts: 3, health: undefined }).id, 'crash-loop')
    assert.equal(found({ restarts: 1 }), [])
    assert.is(only({ health: undefined }).id, 'service-down')
  })

  suite.test('a service on a host that does not answer is for a person to start', () => {
    const causes = causesOf({ target: target(NIGHTLY, ''), ...seen({ health: undefined }) }, NOW)
    assert.equal(
      causes.map(({ id, by }) => [id, by]),
      [['service-down', 'a person']],
    )
    assert.match(causes[0]?.sentence ?? '', 'no answer at http://localhost:8080/health')
    assert.equal(causesOf({ target: target(NIGHTLY, ''), ...seen() }, NOW), [])
    const answer = (stdout: string, exitCode: number) => ({ stdout, stderr: '', exitCode, durationMs: 1 })
    assert.is(answers(answer('{"state":"waiting","schedule":"* * * * *"}', 0)).verdict, 'proven')
    assert.is(answers(answer('', 7)).verdict, 'failed')
  })

  suite.test('cron on a host is judged by the notes that its runs leave', () => {
    const cron = target()
    cron.nightly.service = undefined
    const of = (lastRun: NotedRun | undefined, bucket = seen().bucket, now = NOW) =>
      causesOf({ target: cron, ...seen({ health: undefined, lastRun, bucket }) }, now).map(
        ({ id, by, sentence }) => `${id} (${by}): ${sentence}`,
      )
    assert.equal(of({ id: '20261122_020000', ended: true }), [])
    assert.match(of(undefined).join(), /^not-started \(a person afterwards\): no backup .* has ever begun$/)
    assert.match(
      of({ id: '20261120_020000', ended: true }).join(),
      'the last backup began 2 days ago, the next one was due at 2026-11-21T02:00Z',
    )
    assert.equal(of({ id: '20261122_025500', ended: false }), [], 'it is under way')
    assert.match(
      of({ id: '20261122_020000', ended: false }, undefined, NOW + 4 * 3_600_000).join(),
      /^run-died \(the next backup\): the backup of 2026-11-22T02:00Z began and never ended$/,
    )
    const none = { refused: undefined, candidates: [] }
    assert.match(of({ id: '20261122_020000', ended: true }, none).join(), /^run-in-vain .* without a set$/)
    const refused = { refused: { message: 'no such bucket', hint: '' }, candidates: [] }
    assert.match(of(undefined, refused).join(), /^bucket-refused [^,]*$/)
  })

  suite.test('a schedule that is off, too rare, or not the one that was configured', () => {
    assert.is(only({}, 'off').id, 'schedule-off')
    const weekly = '0 2 * * 0'
    assert.is(only({ health: { state: 'waiting', schedule: weekly } }, weekly).id, 'schedule-rare')
    const other = only({ health: { state: 'waiting', schedule: weekly } })
    assert.is(other.id, 'other-schedule')
    assert.match(other.doing, 'docker compose up -d --no-deps backup-service')
  })

  suite.test('an incident that nobody closed, and a service that cannot read the bucket', () => {
    const paused = only({ open: ['20261120_010000-x'] })
    assert.is(paused.id, 'paused')
    assert.match(paused.doing, '--close-incident 20261120_010000-x')
    const blind = only({ health: { state: 'blind', schedule: NIGHTLY, why: 'the key is refused' } })
    assert.match(blind.sentence, 'the key is refused')
  })

  suite.test('a store that fails every night, and how often it did', () => {
    const failed = 'neo4j does not stop'
    const candidates = [
      member('neo4j', TONIGHT, { failed }),
      member('postgres', TONIGHT),
      member('neo4j', BEFORE, { failed }),
      member('postgres', BEFORE),
      member('neo4j', 'set_20261120_020000'),
    ]
    const cause = only({ bucket: { refused: undefined, candidates } })
    assert.equal([cause.id, cause.by], ['store-fails', 'the next backup'])
    assert.match(cause.sentence, 'neo4j failed in the last 2 sets: neo4j does not stop')
  })

  suite.test('a disk that is full, and a set that could not be proven', () => {
    const full = member('neo4j', TONIGHT, { failed: 'XMinioStorageFull: minimum free drive threshold' })
    assert.is(only({ bucket: { refused: undefined, candidates: [full] } }).id, 'disk-full')
    // Somebody may have made room since it was said: only a backup can tell.
    assert.is(only({ words: 'XMinioStorageFull' }).by, 'the next backup')
    const damaged = member('neo4j', TONIGHT, { found: 'sha256 differs' })
    assert.is(only({ bucket: { refused: undefined, candidates: [damaged] } }).id, 'not-verified')
  })

  suite.test('sets of another installation in the same bucket say nothing', () => {
    const other = { ...member('neo4j', TONIGHT, { failed: 'x' }), source: { project: 'q' } } as Candidate
    assert.equal(found({ bucket: { refused: undefined, candidates: [other] } }), [])
    assert.equal(late(target(), [other], NOW).length, 2)
  })
})

describe('the age of backups', suite => {
  suite.test('is told for every store that breaks the RPO', () => {
    const candidates = [member('neo4j', TONIGHT), member('postgres', 'set_20261119_020000')]
    assert.equal(late(target(), candidates, NOW), [
      'the newest verified backup of postgres is 3 days old; the RPO is 24 h',
    ])
    assert.equal(late(target(), [], NOW), ['neo4j has no verified backup', 'postgres has no verified backup'])
  })
})

const said = (value: unknown): Output => ({
  stdout: typeof value === 'string' ? value : JSON.stringify(value),
  stderr: '',
  exitCode: 0,
  durationMs: 0,
})

describe('a backup of this run', suite => {
  const f = { target: target(), run: { id: '20261122_020000', folder: '.' } }
  const state = (...candidates: Candidate[]) => setState(said({ candidates }), f)
  suite.test('is there when every store of it is proven', () => {
    assert.is(state(member('neo4j', TONIGHT), member('postgres', TONIGHT)), 'done')
    assert.is(state(member('neo4j', TONIGHT), member('postgres', TONIGHT, { failed: 'x' })), 'partial')
    assert.is(state(member('neo4j', BEFORE)), 'absent')
  })
})

describe('a set is taken now', suite => {
  suite.test('by the program beside the configuration', () => {
    const here = resolve('.')
    assert.is(
      runOnce({ root: here, config: 'runbook.config.yaml' }).join(' '),
      'npx tsx tools/backup-service.ts --run-once',
    )
    assert.match(runOnce({ root: here, config: 'other.yaml' }).join(' '), / --run-once --config other\.yaml$/)
  })
  suite.test('for a configuration in another folder, by the program where it is', () => {
    const [npx, prefix, here = '', tsx, tool = '', ...rest] = runOnce({
      root: tmpdir(),
      config: 'platform.yaml',
    })
    assert.equal([npx, prefix, tsx], ['npx', '--prefix', 'tsx'])
    assert.ok(existsSync(`${here}/node_modules/tsx`) && existsSync(tool))
    assert.equal(rest, ['--run-once', '--config', 'platform.yaml'])
  })
})

describe('what a person has to repair', suite => {
  suite.test('is repaired when the look that showed it shows it no more', () => {
    const cause = only({ open: ['20261120_010000-x'] })
    const f = { target: target(), ...seen(), run: { id: '', folder: '' }, causes: [cause], cause }
    assert.is(cured(said(''), f).verdict, 'proven')
    const still = cured(said('120\tincidents/p/20261120_010000-x.json\n'), f)
    assert.is(still.verdict, 'failed')
    assert.match(still.found, '--close-incident')
  })
})

describe('the next run', suite => {
  const at = (next: string) => nextVerdict({ state: 'waiting', schedule: NIGHTLY, next }, 24, NOW).verdict
  suite.test('keeps the RPO, or fails', () => {
    assert.is(at('2026-11-23T02:00:00.000Z'), 'proven')
    assert.is(at('2026-11-29T02:00:00.000Z'), 'failed')
    assert.is(nextVerdict(undefined, 24, NOW).verdict, 'failed')
  })
  suite.test('a service that has only just come up does not know for what it waits', () => {
    const told = (status: object) =>
      isWaiting({
        stdout: JSON.stringify({ schedule: NIGHTLY, ...status }),
        stderr: '',
        exitCode: 0,
        durationMs: 0,
      })
    assert.not.ok(told({ state: 'waiting' }))
    assert.ok(told({ state: 'waiting', next: '2026-11-24T02:00:00.000Z' }))
    assert.not.ok(told({ state: 'paused', next: '2026-11-24T02:00:00.000Z' }))
  })
})

describe('what the service and the bucket answer', suite => {
  suite.test('is read, and no answer is none', () => {
    assert.is(readHealth({ ...said(''), exitCode: 7 }), undefined)
    assert.is(readHealth(said('not json')), undefined)
    assert.is(readHealth(said({ state: 'off', schedule: 'off' }))?.state, 'off')
    assert.equal(readMarks(said('120\tincidents/p/20261120_010000-x.json\n')), ['20261120_010000-x'])
  })
  suite.test('the newest run by its notes', () => {
    const notes = ['20261121_020000.started', '20261121_020000.ended', '20261122_020000.started']
    const list = notes.map(note => `300\truns/p/backup/set/${note}.json\n`)
    assert.equal(readRuns(said(list.join(''))), { id: '20261122_020000', ended: false })
    assert.equal(readRuns(said(list.slice(0, 2).join(''))), { id: '20261121_020000', ended: true })
    assert.is(readRuns(said('')), undefined)
  })
  suite.test('the last complaint of a log, without its time', () => {
    const log = `\x1b[2K2026-11-22T02:00:00Z 2026-11-22T02:00:00Z  backup-service: running
the schedule "61 2 * * *" cannot be kept
HINT: BACKUP_SCHEDULE has five fields`
    assert.is(lastWords(said(log)), 'the schedule "61 2 * * *" cannot be kept')
    assert.is(lastWords(said(`${log}\nset_20261122_020000 is verified: 3 of 3\nwaiting`)), '')
    assert.is(lastWords(said('could not list: refused\nwaiting')), 'could not list: refused')
    assert.is(lastWords(said('waiting until two\n')), '')
  })
})
