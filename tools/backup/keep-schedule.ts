import type { Schedule } from '../../lib/cron.ts'
import { EXIT, messageOf } from '../../lib/problem.ts'

/** What a look at the bucket shows. */
export interface Seen {
  /** When the newest set of this installation was begun, whoever took it. */
  last: Date | undefined
  /** Names of the open incidents of this installation. */
  incidents: readonly string[]
}

/** Everything the service does to the world, so that a test can live through a month in a moment. */
export interface World {
  now(): Date
  /** Waits; returns early when the service is told to stop. */
  wait(ms: number): Promise<void>
  look(): Promise<Seen>
  /** Takes a set and gives the exit code. */
  run(): Promise<number>
  tell(line: string): void
}

/** What `/health` answers. */
export interface Status {
  state: 'waiting' | 'running' | 'paused' | 'blind' | 'off'
  /** Why it is paused or blind. */
  why?: string
  next?: string
  last_set?: string
  last_run?: { ended: string; exit_code: number }
}

/** A clock that was set and a laptop that slept are noticed within a minute. */
const TICK_MS = 60_000
/** A run that could not even write its set is tried again after this. */
const RETRY_MS = 15 * 60_000

/**
 * Keeps the schedule until it is told to stop. Nothing is remembered but what the bucket says: the time after
 * the newest set is the next one, and when it has passed, a run was missed and is caught up with at once.
 * Where no set was ever taken, the first one waits for its hour.
 */
export async function keepSchedule(
  schedule: Schedule,
  world: World,
  status: Status,
  stopped: () => boolean,
): Promise<void> {
  const began = world.now()
  let notBefore = began
  while (!stopped()) {
    const seen = await look(world, status)
    if (!seen) {
      await world.wait(TICK_MS)
      continue
    }
    const next = later(schedule.next(seen.last ?? began), notBefore)
    status.next = next.toISOString()
    if (seen.last) status.last_set = seen.last.toISOString()
    if (seen.incidents.length > 0)
      change(world, status, 'paused', `incident ${seen.incidents.join(', ')} is open`)
    else if (next <= world.now()) {
      // Somebody else is at work on the target, and will be done soon.
      const wait = (await take(world, status)) === EXIT.locked ? TICK_MS : RETRY_MS
      notBefore = new Date(world.now().getTime() + wait)
      continue
    } else change(world, status, 'waiting', undefined)
    await world.wait(Math.min(TICK_MS, Math.max(1000, next.getTime() - world.now().getTime())))
  }
}

async function look(world: World, status: Status): Promise<Seen | undefined> {
  try {
    return await world.look()
  } catch (error) {
    change(world, status, 'blind', messageOf(error))
    return undefined
  }
}

async function take(world: World, status: Status): Promise<number> {
  change(world, status, 'running', undefined)
  const exitCode = await world.run()
  status.last_run = { ended: world.now().toISOString(), exit_code: exitCode }
  world.tell(
    exitCode === EXIT.recovered ? 'the backup is verified' : `the backup ended with exit code ${exitCode}`,
  )
  return exitCode
}

/** Said once, not every minute. */
function change(world: World, status: Status, state: Status['state'], why: string | undefined): void {
  if (status.state === state && status.why === why) return
  status.state = state
  delete status.why
  if (why !== undefined) status.why = why
  world.tell([state, why, state === 'waiting' && `until ${status.next}`].filter(Boolean).join(': '))
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b
}
