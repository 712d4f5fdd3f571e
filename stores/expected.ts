import { count } from '../lib/format.ts'
import type { Skip, Verdict } from '../runbook/model.ts'
import type { Usable } from './backups.ts'
import type { MemberOf } from './kinds.ts'

/**
 * Share of what a backup holds that may be gone from live data before it counts as damage. A platform goes on deleting:
 * its users withdraw documents, its jobs let old rows go. A validation that calls each of those damage cries wolf every
 * night; one row in fifty is more than such work removes between two nightly backups, and less than a lost segment,
 * table or label. What is gone within it is told with its figure all the same.
 */
export const DELETED_SHARE = 0.02

/** More is gone than may have been deleted on purpose; nothing left is never on purpose. */
export function tooFew(now: number, was: number): boolean {
  return was > 0 && (now === 0 || was - now > was * DELETED_SHARE)
}

/** What live data is held against; undefined when no backup can be used. */
export interface Against<K extends keyof MemberOf> {
  backup: Usable<K> | undefined
}

/** What has to be there by name, and who says so. */
export interface Least {
  by: string
  counts: Readonly<Record<string, number>>
  /** A backup was counted once and the platform goes on; a minimum of the configuration is one. */
  goesOn: boolean
}

/** What a backup counted; without one what the configuration demands; with neither nobody knows. */
export function leastOf<K extends keyof MemberOf>(
  backup: Usable<K> | undefined,
  counted: (member: MemberOf[K]) => Record<string, number>,
  critical: Readonly<Record<string, number>> | undefined,
): Least | undefined {
  if (backup) return { by: backup.id, counts: counted(backup.member), goesOn: true }
  return critical && { by: 'the configuration', counts: critical, goesOn: false }
}

/** No backup, and nothing critical configured: to call that right or wrong would be a guess. */
export function unknown(found: string): Verdict {
  return { verdict: 'unchecked', found: `${found}; no usable backup says what it has to be` }
}

/** The same where the configuration could have said it. */
const NOBODY = 'no usable backup and no `critical` of the configuration says what has to be there'

/** So many names are told in one sentence. */
const NAMED = 12

/** "chunks 3,699, documents 711". */
export function named(all: readonly string[]): string {
  const more = all.length > NAMED ? `, and ${all.length - NAMED} more` : ''
  return all.slice(0, NAMED).join(', ') + more
}

function figures(counts: Readonly<Record<string, number>>): string {
  return named(Object.entries(counts).map(([name, n]) => `${name} ${count(n)}`))
}

/** Everything that has to be there is, by its name. */
export function presence(what: string, there: readonly string[], least: Least | undefined): Verdict {
  if (!least) return { verdict: 'unchecked', found: `${named(there) || 'nothing'}; ${NOBODY}` }
  const due = Object.keys(least.counts)
  const gone = due.filter(name => !there.includes(name))
  const expected = `${named(due) || `no ${what}`} (${least.by})`
  if (gone.length === 0) return { verdict: 'proven', expected, found: `${due.length} of ${due.length}` }
  return { verdict: 'failed', expected, found: `${named(gone)} ${gone.length === 1 ? 'is' : 'are'} missing` }
}

/** Nothing that has to be there has become fewer than it may; `now` lacks what is not there at all. */
export function enough(now: Readonly<Record<string, number>>, least: Least | undefined): Verdict {
  if (!least) return { verdict: 'unchecked', found: `${figures(now) || 'nothing'}; ${NOBODY}` }
  const { counts, by, goesOn } = least
  const expected = `${figures(counts) || 'nothing'} or more (${by})`
  const fewer = Object.entries(counts).filter(([name, was]) => (now[name] ?? 0) < was)
  const wrong = fewer.filter(([name, was]) => !goesOn || tooFew(now[name] ?? 0, was))
  const told = ([name, was]: readonly [string, number]) =>
    `${name} ${count(now[name] ?? 0)}, ${count(was - (now[name] ?? 0))} fewer`
  if (wrong.length > 0) return { verdict: 'failed', expected, found: named(wrong.map(told)) }
  const asFound = figures(Object.fromEntries(Object.keys(counts).map(name => [name, now[name] ?? 0])))
  const deleted =
    fewer.length === 0 ? '' : `; ${named(fewer.map(told))} (up to ${DELETED_SHARE * 100} % may be deleted)`
  return { verdict: 'proven', expected, found: (asFound || 'nothing') + deleted }
}

/** All of these are as they should be, or the names of those that are not. */
export function none(wrong: readonly string[], expected: string, found: string): Verdict {
  return wrong.length > 0
    ? { verdict: 'failed', expected, found: named(wrong) }
    : { verdict: 'proven', expected, found }
}

export function skip(why: string): Skip {
  return { skip: why }
}
