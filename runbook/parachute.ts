import { chmodSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../lib/problem.ts'
import type { Facts, Node } from './model.ts'
import type { Past } from './plan.ts'
import { shellText } from './shell.ts'

/** Beside the journal: what is left of the recovery, for a person who goes on without this program. */
export const PARACHUTE = 'recover-by-hand.sh'

/**
 * Keeps the plan as a script in the incident folder, for the case that Node dies, or the machine loses it: written
 * when the incident opens, with everything filled in when the plan is made, and again after each change, so that it
 * always holds what is still to be done. It never holds a recovery up: what cannot be written is told once.
 */
export class Parachute {
  readonly #folder: string
  readonly #nodes: readonly Node[]
  readonly #past: Past
  readonly #tell: (text: string) => void
  #facts: Facts = {}
  #told = false

  constructor(folder: string, nodes: readonly Node[], past: Past, tell: (text: string) => void) {
    this.#folder = folder
    this.#nodes = nodes
    this.#past = past
    this.#tell = tell
  }

  /** More is known now. */
  pack(facts: Facts): void {
    this.#facts = facts
    this.repack()
  }

  /** Something was done, or taken back. */
  repack(): void {
    try {
      const file = join(this.#folder, PARACHUTE)
      // Written whole under another name first: who needs it must never find half of it.
      writeFileSync(`${file}.new`, shellText(this.#nodes, this.#facts, this.#past), { mode: 0o700 })
      chmodSync(`${file}.new`, 0o700)
      renameSync(`${file}.new`, file)
    } catch (error) {
      if (!this.#told)
        this.#tell(`the script for a recovery by hand could not be written: ${messageOf(error)}`)
      this.#told = true
    }
  }
}
