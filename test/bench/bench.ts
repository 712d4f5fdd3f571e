/**
 * `npm run bench`: ratios, measured side by side in one run, against their budgets. Nothing here is a test: a
 * slow machine makes both sides slow.
 */
import { cpus, loadavg, totalmem } from 'node:os'
import { ensureDocker, ensureEnv, ensureImages } from '../../lab/setup/setup.ts'
import type { LabTarget } from '../../lab/target.ts'
import { bytes, clock } from '../../lib/format.ts'
import { EXIT, type ExitCode, messageOf } from '../../lib/problem.ts'
import { program } from '../../runbook/perform.ts'
import { VERSION } from '../../runbook/version.ts'
import { record as keepForPage } from '../../tools/measured.ts'
import { catalogueRows } from './catalogue.ts'
import { benchGround, takeDown } from './ground.ts'
import { type BenchOptions, HELP, readOptions } from './options.ts'
import { run } from './programs.ts'
import { type AtScale, forPage, growthRows, measureScale, peakRows, speedRows } from './recoveries.ts'
import { referenceRows } from './references.ts'
import { startUpRows } from './start-up.ts'
import { type Row, tableText, verdictOf } from './table.ts'

const START_UP_PAIRS = 7
const began = Date.now()

const NOTES = `The script is what --plan --shell prints, from the stop to the last smoke test: the same commands and checks, each
in a process of its own, polling as often as the plan does. The tool also looks at the world after every change
and writes its journal; that is in its time. A recovery counts only if the store is whole afterwards, as reads
outside of the tool see it. Peaks are the proportional memory of the tool's own processes
together, the idle one above a recovery included, sampled every 50 ms; foreign programs are not counted.
--plan is measured to the first command that it runs. Ratios are medians of pairs taken in turns.`

await program(async () => {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(`${HELP}\n`)
    return EXIT.recovered
  }
  const yes = !process.stdin.isTTY || Boolean(process.env.CI)
  if (options.only !== 'startup') {
    await ensureDocker({ yes })
    await ensureEnv()
    await ensureImages()
  }
  const target = benchGround()
  const rows = await measureAll(target, options)
  process.stdout.write(`\n${await header(target, options)}\n\n${tableText(rows)}\n\n${NOTES}\n`)
  return conclude(rows)
})

async function measureAll(target: LabTarget, options: BenchOptions): Promise<Row[]> {
  const { only } = options
  const rows: Row[] = []
  if (only !== 'startup' && only !== 'references') rows.push(...(await recoveries(target, options)))
  if (!only || only === 'references')
    rows.push(...(await attempt('references', () => referenceRows(target, tell))))
  if (!only || only === 'startup') {
    rows.push(...(await attempt('start-up', () => startUpRows(target.root, START_UP_PAIRS, tell))))
    rows.push(...(await attempt('catalogue', () => catalogueRows(target.root, START_UP_PAIRS, tell))))
  }
  return rows
}

async function recoveries(target: LabTarget, options: BenchOptions): Promise<Row[]> {
  const { scale, large, only, record, keep } = options
  try {
    return await attempt(`recoveries, scale ${scale}`, async () => {
      const how = { rounds: roundsOf(options), alone: isAlone(options) }
      const at = await measureScale(target, scale, how, tell)
      if (record) recordForPage(target, at)
      const rows = only === 'memory' ? peakRows(at) : [...speedRows(at), ...peakRows(at)]
      if (only === 'recovery' || only === 'lanes') return rows
      const big = await measureScale(target, large, { rounds: 1, alone: true }, tell)
      return [...rows, ...peakRows(big), ...growthRows(at, big)]
    })
  } finally {
    if (keep) tell(`the practice ground ${target.project} is left as it is (--keep)`)
    else await takeDown(target)
  }
}

/** Without the script to compare with. */
function isAlone({ only }: BenchOptions): boolean {
  return only === 'memory' || only === 'lanes'
}

function roundsOf(options: BenchOptions): number {
  return isAlone(options) ? 1 : options.rounds
}

function recordForPage({ root }: LabTarget, at: AtScale): void {
  const date = new Date().toISOString().slice(0, 10)
  const file = keepForPage(root, { date, machine: machine(), version: VERSION, recoveries: forPage(at) })
  tell(`written to ${file}; npm run docs takes it into RUNBOOK.md`)
}

/** Without names: the figures hold for the class of the machine. */
function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'processor'}, ${bytes(totalmem())} memory`
}

/** A part that fails gives a row that says so; the parts after it are still measured. */
async function attempt(what: string, measure: () => Promise<Row[]>): Promise<Row[]> {
  try {
    return await measure()
  } catch (error) {
    tell(`could not be measured: ${what}: ${messageOf(error)}`)
    const figures = messageOf(error).split('\n')[0]!
    return [{ what, figures, value: undefined, budget: Number.NaN, unit: 'times' }]
  }
}

async function header({ root, env }: LabTarget, options: BenchOptions): Promise<string> {
  const { scale, large } = options
  const rounds = roundsOf(options)
  const docker = await run(['docker', 'version', '--format', '{{.Server.Version}}'], { cwd: root })
  const images = ['QDRANT_IMAGE', 'NEO4J_IMAGE', 'POSTGRES_IMAGE', 'MINIO_IMAGE']
  return [
    `disaster-recovery-runbook ${VERSION} · Node ${process.version} · Docker ${docker.stdout.trim() || '(none)'}`,
    `${machine()} · load ${loadavg()[0]!.toFixed(1)}`,
    `images ${images.map(name => env[name] ?? 'upstream').join(', ')}`,
    `scale ${scale} (${rounds} ${rounds === 1 ? 'round' : 'rounds'}) and ${large}`,
  ].join('\n')
}

function conclude(rows: readonly Row[]): ExitCode {
  const count = (verdict: string) => rows.filter(row => verdictOf(row) === verdict)
  const missed = count('MISSED').map(row => row.what.trim())
  const unmeasured = count('NOT MEASURED').map(row => row.what.trim())
  if (missed.length > 0) process.stdout.write(`Missed: ${missed.join('; ')}\n`)
  if (unmeasured.length > 0) process.stdout.write(`Not measured: ${unmeasured.join('; ')}\n`)
  return unmeasured.length > 0 ? EXIT.commandFailed : EXIT.recovered
}

/** Progress goes to stderr; what looks at the target for the script tells its own, on stdout. */
function tell(line: string): void {
  process.stderr.write(`${clock(Date.now() - began)}  ${line}\n`)
}
