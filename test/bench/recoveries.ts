import { scenarioFor } from '../../lab/drills/scenario.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import type { StoreKind } from '../../runbook/model.ts'
import type { MeasuredRecovery } from '../../tools/measured.ts'
import { fillGround, keep, requireWhole, rewind, sizeOnDisk } from './ground.ts'
import { measure } from './programs.ts'
import { type ByTool, recoverByScript, recoverByTool } from './recovery.ts'
import { median, type Row, seconds } from './table.ts'

/** Each store lost as a whole, then all of them at once. */
const LOSSES = ['storage-gone', 'database-dropped', 'graph-files-gone', 'volumes-lost'].map(faultNamed)

const SPEED_BUDGET = 1.1
/** The lanes share the processors and the disk of one machine. */
const BESIDE_BUDGET = 1.15
const PEAK_BUDGET_MB = 200
const GROWTH_BUDGET = 1.1

/** One loss, recovered several times from the same state. */
interface Recovered {
  fault: Fault
  tool: ByTool[]
  /** By the same commands in a shell script; none where the tool does side by side what a script cannot. */
  script: { ms: number; commands: number }[]
}

/** What one scale has shown. Peaks in MiB, of all processes of the tool. */
export interface AtScale {
  scale: number
  backupMb: number
  sizes: Map<StoreKind, { disk: number; backup: number }>
  losses: Recovered[]
}

/**
 * A ground of that scale and one backup; then every loss, recovered by the tool and, unless `alone`, by the script,
 * in turns from the same state. The first program of a pair changes from pair to pair. Throws when a recovery fails
 * or leaves a store that is not whole.
 */
export async function measureScale(
  target: LabTarget,
  scale: number,
  { rounds, alone }: { rounds: number; alone: boolean },
  tell: (line: string) => void,
): Promise<AtScale> {
  tell(`scale ${scale}: filling a practice ground`)
  await fillGround(target, scale)
  const backup = await measure('tools/backup-service.ts', ['--run-once'], { cwd: target.root })
  tell(`scale ${scale}: backup ${seconds(backup.ms)}`)
  await keep(target, scale)
  const seen: AtScale = { scale, backupMb: backup.peakMb, sizes: await sizesOf(target), losses: [] }
  for (const fault of LOSSES) {
    const recovered: Recovered = { fault, tool: [], script: [] }
    seen.losses.push(recovered)
    const sides = [
      async () => void recovered.tool.push(await recoverByTool(target, fault)),
      async () => void recovered.script.push(await recoverByScript(target, fault)),
    ]
    const compared = alone || fault.stores.length > 1 ? sides.slice(0, 1) : sides
    for (let round = 0; round < rounds; round++) {
      for (const recover of round % 2 === 0 ? compared : [...compared].reverse()) {
        await rewind(target)
        await inject(target, fault)
        await recover()
        await requireWhole(target, fault.stores, scale)
      }
      const [tool, script] = [recovered.tool.at(-1)!.act, recovered.script.at(-1)?.ms]
      const other = script === undefined ? '' : `, script ${seconds(script)}`
      tell(`scale ${scale}, ${fault.id}, round ${round + 1} of ${rounds}: tool ${seconds(tool)}${other}`)
    }
  }
  return seen
}

/** Bytes of every store on its disk and in the bucket, from the manifest of the one set. */
async function sizesOf(target: LabTarget): Promise<AtScale['sizes']> {
  const objects = new Objects(bucketOf(target))
  const key = (await objects.list('sets/'))
    .map(each => each.key)
    .find(each => /set_\d+_\d+\.json$/.test(each))
  const { members } = JSON.parse(await objects.text(key ?? '')) as {
    members: { kind: StoreKind; size_bytes: number }[]
  }
  const sizes: AtScale['sizes'] = new Map()
  for (const { kind, size_bytes } of members) {
    sizes.set(kind, { disk: await sizeOnDisk(target, kind), backup: size_bytes })
  }
  return sizes
}

