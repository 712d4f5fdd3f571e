import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { noMoreThan } from '../lib/arguments.ts'
import { mask } from '../lib/secret.ts'
import type { Target } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { EVIDENCE_FILE, evidenceIn } from '../stores/evidence.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { proofs } from './trends/evidence-age.ts'
import { trendsPage } from './trends/page.ts'
import { drillsIn, forgottenDrills, practised, type Run, runsIn, testRun } from './trends/runs.ts'

const HELP = `Draws what recoveries have taken so far, and how old the proof is that each store can be brought back.

  npm run report

Reads the journals of all incidents and drills, drills.jsonl and ${EVIDENCE_FILE}; writes incidents/trends.html, one page
without script or network, with the figures of each chart in a table.`

/** The history of drills, beside the configuration. */
const DRILLS = 'drills.jsonl'

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  noMoreThan(0, positionals, 'npm run report -- --help')
  const target = targetFrom(values)
  const runs = runsOf(target)
  const proven = proofs(runs, Object.values(target.stores))
  const text = trendsPage(target.platform, runs, proven, Date.now())
  mkdirSync(target.incidents, { recursive: true })
  const file = join(target.incidents, 'trends.html')
  writeFileSync(file, mask(text))
  process.stdout.write(`${relative(process.cwd(), file)}\n`)
  return undefined
})

function runsOf({ root, incidents }: Target): Run[] {
  const names = existsSync(incidents) ? readdirSync(incidents) : []
  const folders = names
    .map(name => join(incidents, name))
    .filter(folder => existsSync(join(folder, 'journal.jsonl')))
  const drills = drillsIn(textOf(root, DRILLS))
  const runs = runsIn(folders, SCENARIOS, practised(drills))
  const tests = evidenceIn(textOf(root, EVIDENCE_FILE)).flatMap(testRun)
  return [...runs, ...forgottenDrills(drills, runs), ...tests]
}

function textOf(root: string, name: string): string {
  const file = join(root, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
