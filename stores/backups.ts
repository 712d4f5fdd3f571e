import { type Command, type Io, type Output, ownCommand } from '../lib/command.ts'
import { Objects } from '../lib/objects.ts'
import { messageOf } from '../lib/problem.ts'
import type { Target } from '../lib/target.ts'
import type { StoreKind } from '../runbook/model.ts'
import { kindOf, type MemberOf } from './kinds.ts'
import { type Manifest, type Member, readManifest } from './manifest.ts'

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
 * is lost.
 */
export function listBackups(target: Target, store?: string): Command {
  const args = ['--list', ...(store === undefined ? [] : ['--type', store]), '--json']
  return ownCommand(
    'restore-backup',
    args,
    async (_, io) => `${JSON.stringify(slim(await catalogue(target, store, io)))}\n`,
    {
      limits: { total: 120 },
    },
  )
}

/** Only the newest usable one of a store is compared with the live data. */
function slim(found: Catalogue): Catalogue {
  const compared = new Set<string>()
  const candidates = found.candidates.map(candidate => {
    const { member, store, refused } = candidate
    if (member.status === 'failed') return candidate
    if (refused === undefined && !compared.has(store)) {
      compared.add(store)
      return candidate
    }
    return { ...candidate, member: kindOf(member.kind).slim(member as never) as Member }
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
