import { createHash } from 'node:crypto'
import { Problem } from '../lib/problem.ts'
import { flaws } from '../lib/schema.ts'
import { listOf, name, object, sha256, text, time } from './member.ts'

/** The newest format of a verification that this code understands. */
export const VERIFICATION_FORMAT = 1

/** `unchecked`: it could not be read back here and now, which says nothing about the backup; never a pass. */
export type MemberOutcome = 'proven' | 'failed' | 'unchecked'

export interface MemberVerdict {
  id: string
  store: string
  verdict: MemberOutcome
  /** What was found, with figures, or why not. */
  found: string
  /** How long reading it back and proving it took. */
  seconds: number
}

/**
 * One complete reading of a set. It lies beside the manifest, which never changes: a set can be verified again
 * and again, and every time leaves an object of its own.
 */
export interface Verification {
  format: 1
  set: string
  /** sha256 of the manifest that was believed: one that is changed later no longer matches. */
  manifest_sha256: string
  started: string
  finished: string
  duration_seconds: number
  tool_version: string
  host: string
  /** One for every member that the manifest calls a success. */
  members: MemberVerdict[]
}

const seconds = { type: 'number', minimum: 0 }
export const VERIFICATION_SCHEMA = object({
  format: { const: VERIFICATION_FORMAT },
  set: { type: 'string', pattern: '^set_\\d{8}_\\d{6}$' },
  manifest_sha256: sha256,
  started: time,
  finished: time,
  duration_seconds: seconds,
  tool_version: text,
  host: text,
  members: listOf({
    id: name,
    store: name,
    verdict: { enum: ['proven', 'failed', 'unchecked'] },
    found: text,
    seconds,
  }),
})

const SUFFIX = /\.verified_(\d{8}_\d{6})\.json$/

/** Where the verification of the run with this stamp lies. */
export function verificationKey(manifestKey: string, stamp: string): string {
  return manifestKey.replace(/\.json$/, `.verified_${stamp}.json`)
}

/** The key of the manifest that a verification belongs to; undefined for any other object. */
export function verifiedManifest(key: string): string | undefined {
  return SUFFIX.test(key) ? key.replace(SUFFIX, '.json') : undefined
}

/** The newest verification of each manifest among these keys. */
export function newestVerifications(keys: readonly string[]): Map<string, string> {
  const newest = new Map<string, string>()
  for (const key of [...keys].sort()) {
    const manifest = verifiedManifest(key)
    if (manifest) newest.set(manifest, key)
  }
  return newest
}

/** Reads a verification. Throws a Problem that says in one sentence why it cannot be used. */
export function readVerification(key: string, content: string): Verification {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (cause) {
    throw new Problem(`${key} is only half a verification`, { hint: AGAIN, cause })
  }
  const wrong = flaws(VERIFICATION_SCHEMA, value).map(flaw => flaw.sentence)
  if (wrong.length === 0 && !key.includes(`/${(value as Verification).set}.verified_`)) {
    wrong.push(`it speaks of ${(value as Verification).set}`)
  }
  if (wrong.length === 0) return value as Verification
  throw new Problem(`${key} is not a valid verification: ${wrong.slice(0, 3).join('; ')}`, { hint: AGAIN })
}

const AGAIN = 'verify the set again: npx tsx tools/backup-service.ts --verify <set>'

export function digestOfManifest(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Whether every member of the set was proven. */
export function isProven({ members }: Pick<Verification, 'members'>): boolean {
  return members.length > 0 && members.every(({ verdict }) => verdict === 'proven')
}
