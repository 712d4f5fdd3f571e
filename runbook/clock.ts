import { clock, duration } from '../lib/format.ts'
import type { Recorded } from '../lib/journal.ts'
import { stepOf } from '../lib/path.ts'
import type { Target } from '../lib/target.ts'
import { pastRuns, total } from './history.ts'
import type { AnyScenario, OtherPath } from './model.ts'

/** Another path and how long it has taken here: nobody knows of one that was never run. */
export interface Measured extends OtherPath {
  /** The slowest of its earlier runs; undefined when there is none. */
  seconds: number | undefined
}

/** The other paths of a scenario, with what they took on this installation. */
export function otherPaths(target: Target, { others = [] }: AnyScenario): Measured[] {
  return others.map(path => {
    const runs = path.scenario ? pastRuns(target, path.scenario) : []
    return { ...path, seconds: runs.length > 0 ? Math.max(...runs.map(total)) : undefined }
  })
}

/** One line per other path that can still hold what is left, or may: what was never measured is not promised. */
export function stillCan(others: readonly Measured[], secondsLeft: number): string[] {
  const able = others.filter(({ seconds }) => seconds === undefined || seconds <= secondsLeft)
  if (able.length === 0) return ['no other path is known that still holds it: call the next level now']
  return able.map(({ run, when, seconds }) => {
    const took = seconds === undefined ? 'never measured here' : `${duration(seconds * 1000)} at most so far`
    return `what still can: ${run}, when ${when} (${took})`
  })
}

const TICK_MS = 1000

/**
 * Watches the time that is left of the RTO against the time that is still needed, and says once, when the moment
 * comes, that this path cannot hold it any more. It knows nothing of what it has not been told to expect.
 */
export class RtoClock {
  readonly #rtoSeconds: number
  readonly #others: readonly Measured[]
  #detected: number
  /** Seconds of each step that is still ahead. */
  #ahead = new Map<string, number>()
  #doing: { step: string; since: number } | undefined
  /** Where no step was ever measured: seconds of all that follows the confirmation. */
  #whole: number | undefined
  #confirmed: number | undefined
  #told = false

  /** `opened`: milliseconds since 1970; the clock starts there until the detection is known. */
  constructor(rtoMinutes: number, opened: number, others: readonly Measured[]) {
    this.#rtoSeconds = rtoMinutes * 60
    this.#detected = opened
    this.#others = others
  }

  /** What is expected of each step that follows; without earlier runs, of all of them together. */
  expect(what: ReadonlyMap<string, number> | number): void {
    this.#ahead = typeof what === 'number' ? new Map() : new Map(what)
    this.#whole = typeof what === 'number' ? what : undefined
  }

  /** Follows the run by its journal. */
  hear(event: Recorded): void {
    if (event.kind === 'answered' && event.path.endsWith('/detected')) {
      const told = Date.parse(String(event.answer))
      if (!Number.isNaN(told)) this.#detected = told
    }
    if (event.kind === 'confirmed') this.#confirmed = Date.parse(event.at)
    if (event.kind !== 'started') return
    const step = stepOf(event.path)
    if (step === this.#doing?.step) return
    if (this.#doing) this.#ahead.delete(this.#doing.step)
    this.#doing = { step, since: Date.parse(event.at) }
  }

  /** Tells the moment when it comes, also while a person decides. Gives what ends it. */
  watch(tell: (lines: readonly string[]) => void): () => void {
    const ticker = setInterval(() => {
      const lines = this.look(Date.now())
      if (lines.length > 0) tell(lines)
    }, TICK_MS).unref()
    return () => clearInterval(ticker)
  }

  /** Seconds of the RTO that are left; negative when it has passed. */
  left(now: number): number {
    return this.#rtoSeconds - (now - this.#detected) / 1000
  }

  /** The sentences for the moment from which this path is too long; nothing before it, and nothing a second time. */
  look(now: number): string[] {
    const needed = this.#needed(now)
    const left = this.left(now)
    if (this.#told || needed === 0 || needed <= left) return []
    this.#told = true
    const rest = left > 0 ? `${clock(left * 1000)} of the RTO are left` : 'the RTO has passed'
    return [
      `from now on this path cannot hold the RTO of ${this.#rtoSeconds / 60}:00: about ${duration(needed * 1000)} are still needed, ${rest}`,
      ...stillCan(this.#others, left),
    ]
  }

  #needed(now: number): number {
    if (this.#whole !== undefined) return Math.max(0, this.#whole - (now - (this.#confirmed ?? now)) / 1000)
    let sum = 0
    for (const [step, seconds] of this.#ahead) {
      const since = step === this.#doing?.step ? (now - this.#doing.since) / 1000 : 0
      sum += Math.max(0, seconds - since)
    }
    return sum
  }
}
