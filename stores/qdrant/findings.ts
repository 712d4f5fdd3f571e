import type { Finding } from '../base.ts'
import { tooFew } from '../expected.ts'
import { compareBuckets } from './fingerprint.ts'
import type { Inspection } from './inspect.ts'
import type { CollectionBackup, QdrantMember } from './member.ts'
import { baseName } from './names.ts'

/** What one live collection looks like; absent parts mean that it does not exist. */
export interface Look {
  name: string
  schema: Record<string, string> | undefined
  inspection: Inspection | undefined
}

/** Compares the live collections with the newest usable backup. */
export function findings(
  backup: QdrantMember | undefined,
  looks: readonly Look[],
  aliases: Record<string, string>,
): Finding[] {
  const found = looks.flatMap(look => collectionFindings(look, inBackup(backup, look.name)))
  const damaged = new Set(found.filter(f => f.kind === 'content').map(f => f.name))
  return [...found, ...aliasFindings(backup, aliases, looks, damaged)]
}

function inBackup(backup: QdrantMember | undefined, name: string): CollectionBackup | undefined {
  return backup?.collections.find(collection => baseName(collection.name) === baseName(name))
}

function collectionFindings(look: Look, was: CollectionBackup | undefined): Finding[] {
  const { name, inspection } = look
  const content = (sentence: string): Finding[] => [{ kind: 'content', name, sentence }]
  if (!inspection) return was ? content(`${name} is missing; the backup has ${was.points} points of it`) : []
  const n = inspection.points.toLocaleString('en-US')
  if (inspection.unreadable)
    return content(
      `${name}: ${n} points counted, but they cannot be read (${inspection.unreadable.slice(0, 80)})`,
    )
  if (inspection.bad_vectors > 0) {
    return content(
      `${name}: ${n} points, ${inspection.bad_vectors} with a damaged vector (length not 1, or no number)`,
    )
  }
  if (inspection.read < inspection.points)
    return content(`${name}: ${n} points counted, only ${inspection.read} readable`)
  if (!was) return []
  return [...differences(name, inspection, was), ...indexFindings(look, was)]
}

function differences(name: string, now: Inspection, was: CollectionBackup): Finding[] {
  const { changed, fewer } = compareBuckets(was.buckets, now.buckets)
  if (now.points === 0 && was.points > 0) {
    return [{ kind: 'content', name, sentence: `${name} is empty; the backup has ${was.points} points` }]
  }
  if (tooFew(was.points - fewer, was.points)) {
    return [
      {
        kind: 'content',
        name,
        sentence: `${name}: at least ${fewer} of ${was.points} points of the backup are gone`,
        // A bucket that has lost a point and got a new one looks changed, too.
        ...(changed < fewer ? { deleted: true as const } : {}),
      },
    ]
  }
  if (changed > 0) {
    const sentence = `${name}: content differs from the backup in ${changed} places although no point was added there`
    return [{ kind: 'suspect', name, sentence }]
  }
  if (fewer > 0)
    return [
      {
        kind: 'suspect',
        name,
        sentence: `${name}: ${fewer} points of the backup are gone; deleted on purpose?`,
        deleted: true,
      },
    ]
  return []
}

function indexFindings(look: Look, was: CollectionBackup): Finding[] {
  return missingIndexes(was, look.schema).map(field => ({
    kind: 'index',
    name: look.name,
    sentence: `${look.name} has lost its payload index on ${field}`,
  }))
}

/** Fields that the backup has indexed and the live collection has not. */
export function missingIndexes(was: CollectionBackup, schema: Record<string, string> | undefined): string[] {
  return Object.keys(was.payload_schema).filter(field => schema?.[field] !== was.payload_schema[field])
}

function aliasFindings(
  backup: QdrantMember | undefined,
  live: Record<string, string>,
  looks: readonly Look[],
  damaged: ReadonlySet<string>,
): Finding[] {
  return (backup?.aliases ?? []).flatMap(({ alias, collection }): Finding[] => {
    const points = live[alias]
    if (points !== undefined && baseName(points) === baseName(collection)) return []
    if (points === undefined)
      return [
        {
          kind: 'alias',
          name: alias,
          sentence: `the alias ${alias} is missing; it belongs to ${collection}`,
        },
      ]
    const elsewhere =
      backup?.collections.some(c => baseName(c.name) === baseName(points)) || damaged.has(points)
    const exists = looks.some(look => look.name === points && look.inspection)
    const sentence = `the alias ${alias} points to ${points}; in the backup it belongs to ${collection}`
    // A new collection the backup does not know may have been put there on purpose.
    return [{ kind: elsewhere || !exists ? 'alias' : 'suspect', name: alias, sentence }]
  })
}
