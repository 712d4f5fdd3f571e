import type { Facts, Kept } from '../../runbook/model.ts'
import { quarantineText } from '../base.ts'
import { type Chosen, type QdrantBase, quarantine } from './facts.ts'

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
