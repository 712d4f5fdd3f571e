import type { StoreKind } from '../../runbook/model.ts'
import type { Fault } from '../faults/fault.ts'
import { DOCUMENTS, PACKAGES } from '../platform/qdrant.ts'

/** What the right recovery from a fault restores, and what it leaves alone so that no write is lost. */
export interface RightAnswer {
  /** Stores of which something comes from the backup. */
  stores: readonly StoreKind[]
  /** Collections, by the names the platform uses. */
  restored: readonly string[]
  /** Arguments of the scenario besides the phrase: what a person would answer. */
  answers: readonly string[]
}

const NOTHING_LOST = ['index-lost', 'alias-wrong']

/** The drill's own script: which backup, and what must come back from it. */
export function rightAnswer(
  fault: Pick<Fault, 'id' | 'stores' | 'scenario'>,
  collection: string,
): RightAnswer {
  // What is missing is brought back into what is there: nothing is replaced, and no write is lost.
  if (fault.scenario === 'accidental-deletion')
    return { stores: [], restored: [], answers: ['--set', 'set=best', '--set', 'rows=all'] }
  const answers = ['--set', fault.stores.length > 1 ? 'set=latest' : 'backup=latest']
  if (NOTHING_LOST.includes(fault.id)) return { stores: [], restored: [], answers }
  return { stores: fault.stores, restored: collectionsOf(fault, collection), answers }
}

function collectionsOf(fault: Pick<Fault, 'id' | 'stores'>, collection: string): string[] {
  if (!fault.stores.includes('qdrant')) return []
  return fault.id === 'storage-gone' || fault.stores.length > 1 ? [DOCUMENTS, PACKAGES] : [collection]
}
