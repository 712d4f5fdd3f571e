import { rmSync } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { bytes } from '../../lib/format.ts'
import { Objects } from '../../lib/objects.ts'
import { badInput, EXIT, messageOf, Problem } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import type { Target } from '../../lib/target.ts'
import { perform } from '../../runbook/perform.ts'
import { VERSION } from '../../runbook/version.ts'
import { stepsFor } from '../../steps/by-kind.ts'
import { isManifest } from '../../stores/backups.ts'
import { type Run, staging } from '../../stores/base.ts'
import { kindOf, type MemberOf } from '../../stores/kinds.ts'
import { type Manifest, readManifest } from '../../stores/manifest.ts'
import {
  digestOfManifest,
  isProven,
  type MemberVerdict,
  newestVerifications,
  readVerification,
  VERIFICATION_FORMAT,
  type Verification,
  verificationKey,
} from '../../stores/verification.ts'

type StoredMember = MemberOf[keyof MemberOf]
type Judged = Pick<MemberVerdict, 'verdict' | 'found'>

export interface Wanted {
  /** The id of a set; without one it is the newest of this installation. */
  set?: string | undefined
  /** Restores every member for a trial as well. */
  deep?: boolean
}

export interface VerifiedSet {
  manifest: Manifest
  verification: Verification
}

/** An archive and what is unpacked from it lie beside each other. */
const ROOM_FACTOR = 2.2

/**
 * Reads every member of a set back from the bucket, proves it as before a restore, and writes down what was
 * found beside the manifest. Throws a Problem when there is no such set.
 */
export async function verifySet(
  target: Target,
  run: Run,
  { set, deep = false }: Wanted = {},
): Promise<VerifiedSet> {
  const objects = new Objects(target.backups)
  const keys = (await objects.list('sets/')).map(({ key }) => key)
  const { key, content, manifest } =
    set === undefined
      ? await newestOwn(objects, keys, target.runtime.project)
      : await setNamed(objects, keys, set)
  const digest = digestOfManifest(content)
  const changed = await changedSince(objects, newestVerifications(keys).get(key), digest)
  const started = new Date()
  const members: MemberVerdict[] = []
  for (const member of manifest.members) {
    if (member.status === 'failed') continue
    members.push(await judge(member, () => changed ?? prove(objects, target, run, manifest, member, deep)))
  }
  const finished = new Date()
  const verification: Verification = {
    format: VERIFICATION_FORMAT,
    set: manifest.set,
    manifest_sha256: digest,
    started: started.toISOString(),
    finished: finished.toISOString(),
    duration_seconds: (finished.getTime() - started.getTime()) / 1000,
    tool_version: VERSION,
    host: hostname(),
    members,
  }
  await objects.putOnce(verificationKey(key, run.id), `${JSON.stringify(verification)}\n`)
  return { manifest, verification }
}

/** Says what was found; true when every member was proven. */
export function tellVerification({ manifest, verification }: VerifiedSet): boolean {
  const { set, members } = verification
  for (const { id, verdict, found, seconds } of members) {
    const line = `${verdict === 'proven' ? '✔' : '✖'} ${id}: ${verdict}: ${found} (${seconds.toFixed(0)} s)`
    process.stdout.write(`${mask(line)}\n`)
  }
  if (isProven(verification)) {
    process.stdout.write(
      `${set} is verified: ${members.length} of ${manifest.members.length} members proven\n`,
    )
    return true
  }
  process.stderr.write(`${set} is not verified\nHINT: ${hintFor(members)}\n`)
  return false
}

function hintFor(members: readonly MemberVerdict[]): string {
  if (members.some(({ verdict }) => verdict === 'failed'))
    return 'take a new backup now: npx tsx tools/backup-service.ts --run-once; the older verified sets are kept'
  if (members.length === 0) return 'no store could be backed up; read the reasons above'
  return 'remove what kept it from being read, then: npx tsx tools/backup-service.ts --verify'
}

interface Stored {
  key: string
  content: string
  manifest: Manifest
}

