import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stamp } from '../lib/format.ts'
import { EXIT, type ExitCode } from '../lib/problem.ts'
import { style } from '../lib/style.ts'
import type { Store, Target } from '../lib/target.ts'
import { perform } from '../runbook/perform.ts'
import { stepsFor } from '../steps/by-kind.ts'
import type { Finding } from '../stores/base.ts'

/** Looks at stores and checks them; exit code 2 when something is wrong. */
export async function validateStores(target: Target, stores: readonly Store[]): Promise<ExitCode> {
  let wrong = 0
  for (const store of stores) {
    const steps = stepsFor(store.kind)
    const id = stamp(new Date())
    const folder = `.validate/${target.runtime.project}-${id}`
    mkdirSync(join(target.root, folder), { recursive: true })
    try {
      const facts = await perform(steps.assess, { target, store, run: { id, folder } })
      const findings = facts.findings as Finding[]
      for (const { sentence } of findings) process.stdout.write(`${style.bad('✖')} ${sentence}\n`)
      wrong += findings.length
      if (facts.up) await perform(steps.integrity, facts)
    } finally {
      rmSync(join(target.root, folder), { recursive: true, force: true })
    }
  }
  return wrong === 0 ? EXIT.recovered : EXIT.checkFailed
}