/** Each restore by the tool against the raw commands, and all of them side by side against the slowest one. */
export function speedRows({ scale, losses }: AtScale): Row[] {
  const compared = losses.filter(({ script }) => script.length > 0)
  return [...compared.map(loss => speedRow(loss, scale)), besideRow(losses, scale)]
}

function speedRow({ fault, tool, script }: Recovered, scale: number): Row {
  const pairs = `${script.length} ${script.length === 1 ? 'pair' : 'pairs'}`
  const sides = `tool ${seconds(actOf(tool))}, script ${seconds(median(script.map(s => s.ms)))}`
  return {
    what: `${nameOf(fault)}, stop to smoke test, scale ${scale}`,
    figures: `${sides} (${script[0]?.commands} commands, median of ${pairs})`,
    value: median(tool.map((t, i) => t.act / script[i]!.ms)),
    budget: SPEED_BUDGET,
    unit: 'times',
  }
}

function besideRow(losses: readonly Recovered[], scale: number): Row {
  const all = losses.find(({ fault }) => fault.stores.length > 1)!
  const [slowest] = losses.filter(loss => loss !== all).sort((a, b) => actOf(b.tool) - actOf(a.tool))
  return {
    what: `${nameOf(all.fault)} against its slowest store, scale ${scale}`,
    figures: `${seconds(actOf(all.tool))}, ${nameOf(slowest!.fault)} ${seconds(actOf(slowest!.tool))}`,
    value: actOf(all.tool) / actOf(slowest!.tool),
    budget: BESIDE_BUDGET,
    unit: 'times',
  }
}

function actOf(tool: readonly ByTool[]): number {
  return median(tool.map(t => t.act))
}

/** For each program its peak. */
export function peakRows(at: AtScale): Row[] {
  return peaksOf(at).map(({ name, peakMb }) => ({
    what: `peak memory, ${name}, scale ${at.scale}`,
    figures: '',
    value: peakMb,
    budget: PEAK_BUDGET_MB,
    unit: 'MB',
  }))
}

/** How the peaks with the larger data compare with those with the smaller. */
export function growthRows(small: AtScale, large: AtScale): Row[] {
  const after = peaksOf(large)
  return peaksOf(small).map(({ name, peakMb }, i) => ({
    what: `memory grows, ${name}`,
    figures: `scale ${small.scale} ${Math.round(peakMb)} MB, scale ${large.scale} ${Math.round(after[i]!.peakMb)} MB`,
    value: after[i]!.peakMb / peakMb,
    budget: GROWTH_BUDGET,
    unit: 'times',
  }))
}

function peaksOf({ losses, backupMb }: AtScale): { name: string; peakMb: number }[] {
  const scenarios = losses.map(({ fault, tool }) => ({
    name: nameOf(fault),
    peakMb: Math.max(...tool.map(t => t.peakMb)),
  }))
  return [...scenarios, { name: 'tools/backup-service.ts', peakMb: backupMb }]
}

/** What the page shows: sizes and times of each scenario. */
export function forPage({ losses, sizes }: AtScale): MeasuredRecovery[] {
  const sum = (stores: readonly StoreKind[], of: 'disk' | 'backup') =>
    stores.reduce((bytes, store) => bytes + (sizes.get(store)?.[of] ?? 0), 0)
  const whole = (ms: number) => Math.round(ms / 1000)
  return losses.map(({ fault, tool }) => ({
    scenario: nameOf(fault),
    fault: fault.title,
    diskBytes: sum(fault.stores, 'disk'),
    backupBytes: sum(fault.stores, 'backup'),
    seconds: whole(median(tool.map(t => t.total))),
    act: whole(actOf(tool)),
  }))
}

function nameOf(fault: Fault): string {
  return scenarioFor(fault).replace(/^scenarios\/|\.ts$/g, '')
}
