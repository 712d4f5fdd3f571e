import { compose, docker, LABEL, requirePracticeGround, states } from '../ground.ts'
import { type LabTarget, volumeName } from '../target.ts'

/** Volumes of Qdrant; the other stores go on while they are brought back. */
const VOLUMES = ['qdrant_storage', 'qdrant_snapshots']

/** Keeps Qdrant as it is now, so that many drills in a row can begin from here; ready in seconds. */
export async function keepQdrant(target: LabTarget): Promise<void> {
  await whileStopped(target, async () => {
    for (const volume of VOLUMES) {
      const copy = keptName(target, volume)
      await docker(target, ['volume', 'rm', '--force', copy])
      await docker(target, ['volume', 'create', '--label', `${LABEL}=true`, copy])
      await copyVolume(target, volumeName(target, volume), copy)
    }
  })
}

/** Brings Qdrant back to what was kept; rows that were written since have no point then. */
export async function rewindQdrant(target: LabTarget): Promise<void> {
  await requirePracticeGround(target)
  await whileStopped(target, async () => {
    for (const volume of VOLUMES) {
      await copyVolume(target, keptName(target, volume), volumeName(target, volume))
    }
  })
}

/** Removes what was kept. */
export async function forgetQdrant(target: LabTarget): Promise<void> {
  for (const volume of VOLUMES) await docker(target, ['volume', 'rm', '--force', keptName(target, volume)])
}

function keptName(target: LabTarget, volume: string): string {
  return `${target.project}_${volume}_kept`
}

async function whileStopped(target: LabTarget, work: () => Promise<void>): Promise<void> {
  await compose(target, 'stop', '-t', '60', 'qdrant')
  try {
    await work()
  } finally {
    await compose(target, 'start', 'qdrant')
  }
}

async function copyVolume(target: LabTarget, from: string, to: string): Promise<void> {
  const image = (await states(target)).find(each => each.service === 'qdrant')?.image ?? ''
  const script = 'find /to -mindepth 1 -delete && cp -a --sparse=always /from/. /to/'
  const mounts = ['-v', `${from}:/from:ro`, '-v', `${to}:/to`]
  const shell = ['--user', '0', '--network', 'none', '--entrypoint', 'bash']
  await docker(target, ['run', '--rm', ...shell, ...mounts, image, '-c', script])
}
