import { Pause } from './activity.ts'
import type { Execution } from './execute.ts'
import type { AnyStep, Facts, Node } from './model.ts'
import { pathOf } from './tree.ts'

/** Thrown instead of beginning an activity: here the list has to start. */
export class Busy extends Error {}

export interface Skimmed {
  facts: Facts
  /** Index of the root node to go on with. */
  next: number
  pause: Pause | undefined
  /** Steps that ended without any activity, because they only asked and concluded. */
  ended: AnyStep[]
}

/**
 * Walks on as long as nothing has to be run: answered questions, conclusions, what the journal knows.
 * `execution` must refuse every activity with Busy. So a list is drawn only where there is work, and a
 * question is asked with nothing running.
 */
export async function skim(
  execution: Execution,
  nodes: readonly Node[],
  from: number,
  facts: Facts,
): Promise<Skimmed> {
  const skimmed: Skimmed = { facts, next: from, pause: undefined, ended: [] }
  for (const [index, node] of nodes.entries()) {
    if (index < from) continue
    try {
      const learned = await execution.node(node, skimmed.facts, pathOf('', node, index))
      skimmed.facts = { ...skimmed.facts, ...learned }
      skimmed.next = index + 1
      if (node.kind === 'step') skimmed.ended.push(node.step)
    } catch (error) {
      if (error instanceof Busy) return skimmed
      if (!(error instanceof Pause)) throw error
      return { ...skimmed, pause: error }
    }
  }
  return skimmed
}
