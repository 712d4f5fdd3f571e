import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { program } from '../fakes.ts'
import { type Ended, lastLines, run } from './programs.ts'
import { median, type Row, seconds } from './table.ts'

const BUDGET = 1.5
const SCENARIO = 'scenarios/qdrant-corruption.ts'

/**
 * Start-up against an empty file, both with `npx tsx`, taken in turns so that a busy machine slows both.
 * `--plan` is measured up to its first command: a docker that refuses at once ends it there, so nothing it
 * would wait for counts.
 */
export async function startUpRows(cwd: string, pairs: number, tell: (line: string) => void): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-bench-'))
  try {
    const empty = join(dir, 'empty.mts')
    writeFileSync(empty, 'export {}\n')
    const bin = join(dir, 'bin')
    mkdirSync(bin)
    program(bin, 'docker', 'echo "refused by the bench" >&2; exit 1')
    const refusing = { PATH: `${bin}${delimiter}${process.env.PATH}` }
    const nothing = () => expecting(0, run(['npx', 'tsx', empty], { cwd }))
    const help = () => expecting(0, run(['npx', 'tsx', SCENARIO, '--help'], { cwd }))
    const plan = () => expecting(1, run(['npx', 'tsx', SCENARIO, '--plan'], { cwd, env: refusing }))
    await Promise.all([nothing(), help()]) // once for the caches of the file system and of tsx
    return [
      await row('start-up, --help', help, nothing, pairs, tell),
      await row('start-up, --plan to its first command', plan, nothing, pairs, tell),
    ]
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function row(
  what: string,
  ours: () => Promise<Ended>,
  empty: () => Promise<Ended>,
  pairs: number,
  tell: (line: string) => void,
): Promise<Row> {
  const times: { ours: number; empty: number }[] = []
  for (let i = 0; i < pairs; i++) {
    const pair = { empty: (await empty()).ms, ours: (await ours()).ms }
    times.push(pair)
    tell(`${what}: ${seconds(pair.ours)}, empty ${seconds(pair.empty)}`)
  }
  const [mine, theirs] = [median(times.map(t => t.ours)), median(times.map(t => t.empty))]
  return {
    what,
    figures: `${seconds(mine)}, an empty file ${seconds(theirs)} (median of ${pairs} pairs)`,
    value: median(times.map(t => t.ours / t.empty)),
    budget: BUDGET,
    unit: 'times',
  }
}

async function expecting(exitCode: number, running: Promise<Ended>): Promise<Ended> {
  const ended = await running
  if (ended.exitCode !== exitCode) throw new Error(`not the expected end: ${lastLines(ended)}`)
  return ended
}
