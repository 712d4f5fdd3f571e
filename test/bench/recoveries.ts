import type { LabTarget } from '../../lab/target.ts'
import { count } from '../../lib/format.ts'
import { damage, fillGround, rewind } from './ground.ts'
import { measure } from './programs.ts'
import { type ByTool, recoverByScript, recoverByTool } from './recovery.ts'
import { median, type Row, seconds } from './table.ts'

const SPEED_BUDGET = 1.1
const PEAK_BUDGET_MB = 200
const GROWTH_BUDGET = 1.1

/** What one scale has shown. Peaks in MiB, of all processes of the tool. */
export interface AtScale {
  scale: number
  points: number
  backupMb: number
  inspectMb: number
  tool: ByTool[]
  script: { ms: number; commands: number }[]
}

/**
 * A ground of that scale, a backup, damage; then recoveries by the tool and, unless `alone`, by the script, in
 * turns from the same state. The first program of a pair changes from pair to pair.
 */
export async function measureScale(
  target: LabTarget,
  scale: number,
  { rounds, alone }: { rounds: number; alone: boolean },
  tell: (line: string) => void,
): Promise<AtScale> {
  tell(`scale ${scale}: filling a practice ground`)
  await fillGround(target, scale)
  const cwd = target.root
  const backup = await measure('tools/backup-service.ts', ['--run-once'], { cwd })
  const inspect = await measure('tools/points.ts', ['inspect', 'qdrant', 'documents'], { cwd })
  const { points } = JSON.parse(inspect.stdout) as { points: number }
  tell(
    `scale ${scale}: ${count(points)} points, backup ${seconds(backup.ms)}, inspect ${seconds(inspect.ms)}`,
  )
  await damage(target, scale)
  const { peakMb: backupMb } = backup
  const seen: AtScale = { scale, points, backupMb, inspectMb: inspect.peakMb, tool: [], script: [] }
  const sides = [
    async () => void seen.tool.push(await recoverByTool(target)),
    async () => void seen.script.push(await recoverByScript(target)),
  ]
  for (let round = 0; round < rounds; round++) {
    const order = alone ? sides.slice(0, 1) : round % 2 === 0 ? sides : [...sides].reverse()
    for (const recover of order) {
      await rewind(target)
      await recover()
    }
    const [tool, script] = [seen.tool.at(-1)!.ms, seen.script.at(-1)?.ms]
    const other = script === undefined ? '' : `, script ${seconds(script)}`
    tell(`scale ${scale}, round ${round + 1} of ${rounds}: tool ${seconds(tool)}${other}`)
  }
  return seen
}

/** The recovery by the tool against the raw commands. */
export function speedRow({ scale, tool, script }: AtScale): Row {
  const commands = script[0]?.commands ?? 0
  const sides = `tool ${seconds(median(tool.map(t => t.ms)))}, script ${seconds(median(script.map(s => s.ms)))}`
  return {
    what: `recovery, stop to smoke test, scale ${scale}`,
    figures: `${sides} (${commands} commands, median of ${script.length} ${script.length === 1 ? 'pair' : 'pairs'})`,
    value: median(tool.map((t, i) => t.ms / script[i]!.ms)),
    budget: SPEED_BUDGET,
    unit: 'times',
  }
}

/** For each program its peak with the larger data, and how that compares with the smaller. */
export function memoryRows(small: AtScale, large: AtScale): Row[] {
  const programs: [string, (at: AtScale) => number][] = [
    ['the scenario', at => Math.max(...at.tool.map(t => t.peakMb))],
    ['tools/points.ts inspect', at => at.inspectMb],
    ['tools/backup-service.ts', at => at.backupMb],
  ]
  return programs.flatMap(([name, peak]): Row[] => {
    const [before, after] = [peak(small), peak(large)]
    const sides = `scale ${small.scale} ${Math.round(before)} MB, scale ${large.scale} ${Math.round(after)} MB`
    return [
      {
        what: `peak memory, ${name}`,
        figures: `with ${count(large.points)} points`,
        value: after,
        budget: PEAK_BUDGET_MB,
        unit: 'MB',
      },
      {
        what: `  growth, ${name}`,
        figures: sides,
        value: after / before,
        budget: GROWTH_BUDGET,
        unit: 'times',
      },
    ]
  })
}
