import { bytes, dayOf, plural, timeOf } from '../../lib/format.ts'
import { type OpenIncident, openIncidents } from '../../lib/incident-mark.ts'
import { Objects } from '../../lib/objects.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import type { Target } from '../../lib/target.ts'
import { type Catalogue, catalogue, ownOf } from '../../stores/backups.ts'
import { kindOf } from '../../stores/kinds.ts'
import {
  type Fate,
  fates,
  memberStamp,
  NOTE_DAYS,
  purgeable,
  remains,
  removalOrder,
  staleNotes,
  unfinished,
} from '../../stores/retention.ts'

/** What retention would do now: everything is decided before anything is removed. */
export interface RetentionPlan {
  /** Of the sets of this installation, newest first. */
  fates: Fate[]
  /** Sets of other installations that keep their backups here: they have a retention of their own. */
  others: { set: string; project: string }[]
  /** Manifests that nobody can read: they and their members stay. */
  broken: Catalogue['broken']
  /** What killed runs have left behind. */
  remains: string[]
  /** What lies where backups do, has no manifest and was not written by this tool: it stays. */
  foreign: string[]
  halfUploads: string[]
  /** Notes of runs that are too old. */
  notes: string[]
  sizes: ReadonlyMap<string, number>
  incidents: OpenIncident[]
}

/** MinIO clears half uploads itself after a day; so long they are looked for. */
const HALF_UPLOAD_DAYS = 7
const DAY = 86_400_000

/**
 * Decides what goes. `now` is in milliseconds. `locked`: whoever asks holds the lock of the target, so that no run of
 * this installation is under way, and what has not ended is dead.
 */
export async function planRetention(
  target: Target,
  now = Date.now(),
  { locked = true } = {},
): Promise<RetentionPlan> {
  const objects = new Objects(target.backups)
  const sizes = new Map((await objects.list('')).map(({ key, size }) => [key, size]))
  const { candidates, broken } = await catalogue(target, undefined, { progress: () => undefined })
  const own = ownOf(target, candidates)
  const others = new Map(
    candidates.filter(one => !own.includes(one)).map(({ set, source }) => [set, source.project]),
  )
  const { retentionDays: days, keepVerified } = target.nightly
  const keys = [...sizes.keys()]
  const { project } = target.runtime
  const dead = unfinished(keys, project).filter(stamp => locked || age(stamp, now) > DAY)
  const left = remains(keys, now, dead)
  const foreign = await foreignOf(objects, left)
  const half = await halfUploads(objects, target, dead, now)
  return {
    fates: fates(own, { days, keepVerified }, now),
    others: [...others].map(([set, project]) => ({ set, project })),
    broken,
    remains: left.filter(key => !foreign.includes(key)),
    foreign,
    halfUploads: remains(half, now, dead),
    notes: staleNotes(keys, project, now),
    sizes,
    incidents: await openIncidents(objects),
  }
}

function age(stamp: string, now: number): number {
  return now - Date.parse(timeOf(stamp))
}

/** Those that the server lists; and, as MinIO names none by itself, those of the keys that dead runs would have written. */
async function halfUploads(
  objects: Objects,
  target: Target,
  dead: readonly string[],
  now: number,
): Promise<string[]> {
  const found = (await objects.halfUploads()).filter(key => memberStamp(key) !== undefined)
  for (const stamp of dead.filter(each => age(each, now) < HALF_UPLOAD_DAYS * DAY))
    for (const { name, kind } of Object.values(target.stores))
      for (const ending of kindOf(kind).endings)
        found.push(...(await objects.halfUploads(`${name}/${dayOf(stamp)}/${name}_${stamp}.${ending}`)))
  return [...new Set(found)]
}

/** Our uploads carry their digest; what does not may be the only backup that somebody else has. */
async function foreignOf(objects: Objects, keys: readonly string[]): Promise<string[]> {
  const foreign: string[] = []
  for (const key of keys.filter(key => memberStamp(key) !== undefined))
    if ((await objects.find(key))?.sha256 === undefined) foreign.push(key)
  return foreign
}

/**
 * Removes what the plan says. An incident stops it before the next set, whenever it opens. In a bucket with
 * versions a removed set can be brought back for a week; then its space is freed.
 * Throws a Problem (exit 75) while an incident is open.
 */
export async function applyRetention(target: Target, plan: RetentionPlan, now = Date.now()): Promise<void> {
  const objects = new Objects(target.backups)
  const keys = [...plan.sizes.keys()]
  for (const { set } of plan.fates.filter(fate => fate.goes).reverse()) {
    refuse(await openIncidents(objects))
    for (const key of removalOrder(keys, set)) await objects.remove(key)
  }
  refuse(await openIncidents(objects))
  for (const key of [...plan.remains, ...plan.notes]) await objects.remove(key)
  for (const key of plan.halfUploads) await objects.dropHalfUpload(key)
  for (const version of purgeable(await objects.versions(), now)) await objects.purge(version)
}

function refuse(incidents: readonly OpenIncident[]): void {
  const [open] = incidents
  if (!open) return
  throw new Problem(`an incident is open (${open.incident} of ${open.project}): nothing is removed`, {
    exitCode: EXIT.locked,
    hint: `end it with --resume; if it is over: npx tsx tools/backup-service.ts --close-incident ${open.incident}`,
  })
}

/** The plan for people, what goes first. */
export function retentionLines(plan: RetentionPlan): string[] {
  const keys = [...plan.sizes.keys()]
  const size = (of: readonly string[]) => bytes(of.reduce((sum, key) => sum + (plan.sizes.get(key) ?? 0), 0))
  const going = plan.fates.filter(fate => fate.goes)
  const all = going.flatMap(({ set }) => removalOrder(keys, set))
  return [
    ...plan.incidents.map(
      open => `an incident is open (${open.incident} of ${open.project}): nothing is removed until it ends`,
    ),
    ...going.map(({ set, why }) => `goes   ${set}  ${why}  ${size(removalOrder(keys, set))}`),
    ...plan.fates.filter(fate => !fate.goes).map(({ set, why }) => `stays  ${set}  ${why}`),
    ...plan.others.map(({ set, project }) => `stays  ${set}  a set of ${project}`),
    ...plan.broken.map(({ key, reason }) => `stays  ${key}  ${reason}`),
    ...plan.remains.map(key => `goes   ${key}  left behind by a run that was killed`),
    ...plan.halfUploads.map(key => `goes   ${key}  a half upload of a run that was killed`),
    ...plan.foreign.map(key => `stays  ${key}  not written by this tool`),
    ...(plan.notes.length > 0
      ? [`goes   ${plural(plan.notes.length, 'note')} of runs, over ${NOTE_DAYS} days old`]
      : []),
    `${going.length} of ${plan.fates.length} sets go, ${size([...all, ...plan.remains])}`,
  ]
}
