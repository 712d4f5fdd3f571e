import { Problem } from '../lib/problem.ts'
import { flaws } from '../lib/schema.ts'
import type { StoreKind } from '../runbook/model.ts'
import { kindOf, type MemberOf } from './kinds.ts'
import { type FailedMember, failedMember, object, text, time } from './member.ts'

/** The newest manifest format this code understands. */
export const FORMAT = 1

/**
 * One night's backup: written once, after its members, never changed. It lies beside the objects and is
 * the truth about them; the table backup_history is a cache of it.
 */
export interface Manifest {
  format: 1
  set: string
  started: string
  finished: string
  /** Where the data came from; another installation's backup is shown as such. */
  source: { platform: string; project: string; host: string }
  members: Member[]
}

export type Member = FailedMember | MemberOf[StoreKind]

/** What a manifest has to look like; its members have schemas of their own. */
export const MANIFEST_SCHEMA = object({
  format: { const: FORMAT },
  set: { type: 'string', pattern: '^set_\\d{8}_\\d{6}$' },
  started: time,
  finished: time,
  source: object({ platform: text, project: text, host: text }),
  members: { type: 'array', minItems: 1, items: { type: 'object' } },
})

/** Reads a manifest. Throws a Problem that says in one sentence why it cannot be used. */
export function readManifest(key: string, content: string): Manifest {
  const value = parse(key, content)
  const format = (value as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > FORMAT) {
    throw new Problem(`${key} has format ${format}; this version understands ${FORMAT}`, {
      hint: 'use the version of this tool that wrote it, or a newer one',
    })
  }
  const wrong = flaws(MANIFEST_SCHEMA, value).map(flaw => flaw.sentence)
  if (wrong.length === 0) {
    for (const member of (value as Manifest).members) wrong.push(...memberFlaws(member))
  }
  if (wrong.length > 0) {
    throw new Problem(`${key} is not a valid manifest: ${wrong.slice(0, 3).join('; ')}`, {
      hint: 'it was changed by hand or by another program; take the next set',
    })
  }
  const { set } = value as Manifest
  if (!key.endsWith(`/${set}.json`)) {
    throw new Problem(`${key} calls itself ${set}: it was copied or renamed`, { hint: 'take the next set' })
  }
  return value as Manifest
}

function parse(key: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new Problem(`${key} is only half a manifest`, {
      hint: 'its writer was interrupted; the set does not count, take the next one',
      cause: error,
    })
  }
}

function memberFlaws(member: Member): string[] {
  // A member of a kind that comes later is none of this reader's business.
  const schema = member.status === 'failed' ? failedMember : kindOf(member.kind)?.schema
  return schema ? flaws(schema, member).map(flaw => `${member.id}: ${flaw.sentence}`) : []
}
