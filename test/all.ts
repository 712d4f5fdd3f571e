/**
 * `npm test`: the quick parts, then everything that needs engines. Nothing is skipped: without Docker it
 * fails and says what to install.
 */
import { existsSync } from 'node:fs'
import { ensureDocker, ensureEnv, ensureImages } from '../lab/setup/setup.ts'
import { discover, discoverPrograms, longestFirst } from './discover.ts'
import { codePart, programPart, say, totals } from './parts.ts'
import { quickParts } from './quick.ts'
import { runFiles } from './run.ts'
import { Tally } from './tally.ts'

/** Practice grounds of the drills: name, and the first two digits of its ports. */
const GROUNDS = ['drillground:27', 'drillground2:28', 'drillground3:29']

/** Names this run for whoever shares a ground. */
const RUN = `${process.pid}-${Date.now()}`

/** Drill files that take the most minutes, longest first. */
const LONGEST = [
  'qdrant',
  'full-disk',
  'neo4j',
  'postgres',
  'neo4j-terminal',
  'backup-failure',
  'postgres-terminal',
  'neo4j-backup',
  'backup-service',
  'refusals',
  'deletion',
  'tools',
  'second-platform',
  'diagnose',
  'integrity',
  'trial',
  'references',
  'dr-test',
  'neo4j-refusals',
  'repair',
  'postgres-refusals',
  'whole-platform',
  'terminal/killed',
  'terminal/interrupted',
  'sabotage',
]

const tally = new Tally()
const yes = process.argv.includes('--yes') || !process.stdin.isTTY || Boolean(process.env.CI)

// What needs Docker waits for its engines as often as it computes, so the parts that need none run beside it.
await Promise.all([
  codePart('quick parts', () => quickParts(tally), tally),
  codePart('Docker and images', prepare, tally),
])
await Promise.all([
  codePart('whole programs', () => runFiles(discoverPrograms(), { jobs: 2 }, tally), tally),
  codePart('contracts of the Qdrant stand-in, the alerts and the pages', contracts, tally),
  codePart('the first practice ground', firstGround, tally),
])
await codePart('drills against the engines', drills, tally)
totals(tally)

async function prepare(): Promise<void> {
  const begun = Date.now()
  await ensureDocker({ yes })
  await ensureEnv()
  const { kind } = await ensureImages()
  say(`Docker answers; images: ${kind}`)
  tally.add({ title: 'Docker and images', passed: 0, failed: 0, ms: Date.now() - begun })
}

function contracts(): Promise<void> {
  return runFiles(filesOf('test/contract'), { jobs: 1, seen: false }, tally)
}

function firstGround(): Promise<void> {
  return programPart('it is filled and backed up', own('make-first'), tally, groundOf(0))
}

/**
 * The practice ground of a process, with less data and fewer writes than an ordinary one. Three grounds of which nobody
 * wants anything would keep a quarter of a processor busy with writes and with health checks, each of which is a
 * process; and every recovery waits for the first check of each service.
 */
function groundOf(hand: number): Record<string, string> {
  return {
    DRILL_GROUND: GROUNDS[hand]!,
    DRILL_COPIES: GROUNDS[0]!.split(':')[0]!,
    DRILL_RUN: RUN,
    HEALTH_INTERVAL: '20s',
    SERVICE_HEALTH_INTERVAL: '2s',
    HEALTH_REST: '60',
    WRITE_INTERVAL_MS: '5000',
    SEED_TYPES: 'off',
    // For the clients of Docker, whose processes are over before it pays to collect their memory.
    GOGC: '400',
  }
}

/** A drill waits for its engines half of the time, so three run side by side, each on a ground of its own. */
async function drills(): Promise<void> {
  const files = longestFirst(filesOf('test/drill'), LONGEST)
  try {
    await runFiles(files, { jobs: GROUNDS.length, seen: true, oneByOne: true, env: groundOf }, tally)
  } finally {
    for (const [hand, ground] of GROUNDS.entries()) {
      await programPart(`${ground} is taken down`, own('take-down'), tally, groundOf(hand))
    }
  }
}

function own(program: string): string[] {
  return [process.execPath, '--import', 'tsx', `test/drill/${program}.ts`]
}

function filesOf(folder: string): string[] {
  const files = existsSync(folder) ? discover([folder]) : []
  if (files.length === 0) throw new Error(`${folder} has no tests: the engines were not tested`)
  return files
}
