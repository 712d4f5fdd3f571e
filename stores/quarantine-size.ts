import type { Command, Output } from '../lib/command.ts'
import type { Store } from '../lib/target.ts'
import type { Base } from './base.ts'
import { sizeInNeo4j } from './neo4j/quarantine.ts'
import { sizeInPostgres } from './postgres/quarantine.ts'
import { sizeInQdrant } from './qdrant/quarantine.ts'
import { KIB } from './room.ts'
import type { SizeLook } from './size-look.ts'

/** Bytes that a store keeps for an incident; what is gone takes nothing. Throws what `ask` throws. */
export async function quarantineSize(
  base: Base,
  store: Store,
  what: Record<string, unknown>,
  ask: (look: Command) => Promise<Pick<Output, 'stdout'>>,
): Promise<number> {
  let kib = 0
  for (const { there, size } of looks(base, store, what)) {
    if (there && (await ask(there)).stdout.trim() === '') continue
    kib += Number.parseInt((await ask(size)).stdout, 10) || 0
  }
  return kib * KIB
}

function looks(base: Base, store: Store, what: Record<string, unknown>): SizeLook[] {
  const f = { ...base, release: what as never }
  if (store.kind === 'postgres') return sizeInPostgres({ ...f, store })
  const commands = store.kind === 'qdrant' ? sizeInQdrant({ ...f, store }) : sizeInNeo4j({ ...f, store })
  return commands.map(size => ({ size }))
}
