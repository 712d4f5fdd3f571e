import { rmSync } from 'node:fs'
import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { run } from '../../lab/drills/program.ts'
import { recover, scenarioFor } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { resetToPristine, savePristine, volumesNamed } from '../../lab/pristine.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { makeDataset } from '../../lab/seed/dataset.ts'
import { markOf } from '../../lab/seed/mark.ts'
import { startGround, waitUntilHealthy } from '../../lab/start.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { type Recorded, readJournal } from '../../lib/journal.ts'
import { Objects } from '../../lib/objects.ts'
import type { MeasuredRecovery } from '../../tools/measured.ts'
import { fillGround } from './ground.ts'
import { type Row, seconds } from './table.ts'

/** Each store lost as a whole, then all of them at once. */
const FAULTS = ['storage-gone', 'database-dropped', 'graph-files-gone', 'volumes-lost'].map(faultNamed)

/** The lanes share the processors and the disk of one machine. */
const BESIDE_BUDGET = 1.15

const LIMIT_SECONDS = 3600

/** A ground of that scale and one backup; then each loss, recovered from the same state. Throws when one is not. */
export async function measureScenarios(
  target: LabTarget,
  scale: number,
  tell: (line: string) => void,
): Promise<MeasuredRecovery[]> {
  tell(`scenarios: filling a practice ground at scale ${scale}`)
  await fillGround(target, scale)
  const backup = await run(target, 'tools/backup-service.ts', ['--run-once'], LIMIT_SECONDS)
  if (backup.exitCode !== 0) throw new Error(`the backup failed: ${backup.stderr.slice(-500)}`)
  const sizes = await backupSizes(target)
  await savePristine(target, `${markOf(makeDataset(readCorpus(target.root), scale))} bench`)
  const seen: MeasuredRecovery[] = []
  for (const fault of FAULTS) {
    await resetToPristine(target, volumesNamed([]))
    await startGround(target)
    await waitUntilHealthy(target)
    await inject(target, fault)
    const { total, act } = await recovered(target, fault.id)
    const backupBytes = fault.stores.reduce((sum, store) => sum + (sizes.get(store) ?? 0), 0)
    seen.push({ scenario: nameOf(scenarioFor(fault)), fault: fault.title, backupBytes, seconds: total, act })
    tell(`scenarios: ${fault.id}: ${total} s, of which ${act} s from the stop to the last smoke test`)
  }
  return seen
}

function nameOf(file: string): string {
  return file.replace(/^scenarios\/|\.ts$/g, '')
}

async function recovered(target: LabTarget, id: string): Promise<{ total: number; act: number }> {
  const fault = faultNamed(id)
  const earlier = incidentNames(target)
  const { answers } = rightAnswer(fault, 'documents')
  const ended = await recover(target, answers, scenarioFor(fault), LIMIT_SECONDS)
  if (ended.exitCode !== 0) throw new Error(`${id} was not recovered: ${ended.stderr.slice(-500)}`)
  const incident = newIncident(target, earlier)
  if (!incident) throw new Error(`${id} left no incident`)
  const events = readJournal(incident)
  rmSync(incident, { recursive: true, force: true })
  const at = (event: Recorded | undefined) => Date.parse(event?.at ?? '')
  const of = (step: string) => events.filter(event => 'path' in event && event.path.startsWith(`${step}/`))
  const whole = (from: number, to: number) => Math.round((to - from) / 1000)
  return {
    total: whole(at(events[0]), at(events.at(-1))),
    act: whole(at(of('stop-services')[0]), at(of('smoke-test').at(-1))),
  }
}

/** Bytes in the bucket by store, from the manifest of the one set. */
async function backupSizes(target: LabTarget): Promise<Map<string, number>> {
  const objects = new Objects(bucketOf(target))
  const key = (await objects.list('sets/'))
    .map(each => each.key)
    .find(each => /set_\d+_\d+\.json$/.test(each))
  const { members } = JSON.parse(await objects.text(key ?? '')) as {
    members: { kind: string; size_bytes: number }[]
  }
  return new Map(members.map(({ kind, size_bytes }) => [kind, size_bytes]))
}

/** All stores side by side against the one that takes longest alone. */
export function besideRow(seen: readonly MeasuredRecovery[]): Row {
  const all = seen.find(one => one.scenario === 'complete-failure')
  const slowest = seen.filter(one => one !== all).sort((a, b) => b.act - a.act)[0]
  return {
    what: 'complete failure against its slowest store',
    figures:
      all && slowest ? `${seconds(all.act * 1000)}, ${slowest.scenario} ${seconds(slowest.act * 1000)}` : '',
    value: all && slowest ? all.act / slowest.act : undefined,
    budget: BESIDE_BUDGET,
    unit: 'times',
  }
}
