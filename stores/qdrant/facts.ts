import type { QdrantStore } from '../../lib/target.ts'
import type { Usable } from '../backups.ts'
import type { Found, Run, StoreBase } from '../base.ts'
import { staging } from '../base.ts'
import type { Look } from './findings.ts'
import { missingIndexes } from './findings.ts'
import type { Alias, QdrantMember } from './member.ts'
import { currentName, freshName } from './names.ts'

export type QdrantBase = StoreBase<QdrantStore>

/** What Assess learns of a Qdrant. */
export interface Assessed extends Found {
  /** Version of the running server; empty when it does not run. */
  version: string
  aliases: Record<string, string>
  /** Collections that exist, aliases not counted. */
  there: string[]
  /** Collection folders in the volume, looked at only when the server does not start. */
  onDisk: string[]
  /** Those that its last words name; looked for only when it does not start. */
  blamed: string[]
  looks: Look[]
}

/** What Choose concludes: the whole recovery follows from it. */
export interface Chosen {
  candidate: Usable<'qdrant'>
  restoring: Restoring[]
  switches: Switch[]
  repairs: IndexRepair[]
  /** Live collections that stand where an alias has to go; set aside while Qdrant is stopped. */
  inTheWay: string[]
  /** Collections that keep Qdrant from starting; set aside before anything else. */
  blocking: string[]
}

/** One collection to recover. */
export interface Restoring {
  name: string
  /** The name it is recovered under; nothing has it yet. */
  fresh: string
  points: number
  fingerprint: string
  params: unknown
  schema: Record<string, string>
  sha256: string
  size: number
  /** Staged snapshot, relative to the target's root. */
  file: string
}

/** One alias to point somewhere else. `from` is where it points now. */
export interface Switch {
  name: string
  from: string | undefined
  to: string
}

export interface IndexRepair {
  name: string
  collection: string
  field: string
  type: string
}

/** Where a run sets collections aside: Qdrant ignores dot folders in its storage root. */
export function quarantine(run: Run): string {
  return `/qdrant/storage/.quarantine-${run.id}`
}

/** Everything the recovery will do, from what was found and what the operator decided. */
export function conclude(
  f: QdrantBase & Assessed,
  candidate: Usable<'qdrant'>,
  names: readonly string[],
): Chosen {
  const { member } = candidate
  const restoring = restoringOf(f.run, member, names)
  const named = restoring.filter(r => !member.aliases.some(a => a.collection === r.name))
  return {
    candidate,
    restoring,
    switches: [...switchesOf(f, member.aliases, restoring), ...named.map(r => switchTo(f, r.name, r.fresh))],
    repairs: repairsOf(f, candidate, restoring),
    inTheWay: named.map(r => r.name).filter(name => f.there.includes(name)),
    blocking: f.up ? [] : f.onDisk.filter(name => names.includes(name)),
  }
}

/** The collections of these names, each under a fresh name. */
export function restoringOf(run: Run, member: QdrantMember, names: readonly string[]): Restoring[] {
  return member.collections
    .filter(collection => names.includes(collection.name))
    .map(
      (c): Restoring => ({
        name: c.name,
        fresh: freshName(c.name, run),
        points: c.points,
        fingerprint: c.fingerprint,
        params: c.params,
        schema: c.payload_schema,
        sha256: c.sha256,
        size: c.size_bytes,
        file: `${staging(run)}/${c.file}`,
      }),
    )
}

function switchesOf(f: Assessed, aliases: readonly Alias[], restoring: readonly Restoring[]): Switch[] {
  const wrong = new Set(f.findings.filter(finding => finding.kind === 'alias').map(finding => finding.name))
  return aliases.flatMap(({ alias, collection }) => {
    const fresh = restoring.find(r => r.name === collection)?.fresh
    if (fresh) return [switchTo(f, alias, fresh)]
    return wrong.has(alias) ? [switchTo(f, alias, collection)] : []
  })
}

function switchTo(f: Assessed, alias: string, to: string): Switch {
  return { name: alias, from: f.aliases[alias], to }
}

function repairsOf(
  f: Assessed,
  { member }: Usable<'qdrant'>,
  restoring: readonly Restoring[],
): IndexRepair[] {
  return member.collections.flatMap(was => {
    const live = currentName(was.name, f.aliases)
    const look = f.looks.find(l => l.name === live)
    if (!look?.inspection || restoring.some(r => r.name === was.name)) return []
    return missingIndexes(was, look.schema).map(field => ({
      name: `${live}.${field}`,
      collection: live,
      field,
      type: was.payload_schema[field] ?? 'keyword',
    }))
  })
}