/** One that cannot be read is nobody's: that is said, instead of an older one verified in its place. */
async function newestOwn(objects: Objects, keys: readonly string[], project: string): Promise<Stored> {
  for (const key of keys.filter(isManifest).sort().reverse()) {
    const found = await readAt(objects, key)
    if (found.manifest.source.project === project) return found
  }
  throw badInput(`there is no set of ${project} to verify`, LIST)
}

async function setNamed(objects: Objects, keys: readonly string[], set: string): Promise<Stored> {
  const key = keys.filter(isManifest).find(one => one.endsWith(`/${set}.json`))
  if (key) return readAt(objects, key)
  throw badInput(`there is no set ${set.slice(0, 40)}`, LIST)
}

const LIST =
  'npx tsx tools/restore-backup.ts --list shows those there are; an id looks like set_20261122_020000'

async function readAt(objects: Objects, key: string): Promise<Stored> {
  const content = await objects.text(key)
  return { key, content, manifest: readManifest(key, content) }
}

/** A manifest is written once: one that differs from what was verified before is not believed. */
async function changedSince(objects: Objects, key: string | undefined, digest: string) {
  if (!key) return undefined
  const before = readVerification(key, await objects.text(key))
  if (before.manifest_sha256 === digest) return undefined
  return { verdict: 'failed', found: `its manifest was changed after ${before.started}` } as const
}

async function judge(member: StoredMember, look: () => Judged | Promise<Judged>): Promise<MemberVerdict> {
  const begun = Date.now()
  const judged = await Promise.resolve().then(look).catch(outcomeOf)
  const { id, store } = member
  return { id, store, ...judged, seconds: (Date.now() - begun) / 1000 }
}

async function prove(
  objects: Objects,
  target: Target,
  run: Run,
  { set, source }: Manifest,
  member: StoredMember,
  deep: boolean,
): Promise<Judged> {
  const gone = await missing(objects, member)
  if (gone) return { verdict: 'failed', found: gone }
  await requireRoom(target, run, member)
  const { id, store: name } = member
  const store = target.stores[name]
  if (store?.kind !== member.kind)
    throw new Problem(`the configuration has no ${member.kind} store "${name}"`)
  const candidate = { id, set, store: name, member, source, verification: undefined, refused: undefined }
  try {
    const { verify, restoreApart } = stepsFor(member.kind)
    await perform(deep ? restoreApart : verify, { target, store, run, candidate }, { takeBack: true })
  } finally {
    rmSync(join(target.root, staging(run)), { recursive: true, force: true })
  }
  const read = `${bytes(member.size_bytes)} read back`
  const restored = `restored apart: ${kindOf(member.kind).contents(member as never)}, all of it equal`
  return { verdict: 'proven', found: deep ? `${read}, ${restored}` : `${read}, whole` }
}

/** Why the objects of a member cannot be what was backed up, as far as that is seen without reading them. */
async function missing(
  objects: Objects,
  { key, size_bytes, beside }: StoredMember,
): Promise<string | undefined> {
  for (const wanted of [{ key, size_bytes }, ...beside]) {
    const found = await objects.find(wanted.key)
    if (!found) return `${wanted.key} is gone from the bucket`
    if (found.size !== wanted.size_bytes)
      return `${wanted.key} has ${found.size} bytes, the manifest says ${wanted.size_bytes}`
  }
  return undefined
}

async function requireRoom(target: Target, run: Run, member: StoredMember): Promise<void> {
  const folder = join(target.root, run.folder)
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const needed = ROOM_FACTOR * member.size_bytes
  if (bavail * bsize < needed)
    throw new Problem(`no room to read it back: ${bytes(bavail * bsize)} free, ${bytes(needed)} needed`)
}

/** A check that says no condemns the backup; anything else only means that nobody could look. */
function outcomeOf(error: unknown): Judged {
  const problem = error instanceof Problem ? error : undefined
  if (problem?.exitCode === EXIT.interrupted) throw problem
  const found = mask(messageOf(error)).slice(0, 500)
  const said = problem?.exitCode === EXIT.checkFailed && !found.startsWith('check unchecked')
  return { verdict: said ? 'failed' : 'unchecked', found }
}
