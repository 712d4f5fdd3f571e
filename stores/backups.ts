import { type Command, type Io, type Output, ownCommand } from '../lib/command.ts'
import { Objects } from '../lib/objects.ts'
import { messageOf } from '../lib/problem.ts'
import type { Target } from '../lib/target.ts'
import { type Manifest, type Member, type QdrantMember, readManifest } from './manifest.ts'

/** A member of a set that an operator may choose, with what the choice rests on. */
export interface Candidate {
  id: string
  set: string
  store: string
  /** The manifest's entry; for a failed one only the reason. */
  member: Member
  source: Manifest['source']
  /** Stamp of the last complete verification, if there was one. */
  verified: string | undefined
  /** Why it cannot be used; undefined when nothing speaks against it so far. */
  refused: string | undefined
}

/** A candidate that can be restored. */
export interface Usable extends Candidate {
  member: QdrantMember
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

/** Lists what the bucket holds, from the manifests: the truth even when PostgreSQL is lost. */
export function listBackups(target: Target, store: string): Command {
  const args = ['--list', '--type', store, '--json']
  return ownCommand(
    'restore-backup',
    args,
    async (_, io) => `${JSON.stringify(slim(await catalogue(target, store, io)))}\n`,
    {
      limits: { total: 120 },
    },
  )
}

/** Only the newest usable one is compared with the live data; the buckets of the others are dead weight. */
function slim(found: Catalogue): Catalogue {
  const newest = usable(found.candidates)[0]
  const candidates = found.candidates.map(candidate => {
    const { member } = candidate
    if (candidate === newest || member.status === 'failed') return candidate
    const collections = member.collections.map(collection => ({ ...collection, buckets: '' }))
    return { ...candidate, member: { ...member, collections } }
  })
  return { ...found, candidates }
}

export function readCatalogue(output: Output): Catalogue {
  return JSON.parse(output.stdout) as Catalogue
}

export async function catalogue(
  target: Target,
  store: string | undefined,
  io: Pick<Io, 'progress'>,
): Promise<Catalogue> {
  const objects = new Objects(target.backups)
  const listed = await objects.list('sets/')
  const sizes = new Map((await objects.list('')).map(({ key, size }) => [key, size]))
  const manifests = listed.filter(({ key }) => /\/set_\d{8}_\d{6}\.json$/.test(key)).map(({ key }) => key)
  const found: Catalogue = { candidates: [], broken: [] }
  let done = 0
  for (const key of manifests.sort().reverse()) {
    try {
      const manifest = readManifest(key, await objects.text(key))
      const verified = lastVerification(
        listed.map(object => object.key),
        key,
      )
      for (const member of manifest.members) {
        if (store && member.store !== store) continue
        const { set, source } = manifest
        const refused = refusal(member, sizes)
        found.candidates.push({ id: member.id, set, store: member.store, member, source, verified, refused })
      }
    } catch (error) {
      found.broken.push({ key, reason: messageOf(error) })
    }
    io.progress({ done: ++done, total: manifests.length, unit: '%' })
  }
  return found
}

/** Verifications lie beside the manifest as `<set>.verified-<stamp>.json`. */
function lastVerification(keys: readonly string[], manifestKey: string): string | undefined {
  const prefix = manifestKey.replace(/\.json$/, '.verified-')
  return keys
    .filter(key => key.startsWith(prefix))
    .sort()
    .at(-1)
    ?.slice(prefix.length, -'.json'.length)
}

function refusal(member: Member, sizes: ReadonlyMap<string, number>): string | undefined {
  if (member.status === 'failed') return `the backup failed: ${member.reason}`
  const size = sizes.get(member.key)
  if (size === undefined) return 'its object is missing from the bucket'
  if (size === 0) return 'its object is empty'
  if (size !== member.size_bytes)
    return `its object has ${size} bytes, the manifest says ${member.size_bytes}`
  if (member.kind !== 'qdrant') return undefined
  if (member.collections.every(collection => collection.points === 0)) return 'it holds no points'
  return undefined
}

/** The candidates of a store that nothing speaks against, newest first. */
export function usable(candidates: readonly Candidate[]): Usable[] {
  return candidates.filter((c): c is Usable => c.refused === undefined && c.member.status === 'success')
}
