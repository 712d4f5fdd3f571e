import { Problem } from '../lib/problem.ts'
import { flaws, type Schema } from '../lib/schema.ts'

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

export type Member = FailedMember | QdrantMember

interface MemberBase {
  /** The file name without its ending: qdrant_20261122_020000. */
  id: string
  store: string
  kind: 'qdrant' | 'neo4j' | 'postgres'
}

export interface FailedMember extends MemberBase {
  status: 'failed'
  reason: string
}

export interface QdrantMember extends MemberBase {
  kind: 'qdrant'
  status: 'success'
  key: string
  sha256: string
  size_bytes: number
  /** Begin of the first snapshot: what was written later may be missing. */
  started: string
  engine_version: string
  image: string
  collections: CollectionBackup[]
  aliases: Alias[]
  /** Per relation: rows that had no point already when the backup was taken; no restore can bring those. */
  gaps: Record<string, number>
}

/** One collection as it is in the backup: counted in a copy recovered from it, not in the live one. */
export interface CollectionBackup {
  name: string
  /** Name of its snapshot inside the tar. */
  file: string
  sha256: string
  size_bytes: number
  points: number
  /** Over all ids, vectors and payloads, in any order; see stores/qdrant/fingerprint.ts. */
  fingerprint: string
  /** The same per bucket of ids, to tell changed points from added ones. */
  buckets: string
  /** The collection's parameters, as `GET /collections/<name>` gives them. */
  params: unknown
  payload_schema: Record<string, string>
  /** Seconds that reading all of a recovered copy took when the backup was proven; basis of estimates. */
  prove_seconds: number
}

export interface Alias {
  alias: string
  collection: string
}

const text = { type: 'string', minLength: 1 }
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}' }
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' }
const whole = { type: 'integer', minimum: 0 }
/** Also what keeps a manifest from naming a path or a shell word. */
const name = { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$' }
const key = { type: 'string', pattern: '^[a-z0-9_-]+/\\d{4}/\\d{2}/\\d{2}/[A-Za-z0-9_-]+\\.[a-z]+$' }
const id = { type: 'string', pattern: '^[a-z][a-z0-9-]*_\\d{8}_\\d{6}$' }
const kind = { enum: ['qdrant', 'neo4j', 'postgres'] }

function object(properties: Record<string, unknown>): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

const collection = object({
  name,
  file: name,
  sha256,
  size_bytes: whole,
  points: whole,
  fingerprint: text,
  buckets: text,
  params: {},
  payload_schema: { type: 'object', additionalProperties: text },
  prove_seconds: { type: 'number', minimum: 0 },
})

const failed = object({ id, store: name, kind, status: { const: 'failed' }, reason: text })
const qdrant = object({
  id,
  store: name,
  kind: { const: 'qdrant' },
  status: { const: 'success' },
  key,
  sha256,
  size_bytes: whole,
  started: time,
  engine_version: text,
  image: text,
  collections: { type: 'array', items: collection },
  aliases: { type: 'array', items: object({ alias: name, collection: name }) },
  gaps: { type: 'object', additionalProperties: whole },
})

const manifest = object({
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
  const wrong = flaws(manifest, value).map(flaw => flaw.sentence)
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
  const schema = member.status === 'failed' ? failed : member.kind === 'qdrant' ? qdrant : undefined
  // Members of kinds that come later are none of this reader's business.
  return schema ? flaws(schema, member).map(flaw => `${member.id}: ${flaw.sentence}`) : []
}
