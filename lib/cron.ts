import { Cron } from 'croner'
import { badInput, messageOf } from './problem.ts'

/** A schedule of five fields, in UTC: a night has 24 hours all year round. */
export interface Schedule {
  pattern: string
  /** The first time after this one. */
  next(after: Date): Date
}

/** Reads a cron expression. Throws a Problem (exit 64) for one that is none, or that never comes. */
export function schedule(pattern: string): Schedule {
  let cron: Cron
  try {
    cron = new Cron(pattern, { timezone: 'UTC', mode: '5-part', paused: true })
  } catch (error) {
    throw unusable(pattern, messageOf(error))
  }
  const next = (after: Date) => {
    const time = cron.nextRun(after)
    if (!time) throw unusable(pattern, 'it never comes')
    return time
  }
  next(new Date())
  return { pattern, next }
}

function unusable(pattern: string, why: string) {
  return badInput(
    `the schedule "${pattern.slice(0, 60)}" cannot be kept: ${why}`,
    'BACKUP_SCHEDULE has five fields (minute, hour, day, month, weekday), in UTC: 0 2 * * * is every night at two',
  )
}
