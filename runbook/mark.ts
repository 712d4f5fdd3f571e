import { hostname } from 'node:os'
import { holdObjects, liftMark, type OpenIncident, openIncidents, placeMark } from '../lib/incident-mark.ts'
import type { Recorded } from '../lib/journal.ts'
import { operator } from '../lib/lock.ts'
import { Objects } from '../lib/objects.ts'
import { EXIT, messageOf } from '../lib/problem.ts'
import { newRun, RunNote } from '../lib/run-record.ts'
import type { Bucket, Target } from '../lib/target.ts'
import type { Incident } from './incident.ts'

/**
 * Tells the bucket that an incident is open, so that no retention removes what a recovery may need and no
 * schedule begins a backup. It never holds a recovery up: what cannot be told is noted, and work goes on.
 */
export class Mark {
  readonly #bucket: Bucket
  readonly #open: OpenIncident
  readonly #note: (text: string) => void
  #placing: Promise<boolean> | undefined

  constructor(bucket: Bucket, open: OpenIncident, note: (text: string) => void) {
    this.#bucket = bucket
    this.#open = open
    this.#note = note
  }

  /** Returns at once. Where MinIO itself is down it fails, and is tried again before the first change. */
  place(): void {
    const before = this.#placing
    this.#placing = (async () => (await before) || this.#place())()
  }

  /** Holds what the recovery restores from. Returns at once, and holds nothing up either. */
  hold(keys: readonly string[]): void {
    const before = this.#placing
    this.#placing = (async () => {
      const placed = (await before) ?? false
      try {
        await holdObjects(this.#bucket, this.#open, keys)
      } catch (error) {
        this.#note(`what is restored could not be held in the bucket: ${messageOf(error)}`)
      }
      return placed
    })()
  }

  async #place(): Promise<boolean> {
    try {
      await placeMark(this.#bucket, this.#open)
      return true
    } catch (error) {
      this.#note(`the bucket could not be told that an incident is open: ${messageOf(error)}`)
      return false
    }
  }

  /** The end of a run: the mark goes when the incident is over, and stays while something is half changed. */
  async end(events: readonly Recorded[]): Promise<void> {
    const placed = await this.#placing
    if (!isOver(events)) return
    try {
      await liftMark(this.#bucket, this.#open)
      if (isRecovered(events)) await this.#liftEarlier()
    } catch (error) {
      const close = `npx tsx tools/backup-service.ts --close-incident ${this.#open.incident}`
      const still = `the bucket still says that the incident is open: ${messageOf(error)}; later: ${close}`
      if (placed) this.#note(still)
    }
  }

  /** A new incident that was opened in the place of one that died has ended that one, too. */
  async #liftEarlier(): Promise<void> {
    const { project, scenario } = this.#open
    for (const open of await openIncidents(new Objects(this.#bucket)))
      if (open.project === project && open.scenario === scenario) await liftMark(this.#bucket, open)
  }
}

/** The mark of an incident that was just opened or resumed. */
export function markOf({ name, journal }: Incident, { backups, runtime }: Target, scenario: string): Mark {
  const { project } = runtime
  const opened = new Date().toISOString()
  const open = { incident: name, project, scenario, opened, host: hostname(), operator: operator() }
  return new Mark(backups, open, text => journal.write({ kind: 'note', text }))
}

/** Tells the bucket that a recovery begins to change something; monitoring reads it there. */
export function noteOf(
  { journal }: Incident,
  { backups, runtime: { project } }: Target,
  name: string,
  rtoMinutes: number,
): RunNote {
  const run = newRun({ project, kind: 'recovery', name, rto_seconds: rtoMinutes * 60 })
  return new RunNote(backups, run, text => journal.write({ kind: 'note', text }))
}

/** How it has ended, as its journal says. */
export async function endNote(note: RunNote | undefined, events: readonly Recorded[]): Promise<void> {
  if (!note) return
  const closed = events.findLast(event => event.kind === 'closed')
  const told = events.find(event => event.kind === 'answered' && event.path.endsWith('/detected'))
  const detected = told?.kind === 'answered' ? String(told.answer) : undefined
  await note.end(closed?.kind === 'closed' ? closed.exitCode : EXIT.commandFailed, detected)
}

/** Recovered, or ended with everything as it was: nothing was changed, or all of it was taken back. */
export function isOver(events: readonly Recorded[]): boolean {
  const changed = new Set<string>()
  for (const event of events) {
    if (event.kind === 'started' && event.effect === 'write') changed.add(event.path)
    if (event.kind === 'undone') changed.delete(event.path)
  }
  return isRecovered(events) || changed.size === 0
}

function isRecovered(events: readonly Recorded[]): boolean {
  const last = events.findLast(event => event.kind === 'closed')
  return last?.kind === 'closed' && last.exitCode === EXIT.recovered
}
