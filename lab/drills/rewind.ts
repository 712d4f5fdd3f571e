import type { StoreKind } from '../../runbook/model.ts'
import { compose, docker, LABEL, requirePracticeGround, states } from '../ground.ts'
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

/** Long enough for a checkpoint: a store that is killed leaves another state than the one to be kept. */
const GRACE = '300'

/** Says what somebody wrote on a kept copy. */
const NOTE_LABEL = 'ai-platform.kept-note'

/** Keeps a store as it is now, so that many drills in a row can begin from here; ready in seconds. */
export async function keepStore(target: LabTarget, store: Kept, note = ''): Promise<void> {
  await whileStopped(target, store, async () => {
    for (const volume of VOLUMES[store]) {
      const copy = keptName(target, volume)
      await docker(target, ['volume', 'rm', '--force', copy])
      const labels = ['--label', `${LABEL}=true`, '--label', `${NOTE_LABEL}=${note}`]
      await docker(target, ['volume', 'create', ...labels, copy])
      await copyVolume(target, volumeName(target, volume), copy)
    }
  })
}

/** What was noted when the store was kept; undefined when it never was. */
export async function keptNote(target: LabTarget, store: Kept): Promise<string | undefined> {
  const format = ['--format', `{{index .Labels "${NOTE_LABEL}"}}`]
  const [volume = ''] = VOLUMES[store]
  return docker(target, ['volume', 'inspect', ...format, keptName(target, volume)]).catch(() => undefined)
}

/** Brings a store back to what was kept; what others wrote since may have no partner in it then. */
export async function rewindStore(target: LabTarget, store: Kept): Promise<void> {
  await requirePracticeGround(target)
  await whileStopped(target, store, async () => {
    for (const volume of VOLUMES[store]) {
      await copyVolume(target, keptName(target, volume), volumeName(target, volume))
    }
  })
}

function keptName(target: LabTarget, volume: string): string {
  return `${target.project}_${volume}_kept`
}

async function whileStopped(target: LabTarget, store: Kept, work: () => Promise<void>): Promise<void> {
  await compose(target, 'stop', '-t', GRACE, store)
  try {
    await work()
  } finally {
    await compose(target, 'start', store)
  }
}

async function copyVolume(target: LabTarget, from: string, to: string): Promise<void> {
  const image = (await states(target)).find(each => each.service === 'qdrant')?.image ?? ''
  const script = 'find /to -mindepth 1 -delete && cp -a --sparse=always /from/. /to/'
  const mounts = ['-v', `${from}:/from:ro`, '-v', `${to}:/to`]
  const shell = ['--user', '0', '--network', 'none', '--entrypoint', 'bash']
  await docker(target, ['run', '--rm', ...shell, ...mounts, image, '-c', script])
}
