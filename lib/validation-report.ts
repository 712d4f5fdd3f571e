import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plural } from './format.ts'
import type { Event, Recorded } from './journal.ts'
import { mask } from './secret.ts'

/** One check as it came out. `unchecked` is never a pass; a skipped one does not apply. */
export interface CheckMade {
  /** The store, or the section of the recovery, that it is about. */
  store: string
  check: string
  verdict: string
  /** What had to be found, where the check knows that. */
  expected?: string
  /** What was found, or why it was skipped. */
  found: string
  ms: number
}

/** Who validated what, and when (ISO 8601). */
export interface Validation {
  project: string
  /** Stamp or incident; part of the names of the files. */
  id: string
  started: string
  finished: string
  host: string
  version: string
}

/** A check of a run as its journal has it; undefined for any other event. */
export function checkOf(event: Event, store: string): CheckMade | undefined {
  if (event.kind === 'checked') {
    const { say: check, verdict, expected, found, ms } = event
    const due = expected === undefined ? {} : { expected: mask(expected) }
    return { store, check, verdict, ...due, found: mask(found), ms }
  }
  if (event.kind !== 'skipped') return undefined
  return { store, check: event.say, verdict: 'skipped', found: mask(event.why), ms: 0 }
}

export function isPassed({ verdict }: CheckMade): boolean {
  return verdict === 'proven' || verdict === 'expected loss'
}

/** "11 of 12 checks passed, 1 skipped". */
export function passedText(checks: readonly CheckMade[]): string {
  const made = checks.filter(({ verdict }) => verdict !== 'skipped')
  const skipped = checks.length - made.length
  const passed = `${made.filter(isPassed).length} of ${plural(made.length, 'check')} passed`
  return skipped === 0 ? passed : `${passed}, ${skipped} skipped`
}

/**
 * Writes validation_report_<id>.txt for people and .json for programs into a folder: every check with what was expected,
 * what was found, its verdict and how long it took. Gives the name of the first.
 */
export function writeValidation(folder: string, of: Validation, checks: readonly CheckMade[]): string {
  const name = `validation_report_${of.id}`
  const { project, started, finished, host, version } = of
  const json = {
    project,
    started,
    finished,
    host,
    tool_version: version,
    checks: checks.map(({ ms, ...check }) => ({ ...check, seconds: ms / 1000 })),
  }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(json, null, 2)}\n`)
  const head = `Validation of ${project}, ${started}, by ${version} on ${host}`
  const text = [head, '', ...checks.flatMap(linesOf), '', passedText(checks)]
  writeFileSync(join(folder, `${name}.txt`), `${text.join('\n')}\n`)
  return `${name}.txt`
}

/** The same of the checks of a run, from its journal; `store` is the lane, or the section where there are no lanes. */
export function writeRunValidation(folder: string, events: readonly Recorded[]): void {
  const opened = events.find(event => event.kind === 'opened')
  const last = events.at(-1)
  if (!opened || !last) return
  // One that was made again counts as it came out last.
  const checks = new Map<string, CheckMade>()
  for (const event of events) {
    if (event.kind !== 'checked' && event.kind !== 'skipped') continue
    const check = checkOf(event, sectionOf(event.path))
    if (check) checks.set(`${event.path} ${event.say}`, check)
  }
  const { project, incident: id, at: started, host, version } = opened
  writeValidation(folder, { project, id, started, finished: last.at, host, version }, [...checks.values()])
}

function sectionOf(path: string): string {
  return /\{([^}]*)\}/.exec(path)?.[1] ?? path.split('/')[0] ?? ''
}

/** As people say it. */
const SAID: Record<string, string> = { unchecked: 'could not be checked' }

function linesOf({ store, check, verdict, expected, found, ms }: CheckMade): string[] {
  const said = (SAID[verdict] ?? verdict).padEnd(20)
  const due = expected === undefined ? [] : [`${' '.repeat(22)}expected: ${expected}`]
  return [`${said}  ${store}: ${check}: ${found}  (${(ms / 1000).toFixed(1)} s)`, ...due]
}
