import type { Event, Recorded } from '../lib/journal.ts'
import { stepOf } from '../lib/path.ts'

/** What the journal knows of one activity. `intended`: it was begun and nobody knows how it ended. */
export type Outcome =
  | { state: 'intended' }
  | { state: 'finished'; learned: Record<string, unknown> }
  | { state: 'answered'; answer: string }

/**
 * The journal as a memory: what was begun, finished, answered. A retry and a resume walk the whole tree
 * again and this is what keeps them from repeating or skipping anything.
 */
export class Memory {
  readonly #outcomes = new Map<string, Outcome>()
  /** Finished writes and their commands, in the order in which they happened. */
  readonly #writes = new Map<string, string>()
  readonly #commands = new Map<string, string>()
  /** Checks and kept files by path; what they prove lasts only as long as nothing goes wrong. */
  readonly #passing = new Map<string, 'check' | 'keep'>()
  /** Those of them that came after the last finished write: what was proven before has served its end. */
  readonly #sinceWrite = new Set<string>()
  /** Steps in the order in which they were begun first. */
  readonly #steps: string[] = []
  #confirmed = false

  constructor(events: readonly Recorded[] = []) {
    for (const event of events) this.remember(event)
  }

  remember(event: Event): void {
    switch (event.kind) {
      case 'started':
        // Done once more: what was proven of the first time says nothing of the second.
        if (event.effect === 'write' && this.of(event.path)) this.#forgetProofs(stepOf(event.path))
        this.#outcomes.set(event.path, { state: 'intended' })
        this.#commands.set(event.path, event.command)
        this.#enter(stepOf(event.path))
        if (event.effect === 'keep') this.#pass(event.path, 'keep')
        break
      case 'adopted':
        this.#outcomes.set(event.path, { state: 'finished', learned: {} })
        this.#commands.set(event.path, event.command)
        this.#enter(stepOf(event.path))
        this.#finishedWrite(event.path)
        break
      case 'finished':
        this.#outcomes.set(event.path, { state: 'finished', learned: event.learned ?? {} })
        if (event.effect === 'write') this.#finishedWrite(event.path)
        break
      case 'checked':
        if (event.verdict === 'failed' || event.verdict === 'unchecked') break
        this.#outcomes.set(event.path, { state: 'finished', learned: {} })
        this.#pass(event.path, 'check')
        break
      // What does not apply is not asked again, like what was proven.
      case 'skipped':
        this.#outcomes.set(event.path, { state: 'finished', learned: {} })
        this.#pass(event.path, 'check')
        break
      case 'failed':
        this.#forgetProofs(stepOf(event.path), this.#sinceWrite)
        this.#forgetChecks(event.path)
        break
      case 'answered':
        this.#outcomes.set(event.path, { state: 'answered', answer: String(event.answer) })
        break
      case 'undone':
        this.#outcomes.delete(event.path)
        this.#writes.delete(event.path)
        this.#forgetProofs(stepOf(event.path))
        break
      case 'confirmed':
        this.#confirmed = true
        break
      case 'resumed':
        // A phrase was bound to the state of that moment; after a resume it is asked for again.
        this.#confirmed = false
        this.#forgetProofs(this.#steps.at(-1) ?? '', this.#sinceWrite)
        if (event.elsewhere) this.#forgetFiles()
        break
    }
  }

  #finishedWrite(path: string): void {
    this.#writes.delete(path)
    this.#writes.set(path, this.#commands.get(path) ?? '')
    this.#sinceWrite.clear()
  }

  #pass(path: string, kind: 'check' | 'keep'): void {
    this.#passing.set(path, kind)
    this.#sinceWrite.add(path)
  }

  #enter(step: string): void {
    if (!this.#steps.includes(step)) this.#steps.push(step)
  }

  /**
   * A proof does not outlive what it proved: after a failure, an undo or a resume the step in question and
   * all that came after it check again, and the step keeps its files anew (a check must not judge an old
   * export for ever). What earlier steps have proven stays: their data has moved on since, and a check of
   * it would now fail (a restored table that is written to again is no longer equal to the backup). After a
   * failure or a resume so does what a finished write has built upon (`among`): a store that was asked
   * before it was stopped cannot be asked again.
   */
  #forgetProofs(step: string, among?: ReadonlySet<string>): void {
    const from = this.#steps.indexOf(step)
    for (const [path, kind] of this.#passing) {
      if (among && !among.has(path)) continue
      if (kind === 'keep' && stepOf(path) !== step) continue
      if (this.#steps.indexOf(stepOf(path)) < from) continue
      this.#passing.delete(path)
      this.#outcomes.delete(path)
    }
  }

  /** A survey that failed is made again as a whole, whatever a lane beside it has changed meanwhile. */
  #forgetChecks(survey: string): void {
    for (const [path, kind] of this.#passing) {
      if (kind !== 'check' || !path.startsWith(`${survey}/`)) continue
      this.#passing.delete(path)
      this.#outcomes.delete(path)
    }
  }

  /** What was kept in files on another machine is not here: it is kept again when the walk comes to it. */
  #forgetFiles(): void {
    for (const [path, kind] of this.#passing) {
      if (kind !== 'keep') continue
      this.#passing.delete(path)
      this.#outcomes.delete(path)
    }
  }

  /** Whether a later write has done what would undo this one, as a start does to a stop. */
  isReversed(path: string, undo: string): boolean {
    const paths = [...this.#writes.keys()]
    return paths.slice(paths.indexOf(path) + 1).some(later => this.#writes.get(later) === undo)
  }

  of(path: string): Outcome | undefined {
    return this.#outcomes.get(path)
  }

  get confirmed(): boolean {
    return this.#confirmed
  }
}
