import { type Command, command, type Output, ownCommand } from '../../lib/command.ts'
import { marksOf } from '../../lib/incident-mark.ts'
import { Objects } from '../../lib/objects.ts'
import { messageOf, Problem } from '../../lib/problem.ts'
import type { Target } from '../../lib/target.ts'
import { catalogue } from '../backups.ts'
import type { Base } from '../base.ts'
import type { BucketSeen, Health, NotedRun } from './facts.ts'

/** No connection, no answer in time, an empty one, or one that was cut. */
const NO_CONNECTION = [6, 7, 28, 52, 56] as const
/** The container is not there or not running, or curl in it had no answer. */
const NOT_INSIDE = [1, 7, 22, 28, 52, 56, 126, 137, 143] as const

/** `/live` answers 200 of a MinIO that can write nothing; this asks for its write quorum. */
export function quorum({ target: { backups } }: Base): Command {
  const argv = ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '5'] as const
  return command(['curl', ...argv, `${backups.endpoint}/minio/health/cluster`], {
    ok: NO_CONNECTION,
    limits: { total: 15 },
  })
}

export function hasQuorum(o: Output): boolean {
  return o.stdout.trim() === '200'
}

/** Every backup there is; a bucket that cannot be read is an answer. */
export function lookAtBucket({ target }: Base): Command {
  return ownCommand('restore-backup', ['--list', '--json'], async (_, io) => {
    try {
      const { candidates } = await catalogue(target, undefined, io)
      return JSON.stringify({ candidates } satisfies Omit<BucketSeen, 'refused'>)
    } catch (error) {
      const hint = (error instanceof Problem && error.hint) || 'look at the log of MinIO'
      return JSON.stringify({ refused: { message: messageOf(error), hint }, candidates: [] })
    }
  })
}

export function readBucket(o: Output): BucketSeen {
  return { refused: undefined, ...(JSON.parse(o.stdout) as Omit<BucketSeen, 'refused'>) }
}

/** The marks of open incidents; none where the bucket cannot be read, which is told elsewhere. */
export function listMarks({ target: { backups, runtime } }: Base): Command {
  const prefix = marksOf(runtime.project)
  return ownCommand('objects', ['list', prefix], async () => {
    const found = await new Objects(backups).list(prefix).catch(() => [])
    return found.map(({ key, size }) => `${size}\t${key}\n`).join('')
  })
}

export function readMarks(o: Output): string[] {
  return [...o.stdout.matchAll(/\/([^/.\n]+)\.json$/gm)].map(([, name]) => name!)
}

/** The notes of the backups of this installation; none where the bucket cannot be read, which is told elsewhere. */
export function listRuns({ target: { backups, runtime } }: Base): Command {
  const prefix = `runs/${runtime.project}/backup/`
  return ownCommand('objects', ['list', prefix], async () => {
    const found = await new Objects(backups).list(prefix).catch(() => [])
    return found.map(({ key, size }) => `${size}\t${key}\n`).join('')
  })
}

export function readRuns(o: Output): NotedRun | undefined {
  return lastRunOf(o.stdout.split('\n'))
}

/** From the keys of the notes. */
export function lastRunOf(keys: readonly string[]): NotedRun | undefined {
  const notes = keys.flatMap(key => [...key.matchAll(/\/(\d{8}_\d{6})\.(started|ended)\.json$/g)])
  const id = notes
    .map(([, stamp]) => stamp!)
    .sort()
    .at(-1)
  if (id === undefined) return undefined
  return { id, ended: notes.some(([, stamp, what]) => stamp === id && what === 'ended') }
}

/** Asked inside its container, because nothing of it is published; one on a host is asked there. */
export function askService({ target }: Pick<Base, 'target'>): Command {
  const { name, health } = serviceOf(target)
  const curl = ['curl', '-fsS', '--max-time', '5', health] as const
  if (name === '') return command(curl, { ok: [...NO_CONNECTION, 22], limits: { total: 15 } })
  return target.runtime.exec(name, curl, {
    ok: NOT_INSIDE,
    limits: { total: 20 },
  })
}

export function readHealth(o: Output): Health | undefined {
  if (o.exitCode !== 0) return undefined
  try {
    return JSON.parse(o.stdout) as Health
  } catch {
    return undefined
  }
}

/** Caught between two deaths, a container runs: only its count tells. */
export function howOftenDied(f: Base & { container: string }): Command {
  return f.target.runtime.restarts(f.container)
}

/** Escape sequences that Compose prints even without colours, then its time and the one of the service. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what an escape sequence begins with.
const BEFORE_TEXT = /^(\x1b\[[0-9;]*[A-Za-z])?(\d{4}-\d\d-\d\dT\S+\s+)*/

/** The last thing that a log complains of since the last backup that went well; empty when there is nothing. */
export function lastWords(o: Output): string {
  const all = o.stdout.split('\n').map(line => line.replace(BEFORE_TEXT, '').trim())
  const lines = all.slice(all.findLastIndex(line => /\bis verified\b/.test(line)) + 1)
  // An error of ours stands above its hint.
  const hint = lines.findLastIndex(line => line.startsWith('HINT:'))
  const found =
    hint > 0
      ? lines[hint - 1]
      : lines.findLast(line => /error|cannot|could not|fail|denied|no space/i.test(line))
  return found?.slice(0, 200) ?? ''
}

/** What keeps the schedule: a container of this platform, the service on a host, or cron or a timer there. */
export function keeperOf({ nightly: { service } }: Target): 'a container' | 'a service' | 'cron' {
  if (!service) return 'cron'
  return service.name === '' ? 'a service' : 'a container'
}

/** Throws a Problem where the configuration names no such service: see keeperOf. */
export function serviceOf({ nightly }: Target): { name: string; health: string } {
  if (nightly.service) return nightly.service
  throw new Problem('the configuration names no service that takes the backups (backups.taken_by)')
}
