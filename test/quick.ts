import { existsSync } from 'node:fs'
import { discover, longestFirst } from './discover.ts'
import { programPart } from './parts.ts'
import { runFiles } from './run.ts'
import type { Tally } from './tally.ts'

const PAGE = 'tools/docs.ts'

/** What is known of the types since the last time: half the time of tsc. */
const TYPES = 'node_modules/.cache/types.json'

/** Unit tests that take seconds: they wait for limits, or start many programs. */
const LONGEST = ['lib/exec', 'runbook/execute', 'page', 'lab/bundle-backup-service']

/** The programs of the packages, without the start-up time of npx. */
const bin = (name: string) => `node_modules/.bin/${name}`

/**
 * All that needs no Docker, side by side: types, lint, the page, and the unit tests in three processes, as
 * they mostly wait for programs.
 */
export async function quickParts(tally: Tally): Promise<void> {
  await Promise.all([
    programPart('types (tsc)', [bin('tsc'), '--noEmit', '--incremental', '--tsBuildInfoFile', TYPES], tally),
    programPart('lint and format (biome)', [bin('biome'), 'check'], tally),
    existsSync(PAGE)
      ? programPart('RUNBOOK.md and the schema are fresh', [bin('tsx'), PAGE, '--check'], tally)
      : Promise.resolve(),
    runFiles(longestFirst(discover([]), LONGEST), { jobs: 3 }, tally),
  ])
}
