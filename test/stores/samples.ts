import type { Manifest } from '../../stores/manifest.ts'
import { Fingerprint, type Point } from '../../stores/qdrant/fingerprint.ts'
import type { CollectionBackup, QdrantMember } from '../../stores/qdrant/member.ts'
import { digestOfManifest, type MemberOutcome, type Verification } from '../../stores/verification.ts'

export const SUM = 'a'.repeat(64)

/** Points with ids from 1, each with its own text and a vector of length 1. */
export function points(n: number): Point[] {
  return Array.from({ length: n }, (_, i) => ({
    id: i + 1,
    payload: { text: `text ${i + 1}`, ord: i },
    vector: [Math.cos(i), Math.sin(i)],
  }))
}

export function fingerprintOf(all: readonly Point[]): Fingerprint {
  const fingerprint = new Fingerprint()
  for (const point of all) fingerprint.add(point)
  return fingerprint
}

/** The backup of a collection that holds these points. */
export function collectionBackup(name: string, all: readonly Point[]): CollectionBackup {
  const { whole, buckets } = fingerprintOf(all)
  return {
    name,
    file: `${name}.snapshot`,
    sha256: SUM,
    size_bytes: 1000,
    points: all.length,
    fingerprint: whole,
    buckets,
    params: { vectors: { size: 2, distance: 'Cosine' } },
    payload_schema: { text: 'keyword' },
    prove_seconds: 0.5,
  }
}

export function qdrantMember(collections: CollectionBackup[]): QdrantMember {
  return {
    id: 'qdrant_20261122_020000',
    store: 'qdrant',
    kind: 'qdrant',
    status: 'success',
    key: 'qdrant/2026/11/22/qdrant_20261122_020000.snapshot',
    sha256: SUM,
    size_bytes: 5000,
    started: '2026-11-22T02:00:00.000Z',
    engine_version: '1.18.3',
    image: 'qdrant/qdrant:v1.18.3',
    beside: [],
    collections,
    aliases: [{ alias: 'documents', collection: 'documents_v1' }],
    gaps: {},
  }
}

export function manifest(stamp = '20261122_020000'): Manifest {
  const day = `${stamp.slice(0, 4)}/${stamp.slice(4, 6)}/${stamp.slice(6, 8)}`
  const member = qdrantMember([collectionBackup('documents_v1', points(5))])
  return {
    format: 1,
    set: `set_${stamp}`,
    started: '2026-11-22T02:00:00.000Z',
    finished: '2026-11-22T02:03:00.000Z',
    source: { platform: 'ai-platform', project: 'ai-platform', host: 'host' },
    members: [{ ...member, id: `qdrant_${stamp}`, key: `qdrant/${day}/qdrant_${stamp}.snapshot` }],
  }
}

/** Where the manifest of a set lies. */
export function setKey(stamp: string): string {
  return `sets/${stamp.slice(0, 4)}/${stamp.slice(4, 6)}/${stamp.slice(6, 8)}/set_${stamp}.json`
}

/** A verification of the set whose manifest has this content; the same outcome for every member. */
export function verification(stamp: string, content: string, verdict: MemberOutcome): Verification {
  const found = {
    proven: '4.9 KB read back, whole',
    failed: 'two downloads gave wrong bytes',
    unchecked: 'no room',
  }
  return {
    format: 1,
    set: `set_${stamp}`,
    manifest_sha256: digestOfManifest(content),
    started: '2026-11-22T02:04:00.000Z',
    finished: '2026-11-22T02:05:00.000Z',
    duration_seconds: 60,
    tool_version: '0.2.0',
    host: 'host',
    members: (JSON.parse(content) as Manifest).members.map(({ id, store }) => {
      return { id, store, verdict, found: found[verdict], seconds: 60 }
    }),
  }
}
