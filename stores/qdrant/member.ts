import { plural } from '../../lib/format.ts'
import { listOf, memberSchema, name, type SuccessMember, sha256, text, whole } from '../member.ts'

/** What a backup of Qdrant holds: counted in copies recovered from it, not in the live collections. */
export interface QdrantMember extends SuccessMember {
  kind: 'qdrant'
  collections: CollectionBackup[]
  aliases: Alias[]
  /** Per relation: rows that had no point already when the backup was taken; no restore can bring those. */
  gaps: Record<string, number>
}

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

export const qdrantMember = memberSchema('qdrant', {
  collections: listOf({
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
  }),
  aliases: listOf({ alias: name, collection: name }),
  gaps: { type: 'object', additionalProperties: whole },
})

/** "18,204 points". */
export function contentsQdrant(member: QdrantMember): string {
  return plural(pointsOf(member), 'point')
}

/** Why nothing can be recovered from it; undefined when something can. */
export function emptyQdrant(member: QdrantMember): string | undefined {
  return pointsOf(member) === 0 ? 'it holds no points' : undefined
}

function pointsOf(member: QdrantMember): number {
  return member.collections.reduce((sum, collection) => sum + collection.points, 0)
}

/** Only the newest backup is compared with the live data; the digests of older ones are dead weight. */
export function slimQdrant(member: QdrantMember): QdrantMember {
  return { ...member, collections: member.collections.map(each => ({ ...each, buckets: '' })) }
}

/** Bytes where Qdrant runs, for snapshots of so many: uploaded, unpacked, and as a collection. */
export function roomForQdrant(snapshots: number): number {
  return 3 * snapshots
}
