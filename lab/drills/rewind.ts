import type { StoreKind } from '../../runbook/model.ts'
import { copyVolumes, newVolume } from '../copy-volumes.ts'
import { compose, containerOf, docker, LABEL, requirePracticeGround, states } from '../ground.ts'
import { type LabTarget, volumeName } from '../target.ts'

/** What can be kept: the stores, and the bucket with their backups. */
export type Kept = StoreKind | 'minio'

/** The volumes of each; the others go on while one is brought back. */
const VOLUMES: Record<Kept, readonly string[]> = {
  qdrant: ['qdrant_storage', 'qdrant_snapshots'],
  neo4j: ['neo4j_data'],
  postgres: ['postgres_data'],
  minio: ['minio_data'],
}

/** Seconds: long enough for a checkpoint, as a store that is killed leaves another state than the one to be kept. */
const CHECKPOINT = '300'

/** Says what somebody wrote on a kept copy. */
const NOTE_LABEL = 'ai-platform.kept-note'

/** Keeps stores as they are now, of one moment, so that many drills in a row can begin from here. */
export async function keepStores(target: LabTarget, stores: readonly Kept[], note = ''): Promise<void> {
  const copies = volumesOf(stores).map(volume => ({
    from: volumeName(target, volume),
    to: keptName(target.project, volume),
  }))
  await whileStopped(target, stores, CHECKPOINT, async () => {
    for (const { to } of copies) await newVolume(target, to, { [LABEL]: 'true', [NOTE_LABEL]: note })
    await copyVolumes(target, copies)
  })
}

/** What was noted when the store was kept, of this ground or of another project; undefined when it never was. */
export async function keptNote(
  target: LabTarget,
  store: Kept,
  project = target.project,
): Promise<string | undefined> {
  const format = ['--format', `{{index .Labels "${NOTE_LABEL}"}}`]
  const [volume = ''] = VOLUMES[store]
  return docker(target, ['volume', 'inspect', ...format, keptName(project, volume)]).catch(() => undefined)
}

/**
 * Brings stores back to what was kept; what others wrote since may have no partner in them then. They are killed: what
 * they would still write is thrown away.
 */
export async function rewindStores(target: LabTarget, stores: readonly Kept[]): Promise<void> {
  await requirePracticeGround(target)
  const copies = volumesOf(stores).map(volume => ({
    from: keptName(target.project, volume),
    to: volumeName(target, volume),
  }))
  await whileStopped(target, stores, '0', () => copyVolumes(target, copies))
}

/** Makes the stores those that another practice ground has kept, for this one to go on from and to come back to. */
export async function takeOverKept(target: LabTarget, stores: readonly Kept[], from: string): Promise<void> {
  const copies = volumesOf(stores).flatMap(volume =>
    [volumeName(target, volume), keptName(target.project, volume)].map(to => ({
      from: keptName(from, volume),
      to,
    })),
  )
  await whileStopped(target, stores, '0', async () => {
    for (const volume of volumesOf(stores))
      await newVolume(target, keptName(target.project, volume), { [LABEL]: 'true' })
    await copyVolumes(target, copies)
  })
}

function volumesOf(stores: readonly Kept[]): string[] {
  return stores.flatMap(store => VOLUMES[store])
}

function keptName(project: string, volume: string): string {
  return `${project}_${volume}_kept`
}

/** Docker does it in a tenth of the time that Compose takes, so Compose only makes what is missing. */
async function whileStopped(
  target: LabTarget,
  stores: readonly Kept[],
  grace: string,
  work: () => Promise<void>,
): Promise<void> {
  if (stores.length === 0) return
  const there = (await states(target)).map(({ service }) => service)
  const missing = stores.filter(store => !there.includes(store))
  if (missing.length > 0) await compose(target, 'up', '--no-start', '--pull', 'never', ...missing)
  const containers = stores.map(store => containerOf(target, store))
  await docker(target, ['stop', '-t', grace, ...containers])
  try {
    await work()
  } finally {
    await docker(target, ['start', ...containers])
  }
}
