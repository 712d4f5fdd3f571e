import { hostname } from 'node:os'
import type { Event } from '../lib/journal.ts'
import { type CheckMade, checkOf, isPassed, passedText, writeValidation } from '../lib/validation-report.ts'
import { VERSION } from '../runbook/version.ts'

/** Gathers what a validation has found, for people and for programs. */
export class ValidationReport {
  readonly #project: string
  readonly #id: string
  readonly #started = new Date()
  readonly #checks: CheckMade[] = []

  constructor(project: string, id: string) {
    this.#project = project
    this.#id = id
  }

  add(check: CheckMade): void {
    this.#checks.push(check)
  }

  /** Whether everything that was looked at so far in a store was as it should be. */
  passed(store: string): boolean {
    const made = this.#checks.filter(one => one.store === store && one.verdict !== 'skipped')
    return made.every(isPassed)
  }

  /** Takes the checks out of what a step records. */
  recorder(store: string): (event: Event) => void {
    return event => {
      const check = checkOf(event, store)
      if (check) this.add(check)
    }
  }

  /** Writes validation_report_<id>.txt and .json into a folder, and says so; `shown` is how people call it. */
  write(folder: string, shown: string): string {
    const of = {
      project: this.#project,
      id: this.#id,
      started: this.#started.toISOString(),
      finished: new Date().toISOString(),
      host: hostname(),
      version: VERSION,
    }
    return `${passedText(this.#checks)}: ${shown}/${writeValidation(folder, of, this.#checks)}`
  }
}
