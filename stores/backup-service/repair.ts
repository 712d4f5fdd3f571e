import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { command, type Output } from '../../lib/command.ts'
import { schedule } from '../../lib/cron.ts'
import { timeOf } from '../../lib/format.ts'
import { isUp, stateOf } from '../../lib/runtime.ts'
import type { Target } from '../../lib/target.ts'
import type { Verdict, WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { ownOf } from '../backups.ts'
import { allUp, type Base } from '../base.ts'
import { causesOf } from './causes.ts'
import {
  askService,
  hasQuorum,
  keeperOf,
  listRuns,
  lookAtBucket,
  quorum,
  readBucket,
  readHealth,
  serviceOf,
} from './commands.ts'
import type { BackupsBase, Cause, Health } from './facts.ts'
import { lookFor } from './looks.ts'

/** A set of a large platform; Neo4j is loaded and read again in it. */
const BACKUP_SECONDS = 4 * 3600

/** What harms nobody is repaired; for the rest it is proven that somebody has done it. */
export const repairBackups = (s: Sequence<BackupsBase>) =>
  s
    .when(
      'MinIO does not run',
      f => f.causes.some(({ id }) => id === 'minio-down'),
      s =>
        s
          .write('start MinIO', {
            run: f => f.target.runtime.start([f.target.backups.service]),
            probe: {
              look: f => f.target.runtime.states(),
              state: (o, f) => runs(o, f, f.target.backups.service),
            },
            undo: f => f.target.runtime.stop([f.target.backups.service], f.target.graceSeconds),
          })
          .until('it can write', quorum, hasQuorum, { total: 180, every: 1 }, () => ({ shows: '^200$' })),
    )
    .each(
      'cause',
      f => f.causes.filter(({ by }) => by === 'a person'),
      s => s.check('what only a person can repair is repaired', f => lookFor(f.cause).run(f), cured),
      'For each cause that only a person can repair',
    )
    .check('the bucket can be read with our key', lookAtBucket, (o): Verdict => {
      const { refused, candidates } = readBucket(o)
      if (refused) return { verdict: 'failed', found: `${refused.message}: ${refused.hint}` }
      return { verdict: 'proven', found: `${candidates.length} backups` }
    })

export function cured(o: Output, f: BackupsBase & { cause: Cause }): Verdict {
  const { cause } = f
  const now = { ...f, ...lookFor(cause).learn(o) }
  const still = causesOf(now, Date.now()).find(({ id }) => id === cause.id)
  if (!still) return { verdict: 'proven', found: 'it is repaired' }
  return { verdict: 'failed', found: `${still.sentence}: ${still.doing}` }
}

/** A program of its own, as in the night; it works under the lock of this run. */
export const takeBackup = (s: Sequence<BackupsBase>) =>
  s.write('take a set of every store, and read it back', {
    run: f => command(runOnce(f.target), { limits: { total: BACKUP_SECONDS } }),
    probe: { look: lookAtBucket, state: setState },
    undo: { none: 'a set is never taken back; retention removes it in time' },
    repeatable: true,
  })

/** Where the programs are. */
const HERE = resolve(import.meta.dirname, '..', '..')

/** Commands run in the folder of the configuration; where that is another one, no program of ours is below it. */
export function runOnce({ root, config }: Pick<Target, 'root' | 'config'>): [string, ...string[]] {
  const tool = 'tools/backup-service.ts'
  // A run of another machine that is replayed here has a folder that is not there.
  if (root !== HERE && existsSync(root))
    return ['npx', '--prefix', HERE, 'tsx', join(HERE, tool), '--run-once', '--config', config]
  const other = config === 'runbook.config.yaml' ? [] : ['--config', config]
  return ['npx', 'tsx', tool, '--run-once', ...other]
}

/** A set that was begun in this run: whole and proven, or less than that. */
export function setState(o: Output, f: Base): WorldState {
  const { candidates } = readBucket(o)
  const since = Date.parse(timeOf(f.run.id))
  const newest = ownOf(f.target, candidates).filter(
    ({ set }) => Date.parse(timeOf(set.replace(/^set_/, ''))) >= since,
  )
  if (newest.length === 0) return 'absent'
  return newest.some(({ verification }) => verification?.verdict !== 'proven') ? 'partial' : 'done'
}

/** Whatever it was caught in ends with it; what was missed is not caught up with, because a set was just taken. */
export const restartService = (s: Sequence<BackupsBase>) =>
  s.when(
    'a container of this platform keeps the schedule',
    f => keeperOf(f.target) === 'a container',
    s => s.use(restartContainer),
    s =>
      s.when(
        'a service on a host keeps it',
        f => keeperOf(f.target) === 'a service',
        s => s.check('the service on its host answers', askService, answers),
      ),
  )

const restartContainer = (s: Sequence<BackupsBase>) =>
  s
    .write('stop the backup service', {
      run: f => f.target.runtime.stop([serviceOf(f.target).name], f.target.graceSeconds),
      probe: { look: f => f.target.runtime.states(), state: stopped },
      undo: f => f.target.runtime.start([serviceOf(f.target).name]),
    })
    .write('start it', {
      run: f => f.target.runtime.start([serviceOf(f.target).name]),
      probe: {
        look: f => f.target.runtime.states(),
        state: (o, f) => runs(o, f, serviceOf(f.target).name),
      },
      undo: f => f.target.runtime.stop([serviceOf(f.target).name], f.target.graceSeconds),
    })
    .until(
      'it is healthy',
      f => f.target.runtime.states([serviceOf(f.target).name]),
      healthy,
      { total: 180, every: 2 },
      allUp,
    )

export function answers(o: Output): Verdict {
  const health = readHealth(o)
  if (health) return { verdict: 'proven', found: `it is ${health.state}` }
  return { verdict: 'failed', found: 'no answer: start it on its host; its own log says why it stopped' }
}

/** When the next run will be, from the service itself; cron on a host answers nobody. */
export const seeNextRun = (s: Sequence<BackupsBase>) =>
  s.when(
    'a service keeps the schedule',
    f => keeperOf(f.target) !== 'cron',
    s => s.use(askForNextRun),
    s =>
      s.check('by its schedule the next run keeps the RPO', listRuns, (_, { target }) => {
        const next = schedule(target.nightly.schedule).next(new Date()).toISOString()
        const health = { state: 'waiting', schedule: target.nightly.schedule, next } as const
        return nextVerdict(health, target.rpoHours, Date.now())
      }),
  )

const askForNextRun = (s: Sequence<BackupsBase>) =>
  s
    .until(
      'it waits for its next run',
      askService,
      isWaiting,
      {
        total: 120,
        every: 1,
      },
      () => ({ shows: '"state":"waiting","next":"' }),
    )
    .check('the next run keeps the RPO', askService, (o, f) =>
      nextVerdict(readHealth(o), f.target.rpoHours, Date.now()),
    )

/** One that has only just come up waits, and does not know yet for what: it has not looked into the bucket. */
export function isWaiting(o: Output): boolean {
  const health = readHealth(o)
  return health?.state === 'waiting' && health.next !== undefined
}

export function nextVerdict(health: Health | undefined, rpoHours: number, now: number): Verdict {
  const next = Date.parse(health?.next ?? '')
  if (Number.isNaN(next)) return { verdict: 'failed', found: 'the service names no next run' }
  const found = `${health?.next}, by the schedule "${health?.schedule}" (UTC)`
  return { verdict: next - now <= rpoHours * 3_600_000 ? 'proven' : 'failed', found }
}

function runs(o: Output, f: Base, service: string): WorldState {
  const { state } = stateOf(f.target.runtime.readStates(o), service)
  return state === 'running' ? 'done' : 'absent'
}

function stopped(o: Output, f: Base): WorldState {
  const { state } = stateOf(f.target.runtime.readStates(o), serviceOf(f.target).name)
  return state === 'running' || state === 'restarting' ? 'absent' : 'done'
}

function healthy(o: Output, f: Base): boolean {
  return isUp(stateOf(f.target.runtime.readStates(o), serviceOf(f.target).name))
}
