import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { plural } from '../lib/format.ts'
import type { Event } from '../lib/journal.ts'
import { mask } from '../lib/secret.ts'
import { VERSION } from '../runbook/version.ts'

/** One check as it came out. `unchecked` is never a pass. */
export interface CheckMade {
  store: string
  check: string
  verdict: string
  found: string
  ms: number
}

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
    return this.#checks.filter(one => one.store === store).every(isPassed)
  }

  /** Takes the checks out of what a step records. */
  recorder(store: string): (event: Event) => void {
    return event => {
      if (event.kind !== 'checked') return
      const { say: check, verdict, found, ms } = event
      this.add({ store, check, verdict, found: mask(found), ms })
    }
  }

  /** Writes validation_report_<id>.txt and .json into a folder, and says so; `shown` is how people call it. */
  write(folder: string, shown: string): string {
    const name = `validation_report_${this.#id}`
    const summary = `${this.#checks.filter(isPassed).length} of ${plural(this.#checks.length, 'check')} passed`
    const lines = this.#checks.map(
      ({ store, check, verdict, found, ms }) =>
        `${verdict.padEnd(13)}  ${store}: ${check}: ${found}  (${(ms / 1000).toFixed(1)} s)`,
    )
    const head = [
      `Validation of ${this.#project}, ${this.#started.toISOString()}, by ${VERSION} on ${hostname()}`,
      '',
    ]
    writeFileSync(join(folder, `${name}.txt`), `${[...head, ...lines, '', summary].join('\n')}\n`)
    const json = {
      project: this.#project,
      started: this.#started.toISOString(),
      finished: new Date().toISOString(),
      host: hostname(),
      tool_version: VERSION,
      checks: this.#checks.map(({ ms, ...check }) => ({ ...check, seconds: ms / 1000 })),
    }
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(json, null, 2)}\n`)
    return `${summary}: ${shown}/${name}.txt`
  }
}

function isPassed({ verdict }: CheckMade): boolean {
  return verdict === 'proven' || verdict === 'expected loss'
}
