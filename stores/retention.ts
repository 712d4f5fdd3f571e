import { dayOf, duration, plural, timeOf } from '../lib/format.ts'
import type { ObjectVersion } from '../lib/objects.ts'
import type { Candidate } from './backups.ts'

/** How long sets are kept, and what is kept however old it is. */
export interface Policy {
  days: number
  /** So many verified backups of every store are kept whatever their age. */
  keepVerified: number
}

/** What becomes of one set, and why. */
export interface Fate {
  set: string
  goes: boolean
  why: string
}

const DAY = 86_400_000

/**
 * Which sets of one installation may go, newest first. One goes only when it is older than the policy says AND every store of which
 * it holds a backup has enough newer ones that are verified. Ages alone would empty a bucket in which every
 * backup has been failing for a month. Nothing but its arguments counts: `now` is in milliseconds.
 */
export function fates(candidates: readonly Candidate[], policy: Policy, now: number): Fate[] {
  const verified = candidates.filter(isVerified)
  const sets = [...new Set(candidates.map(({ set }) => set))].sort().reverse()
  return sets.map(set => {
    const age = now - Date.parse(timeOf(stampOf(set)))
    const old = `${duration(age)} old`
    if (age <= policy.days * DAY) return { set, goes: false, why: old }
    const stores = candidates.filter(one => one.set === set && isSaved(one)).map(({ store }) => store)
    const poor = stores.find(store => newer(verified, store, set) < policy.keepVerified)
    if (poor === undefined) return { set, goes: true, why: old }
    const have = plural(newer(verified, poor, set), 'newer verified backup')
    return {
      set,
      goes: false,
      why: `${old}, but there are ${have} of ${poor}; ${policy.keepVerified} are kept`,
    }
  })
}

/** Proven when it was last read back, and nothing has spoken against it since. */
function isVerified({ verification, refused }: Candidate): boolean {
  return verification?.verdict === 'proven' && refused === undefined
}

function isSaved({ member }: Candidate): boolean {
  return member.status === 'success'
}

function newer(verified: readonly Candidate[], store: string, set: string): number {
  return verified.filter(one => one.store === store && one.set > set).length
}

export function stampOf(set: string): string {
  return set.replace(/^set_/, '')
}

/**
 * The objects of a set in the order in which they go: the manifest first, because a set without one does not
 * exist. A removal that is killed half-way then leaves objects that nobody takes for a backup, and the next one
 * clears them; the other way round it would leave a set that looks whole and has lost its members.
 */
export function removalOrder(keys: readonly string[], set: string): string[] {
  const day = dayOf(stampOf(set))
  const own = keys.filter(key => key.startsWith(`sets/${day}/${set}.`))
  const manifest = `sets/${day}/${set}.json`
  const members = keys.filter(key => memberStamp(key) === stampOf(set))
  return [...own.filter(key => key === manifest), ...own.filter(key => key !== manifest), ...members]
}

const MEMBER = /^([a-z][a-z0-9-]*)\/(\d{4}\/\d{2}\/\d{2})\/\1_(\d{8}_\d{6})\.[a-z]+(\.[a-z]+)?$/

/** The stamp of a member's object; undefined for everything that no backup of ours would be called. */
export function memberStamp(key: string): string | undefined {
  const [, , day, stamp] = MEMBER.exec(key) ?? []
  return stamp !== undefined && day === dayOf(stamp) ? stamp : undefined
}

/** Stamps of the backups of an installation that have noted their begin, and neither an end nor a manifest. */
export function unfinished(keys: readonly string[], project: string): string[] {
  const there = new Set(keys)
  return keys.flatMap(key => {
    const [, run = '', stamp = '', what] = NOTE.exec(key) ?? []
    if (what !== 'started' || run !== `runs/${project}/backup/set`) return []
    const ended = there.has(`${run}/${stamp}.ended.json`)
    return ended || there.has(`sets/${dayOf(stamp)}/set_${stamp}.json`) ? [] : [stamp]
  })
}

/**
 * Objects of runs that were killed: members and verifications that no manifest goes with. Those of a run that is
 * known to be dead go at once, others a day after their run began. A manifest that cannot be read keeps its
 * members: somebody may still repair it.
 */
export function remains(keys: readonly string[], now: number, dead: readonly string[] = []): string[] {
  const there = new Set(keys)
  return keys.filter(key => {
    const stamp = memberStamp(key) ?? /^sets\/.*\/set_(\d{8}_\d{6})\.verified[_-]/.exec(key)?.[1]
    if (stamp === undefined) return false
    if (now - Date.parse(timeOf(stamp)) < DAY && !dead.includes(stamp)) return false
    return !there.has(`sets/${dayOf(stamp)}/set_${stamp}.json`)
  })
}

/** What a run has noted is read for as long: a year of drills and recoveries, and a month to look back on it. */
export const NOTE_DAYS = 400

/** Notes of an installation's runs that nobody reads any more; the newest of every kind of run stays, however old it is. */
export function staleNotes(keys: readonly string[], project: string, now: number): string[] {
  const notes = keys.filter(key => NOTE.test(key) && key.startsWith(`runs/${project}/`))
  const newest = new Map(notes.sort().map(key => [key.replace(NOTE, '$1'), key.replace(NOTE, '$2')]))
  return notes.filter(key => {
    const stamp = key.replace(NOTE, '$2')
    return now - Date.parse(timeOf(stamp)) > NOTE_DAYS * DAY && newest.get(key.replace(NOTE, '$1')) !== stamp
  })
}

/** runs/<project>/<kind>/<name>/<stamp>.started.json; see lib/run-record.ts. */
const NOTE = /^(runs\/.+)\/(\d{8}_\d{6})\.(started|ended)\.json$/

/** So many days a removed object can be brought back where the bucket keeps versions. */
export const GRACE_DAYS = 7

/** Versions of our own objects that were removed so long ago that nobody wants them back. */
export function purgeable(versions: readonly ObjectVersion[], now: number): ObjectVersion[] {
  const gone = new Set(
    versions
      .filter(({ latest, marker, modified }) => latest && marker && now - modified > GRACE_DAYS * DAY)
      .map(({ key }) => key),
  )
  return versions.filter(({ key }) => gone.has(key) && isOurs(key))
}

function isOurs(key: string): boolean {
  return memberStamp(key) !== undefined || /^(sets|incidents|runs)\//.test(key)
}
