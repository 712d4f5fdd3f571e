import type { Fault } from '../faults/fault.ts'
import { DOCUMENTS, PACKAGES } from '../platform/qdrant.ts'

/** What the right recovery from a fault restores, and what it leaves alone so that no write is lost. */
export interface RightAnswer {
  /** Names as the platform uses them. */
  restored: readonly string[]
  /** Arguments of the scenario besides the phrase: what a person would answer. */
  answers: readonly string[]
}

const NOTHING_LOST = ['index-lost', 'alias-wrong']
const EVERYTHING_LOST = ['storage-gone']

/** The drill's own script: which backup, and which collections must come back from it. */
export function rightAnswer(fault: Pick<Fault, 'id'>, collection: string): RightAnswer {
  const answers = ['--set', 'backup=latest']
  if (NOTHING_LOST.includes(fault.id)) return { restored: [], answers }
  if (EVERYTHING_LOST.includes(fault.id)) return { restored: [DOCUMENTS, PACKAGES], answers }
  return { restored: [collection], answers }
}
