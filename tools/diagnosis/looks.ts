import { type Store, storesOf, type Target } from '../../lib/target.ts'
import type { Diagnosis, Looking, Problem } from '../../stores/diagnosis.ts'
import { neo4jStart } from '../../stores/neo4j/trouble.ts'
import { orphanedRows } from '../../stores/postgres/orphans.ts'
import { missingCollections } from '../../stores/qdrant/trouble.ts'
import { damagedObjects } from './checksum.ts'
import { deadRuns, waits } from './hang.ts'
import { roomAtStore, roomHere } from './space.ts'

/** One look for one problem. */
export interface Place {
  problem: Problem
  /** Where: a store, or what is no store. */
  at: string
  look: (looking: Looking) => Promise<Diagnosis[]>
}

/** Where each problem is looked for in this installation. */
export function placesOf(target: Target): Place[] {
  const stores = Object.values(target.stores)
  const at = <S extends Store>(
    problem: Problem,
    all: readonly S[],
    look: (l: Looking, s: S) => Promise<Diagnosis[]>,
  ) => all.map((store): Place => ({ problem, at: store.name, look: looking => look(looking, store) }))
  return [
    { problem: 'hang', at: 'runs of this tool', look: deadRuns },
    ...at('hang', stores, waits),
    ...at('checksum', stores, damagedObjects),
    ...at('space', stores, roomAtStore),
    { problem: 'space', at: 'this machine', look: roomHere },
    ...at('start', storesOf(target, 'neo4j'), neo4jStart),
    ...at('collection', storesOf(target, 'qdrant'), missingCollections),
    ...at('foreign-keys', storesOf(target, 'postgres'), orphanedRows),
  ]
}
