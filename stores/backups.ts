import { type Command, type Io, type Output, ownCommand } from '../lib/command.ts'
import { duration } from '../lib/format.ts'
import { Objects } from '../lib/objects.ts'
import { inParallel } from '../lib/parallel.ts'
import { messageOf } from '../lib/problem.ts'
import type { Target } from '../lib/target.ts'
import type { StoreKind } from '../runbook/model.ts'
import { kindOf, type MemberOf } from './kinds.ts'
import { type Manifest, type Member, readManifest } from './manifest.ts'
import {
  digestOfManifest,
  type MemberVerdict,
  newestVerifications,
  readVerification,
  type Verification,
} from './verification.ts'

/** A member of a set that an operator may choose, with what the choice rests on. */
export interface Candidate {
  id: string
  set: string
  store: string
  /** The manifest's entry; for a failed one only the reason. */
  member: Member
  source: Manifest['source']
  /** What its newest verification found; undefined when there was none. */
  verification: Verified | undefined
  /** Why it cannot be used; undefined when nothing speaks against it so far. */
  refused: string | undefined
}

/** When a member was last verified, and with which outcome. */
export interface Verified extends Pick<MemberVerdict, 'verdict' | 'found'> {
  /** ISO 8601. */
  at: string
}

/** A candidate that can be restored. */
export interface Usable<K extends StoreKind = StoreKind> extends Candidate {
  member: MemberOf[K]
  refused: undefined
}

/** A manifest that cannot be read, and why. */
export interface Broken {
  key: string
  reason: string
}

export interface Catalogue {
  /** Newest first. */
  candidates: Candidate[]
  broken: Broken[]
}

/**
 * Lists what the bucket holds, of one store or of all, from the manifests: the truth even when PostgreSQL
 * is lost. `against` leaves those of one set, or one backup.
 */
export function listBackups(target: Target, store?: string, against?: string): Command {
  const only = against === undefined ? [] : ['--backup-id', against]
  const args = ['--list', ...(store === undefined ? [] : ['--type', store]), ...only, '--json']
  return ownCommand(
    'restore-backup',
    args,
    async (_, io) => `${JSON.stringify(slim(target, ofSet(await catalogue(target, store, io), against)))}\n`,
    {
      limits: { total: 120 },
    },
  )
}

/** Those of a set, or the one backup, that is named; all of them without a name. */
export function ofSet(found: Catalogue, name: string | undefined): Catalogue {
  if (name === undefined) return found
  return { ...found, candidates: found.candidates.filter(({ set, id }) => set === name || id === name) }
}

/** Only one of each store is compared with the live data. */
function slim(target: Pick<Target, 'runtime'>, found: Catalogue): Catalogue {
  const stores = new Map(found.candidates.map(({ store, member: { kind } }) => [store, kind]))
  const compared: unknown[] = [...stores].map(([name, kind]) =>
    newestUsable(target, found.candidates, { name, kind }),
  )
  const candidates = found.candidates.map(candidate => {
    const { member } = candidate
    if (member.status === 'failed' || compared.includes(candidate)) return candidate
    return { ...candidate, member: kindOf(member.kind).slim(member as never) as Member }
  })
  return { ...found, candidates }
}

export function readCatalogue(output: Output): Catalogue {
  return JSON.parse(output.stdout) as Catalogue
}

/** So many objects are read at a time: more gain nothing, and MinIO answers them from one disk. */
const READERS = 16

/** What lies in the bucket, from one list and the manifests; of one store or of all. */
export async function catalogue(
  target: Pick<Target, 'backups'>,
  store: string | undefined,
  io: Pick<Io, 'progress'>,
): Promise<Catalogue> {
  const objects = new Objects(target.backups)
  const sizes = new Map((await objects.list('')).map(({ key, size }) => [key, size]))
  const keys = [...sizes.keys()].filter(isManifest).sort().reverse()
  const verifications = newestVerifications([...sizes.keys()])
  let done = 0
  const read = await inParallel(keys, READERS, async key => {
    const set = await readSet(objects, key, verifications.get(key))
    io.progress({ done: ++done, total: keys.length, unit: '%' })
    return set
  })
  const sets = read.filter(set => 'manifest' in set)
  return {
    candidates: sets
      .flatMap(set => candidatesOf(set, sizes))
      .filter(one => store === undefined || one.store === store),
    broken: read.filter(set => 'reason' in set),
  }
}

export function isManifest(key: string): boolean {
  return /^sets\/\d{4}\/\d{2}\/\d{2}\/set_\d{8}_\d{6}\.json$/.test(key)
}

interface ReadSet {
  manifest: Manifest
  verification: Verification | undefined
  /** Why none of its members can be believed. */
  doubt: string | undefined
}

