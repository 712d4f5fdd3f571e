import { STORE_NAME } from '../lib/config-schema.ts'
import type { Schema } from '../lib/schema.ts'
import type { StoreKind } from '../runbook/model.ts'

interface MemberBase {
  /** The file name without its ending: qdrant_20261122_020000. */
  id: string
  store: string
  kind: StoreKind
}

/** A store whose backup failed that night, and why. The other members of its set count all the same. */
export interface FailedMember extends MemberBase {
  status: 'failed'
  reason: string
}

/** What every successful member has; each kind adds what is in its backup. */
export interface SuccessMember extends MemberBase {
  status: 'success'
  key: string
  sha256: string
  size_bytes: number
  /** Begin of the backup: what was written later may be missing. */
  started: string
  /** What it took until it was stored and read back; absent in sets of earlier versions. */
  duration_seconds?: number
  engine_version: string
  /** Id of the image that made it. */
  image: string
  /** Further objects under the same stem, such as the roles of a PostgreSQL cluster. */
  beside: StoredObject[]
}

export interface StoredObject {
  key: string
  sha256: string
  size_bytes: number
}

export const text = { type: 'string', minLength: 1 }
export const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}' }
export const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' }
export const whole = { type: 'integer', minimum: 0 }
/** Also what keeps a manifest from naming a path or a shell word. */
export const name = { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$' }
const key = {
  type: 'string',
  pattern: '^[a-z0-9_-]+/\\d{4}/\\d{2}/\\d{2}/[A-Za-z0-9_-]+\\.[a-z]+(\\.[a-z]+)?$',
}
const id = { type: 'string', pattern: `^${STORE_NAME}_\\d{8}_\\d{6}$` }

/** The schema of an object with exactly these properties, all of them required but for those named. */
export function object(properties: Record<string, unknown>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter(key => !optional.includes(key))
  return { type: 'object', properties, required, additionalProperties: false }
}

/** A list of such objects. */
export function listOf(properties: Record<string, unknown>): Schema {
  return { type: 'array', items: object(properties) }
}

/** The schema of a successful member: the common part and that of its kind. */
export function memberSchema(
  kind: StoreKind,
  properties: Record<string, unknown>,
  optional: readonly string[] = [],
): Schema {
  const all = {
    id,
    store: name,
    kind: { const: kind },
    status: { const: 'success' },
    key,
    sha256,
    size_bytes: whole,
    started: time,
    duration_seconds: { type: 'number', minimum: 0 },
    engine_version: text,
    image: text,
    beside: listOf({ key, sha256, size_bytes: whole }),
    ...properties,
  }
  return object(all, ['duration_seconds', ...optional])
}

export const failedMember = object({
  id,
  store: name,
  kind: { enum: ['qdrant', 'neo4j', 'postgres'] },
  status: { const: 'failed' },
  reason: text,
})
