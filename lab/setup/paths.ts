import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout; everything the set-up writes lies below it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What the set-up keeps between runs: logs, the decision about images, build contexts. Not in git. */
export const KEPT = join(ROOT, '.lab')

/** Where the whole output of a long piece of work goes. */
export function logFile(name: string): string {
  mkdirSync(join(KEPT, 'logs'), { recursive: true })
  return join(KEPT, 'logs', `${name}.log`)
}