async function readSet(
  objects: Objects,
  key: string,
  verifiedBy: string | undefined,
): Promise<ReadSet | Broken> {
  try {
    const content = await objects.text(key)
    const manifest = readManifest(key, content)
    if (!verifiedBy) return { manifest, verification: undefined, doubt: undefined }
    const verification = await verificationAt(objects, verifiedBy)
    const changed = verification && verification.manifest_sha256 !== digestOfManifest(content)
    const doubt = changed
      ? `its manifest was changed after it was verified at ${verification.started}`
      : undefined
    return { manifest, verification, doubt }
  } catch (error) {
    return { key, reason: messageOf(error) }
  }
}

/** One that cannot be read is none: the set then counts as not verified. */
async function verificationAt(objects: Objects, key: string): Promise<Verification | undefined> {
  const content = await objects.text(key)
  try {
    return readVerification(key, content)
  } catch {
    return undefined
  }
}

function candidatesOf({ manifest, verification, doubt }: ReadSet, sizes: ReadonlyMap<string, number>) {
  const { set, source } = manifest
  return manifest.members.map((member): Candidate => {
    const found = verification?.members.find(({ id }) => id === member.id)
    const verified = found && { at: verification!.started, verdict: found.verdict, found: found.found }
    const refused = doubt ?? refusal(member, sizes) ?? failedVerification(verified)
    const { id, store } = member
    return { id, set, store, member, source, verification: verified, refused }
  })
}

function failedVerification(verified: Verified | undefined): string | undefined {
  if (verified?.verdict !== 'failed') return undefined
  return `its verification at ${verified.at.slice(0, 19)}Z failed: ${verified.found}`
}

/** "verified 4 h ago", "never verified", "could not be verified 2 days ago". */
export function verifiedText({ verification }: Pick<Candidate, 'verification'>, now = Date.now()): string {
  if (!verification) return 'never verified'
  const ago = `${duration(now - Date.parse(verification.at))} ago`
  if (verification.verdict === 'proven') return `verified ${ago}`
  return verification.verdict === 'failed' ? `FAILED its verification ${ago}` : `could not be verified ${ago}`
}

function refusal(member: Member, sizes: ReadonlyMap<string, number>): string | undefined {
  if (member.status === 'failed') return `the backup failed: ${member.reason}`
  const size = sizes.get(member.key)
  if (size === undefined) return 'its object is missing from the bucket'
  if (size === 0) return 'its object is empty'
  if (size !== member.size_bytes)
    return `its object has ${size} bytes, the manifest says ${member.size_bytes}`
  const gone = member.beside.find(({ key, size_bytes }) => sizes.get(key) !== size_bytes)
  if (gone) return `${gone.key} beside it is missing or of another size`
  return kindOf(member.kind).empty(member as never)
}

/** The candidates of a kind that nothing speaks against, newest first. */
export function usable<K extends StoreKind>(candidates: readonly Candidate[], kind: K): Usable<K>[] {
  return candidates.filter(
    (c): c is Candidate & Usable<K> =>
      c.refused === undefined && c.member.status === 'success' && c.member.kind === kind,
  )
}

/** Those that this installation has made: a bucket may hold several. */
export function ownOf<C extends Candidate>(
  { runtime }: Pick<Target, 'runtime'>,
  candidates: readonly C[],
): C[] {
  return candidates.filter(({ source }) => source.project === runtime.project)
}

/** Its own; where it has none (new hardware, a test), all there are. */
export function ownElseAll<C extends Candidate>(
  target: Pick<Target, 'runtime'>,
  candidates: readonly C[],
): C[] {
  const own = ownOf(target, candidates)
  return own.length > 0 ? own : [...candidates]
}

/** The backup that a store is held against: the newest usable one of this installation, else of anybody. */
export function newestUsable<K extends StoreKind>(
  target: Pick<Target, 'runtime'>,
  candidates: readonly Candidate[],
  { name, kind }: { name: string; kind: K },
): Usable<K> | undefined {
  const all = usable(candidates, kind).filter(({ store }) => store === name)
  return ownElseAll(target, all)[0]
}

/** Verified as proven, and nothing speaks against it since. */
export function isProven({ verification, refused }: Candidate): boolean {
  return verification?.verdict === 'proven' && refused === undefined
}

/** The sets of which every member is proven, newest first. */
export function provenSets(candidates: readonly Candidate[]): string[] {
  const doubtful = new Set(candidates.filter(one => !isProven(one)).map(({ set }) => set))
  return [...new Set(candidates.map(({ set }) => set))]
    .filter(set => !doubtful.has(set))
    .sort()
    .reverse()
}

/** Clocks differ by seconds, sometimes minutes. */
const AHEAD_MS = 10 * 60_000

/**
 * The newest proven candidate and its age in milliseconds at `now`. A set of a clock that was ahead would look fresh
 * for as long as it was ahead, so it does not count.
 */
export function newestProven(
  candidates: readonly Candidate[],
  now: number,
): { candidate: Candidate; age: number } | undefined {
  const aged = candidates.filter(isProven).flatMap(candidate => {
    const age = now - Date.parse('started' in candidate.member ? `${candidate.member.started}` : '')
    return age > -AHEAD_MS ? [{ candidate, age }] : []
  })
  return aged.sort((a, b) => a.age - b.age)[0]
}
