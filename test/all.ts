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

/** Practice grounds of the drills: name, and the first two digits of its ports. */
const GROUNDS = ['drillground:27', 'drillground2:28']

const tally = new Tally()
const yes = process.argv.includes('--yes') || !process.stdin.isTTY || Boolean(process.env.CI)

await codePart('quick parts', () => quickParts(tally), tally)
await codePart('Docker and images', prepare, tally)
await codePart('contract of the Qdrant stand-in', () => engines('test/contract', 1), tally)
await codePart('drills against the engines', () => engines('test/drill', GROUNDS.length), tally)
totals(tally)

async function prepare(): Promise<void> {
  const begun = Date.now()
  await ensureDocker({ yes })
  await ensureEnv()
  const { kind } = await ensureImages()
  say(`Docker answers; images: ${kind}`)
  tally.add({ title: 'Docker and images', passed: 0, failed: 0, ms: Date.now() - begun })
}

/** A drill mostly waits for its engines, so two of them run side by side, each on a ground of its own. */
async function engines(folder: string, jobs: number): Promise<void> {
  const files = existsSync(folder) ? discover([folder]) : []
  if (files.length === 0) throw new Error(`${folder} has no tests: the engines were not tested`)
  await runFiles(files, { jobs, seen: true, env: hand => ({ DRILL_GROUND: GROUNDS[hand]! }) }, tally)
}
