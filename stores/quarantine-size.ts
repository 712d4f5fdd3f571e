import type { Command, Output } from '../lib/command.ts'
import type { Store } from '../lib/target.ts'
import type { Base } from './base.ts'
import { sizeInNeo4j } from './neo4j/quarantine.ts'
import { sizeInPostgres } from './postgres/quarantine.ts'
import { sizeInQdrant } from './qdrant/quarantine.ts'
import { KIB } from './room.ts'

/** Looks at what a store keeps for an incident. Each prints KiB first, as `du -sk`, and nothing for what is gone. */
export function sizeLooks(base: Base, store: Store, what: Record<string, unknown>): Command[] {
  const f = { ...base, release: what as never }
  if (store.kind === 'qdrant') return sizeInQdrant({ ...f, store })
  return store.kind === 'neo4j' ? sizeInNeo4j({ ...f, store }) : sizeInPostgres({ ...f, store })
}

/** Bytes. */
export function readSize({ stdout }: Pick<Output, 'stdout'>): number {
  return (Number.parseInt(stdout, 10) || 0) * KIB
}
