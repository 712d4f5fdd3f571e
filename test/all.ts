/**
 * `npm test`: the quick parts, then everything that needs engines. Nothing is skipped: without Docker it
 * fails and says what to install.
 */
import { existsSync } from 'node:fs'
import { ensureDocker, ensureEnv, ensureImages } from '../lab/setup/setup.ts'
import { discover } from './discover.ts'
import { codePart, say, totals } from './parts.ts'
import { quickParts } from './quick.ts'
import { runFiles } from './run.ts'
import { Tally } from './tally.ts'

const tally = new Tally()
const yes = process.argv.includes('--yes') || !process.stdin.isTTY || Boolean(process.env.CI)

await codePart('quick parts', () => quickParts(tally), tally)
await codePart('Docker and images', prepare, tally)
await codePart('contract of the Qdrant stand-in', () => engines('test/contract'), tally)
await codePart('drills against the engines', () => engines('test/drill'), tally)
totals(tally)

async function prepare(): Promise<void> {
  const begun = Date.now()
  await ensureDocker({ yes })
  await ensureEnv()
  const { kind } = await ensureImages()
  say(`Docker answers; images: ${kind}`)
  tally.add({ title: 'Docker and images', passed: 0, failed: 0, ms: Date.now() - begun })
}

/** One file after the other: they share the machine's memory and each wants it whole. */
async function engines(folder: string): Promise<void> {
  const files = existsSync(folder) ? discover([folder]) : []
  if (files.length === 0) throw new Error(`${folder} has no tests: the engines were not tested`)
  await runFiles(files, { jobs: 1 }, tally)
}
