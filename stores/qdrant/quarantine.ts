import type { Command } from '../../lib/command.ts'
import type { Facts, Kept } from '../../runbook/model.ts'
import { quarantineText } from '../base.ts'
import { type Chosen, type QdrantBase, quarantine } from './facts.ts'

/** What a recovery of Qdrant has set aside. */
export interface QdrantRelease {
  store: string
  /** Collections that nobody addresses any more. */
  collections: string[]
  /** Folders inside the volume. */
  folders: string[]
}

/** See stores/quarantine-size.ts. */
export function sizeInQdrant(f: QdrantBase & { release: QdrantRelease }): Command[] {
  const { collections, folders } = f.release
  const paths = [...collections.map(name => `/qdrant/storage/collections/${name}`), ...folders]
  const inside = { limits: { total: 600 }, ok: [1] }
  return paths.map(path => f.target.runtime.exec(f.store.service, ['du', '-sk', path], inside))
}

/** What a recovery of Qdrant leaves behind: collections nobody addresses, and folders in the volume. */
export function quarantinedQdrant(facts: Facts): Kept[] {
  const f = facts as QdrantBase & Chosen
  const replaced = f.switches.filter(s => s.from !== undefined && f.restoring.some(r => r.fresh === s.to))
  const collections = [...new Set(replaced.map(s => s.from!))]
  const folders = f.inTheWay.length + f.blocking.length > 0 ? [quarantine(f.run)] : []
  if (collections.length + folders.length === 0) return []
  const moved = [...f.inTheWay, ...f.blocking].join(', ')
  const named = [
    ...collections.map(name => `collection ${name}`),
    ...folders.map(folder => `${folder} (${moved})`),
  ]
  const text = quarantineText(f.run, named.join(', '))
  return [{ what: { store: f.store.name, collections, folders }, text }]
}
