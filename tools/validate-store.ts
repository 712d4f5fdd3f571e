import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stamp } from '../lib/format.ts'
import { EXIT, type ExitCode } from '../lib/problem.ts'
import { style } from '../lib/style.ts'
import type { Target } from '../lib/target.ts'
import { perform } from '../runbook/perform.ts'
import { stepsFor } from '../steps/by-kind.ts'

/** Looks at every store of a kind and checks it; exit code 2 when something is wrong. */
export async function validateStore(target: Target, kind: string): Promise<ExitCode> {
  let wrong = 0
  for (const store of Object.values(target.stores)) {
    if ((kind !== 'all' && store.kind !== kind) || store.kind !== 'qdrant') continue
    const steps = stepsFor(store.kind)
    const id = stamp(new Date())
    const folder = `.validate/${id}`
    mkdirSync(join(target.root, folder), { recursive: true })
    try {
      const facts = await perform(steps.assess, { target, store, run: { id, folder } })
      for (const finding of facts.findings) process.stdout.write(`${style.bad('✖')} ${finding.sentence}\n`)
      wrong += facts.findings.length
      if (facts.up) await perform(steps.integrity, facts)
    } finally {
      rmSync(join(target.root, folder), { recursive: true, force: true })
    }
  }
  return wrong === 0 ? EXIT.recovered : EXIT.checkFailed
}
