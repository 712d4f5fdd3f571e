import { badInput } from '../lib/problem.ts'
import { compose, docker, LABEL, requirePracticeGround, states } from './ground.ts'
import { type LabTarget, VOLUMES, volumeName } from './target.ts'

type Volume = (typeof VOLUMES)[number]

/** The volume's copy; it belongs to no compose project, so that no `down --volumes` takes it. */
function copyName(project: string, volume: string): string {
  return `${project}_${volume}_pristine`
}

/** The volumes named, or all; throws a Problem for a name that is none. */
export function volumesNamed(names: readonly string[]): Volume[] {
  if (names.length === 0) return [...VOLUMES]
  return names.map(name => {
    const volume = VOLUMES.find(each => each === name)
    if (volume) return volume
    throw badInput(`there is no volume "${name}"`, `one of ${VOLUMES.join(', ')}`)
  })
}

/** Copies every volume as it is now, with the stores stopped cleanly, over the copies that were there. */
export async function savePristine(target: LabTarget): Promise<void> {
  await requirePracticeGround(target)
  await whileStopped(target, VOLUMES, async () => {
    await onAll(VOLUMES, async volume => {
      const copy = copyName(target.project, volume)
      await docker(target, ['volume', 'create', '--label', `${LABEL}=true`, copy])
      await copyVolume(target, volumeName(target, volume), copy)
    })
  })
}

/**
 * Brings volumes back from their copies. `from` is the project that saved them: another one's copies make a
 * second practice ground without a seed of its own.
 */
export async function resetToPristine(
  target: LabTarget,
  volumes: readonly Volume[],
  from = target.project,
): Promise<void> {
  for (const volume of volumes) await requireLabel(target, copyName(from, volume))
  // Makes what is missing of this ground, containers and volumes, with compose's own labels.
  await compose(target, 'up', '--no-start', '--no-recreate', '--pull', 'never')
  await requirePracticeGround(target)
  await whileStopped(target, volumes, async () => {
    await onAll(volumes, volume => copyVolume(target, copyName(from, volume), volumeName(target, volume)))
  })
}

/** True when every volume has a copy. */
export async function hasPristine(target: LabTarget, project = target.project): Promise<boolean> {
  const names = (await docker(target, ['volume', 'ls', '-q', '--filter', `label=${LABEL}`])).split('\n')
  return VOLUMES.every(volume => names.includes(copyName(project, volume)))
}

/** Stops what uses the volumes (everything, when all are asked for) and starts again what ran before. */
async function whileStopped(target: LabTarget, volumes: readonly Volume[], work: () => Promise<void>) {
  const all = volumes.length === VOLUMES.length
  const stores = [...new Set(volumes.map(volume => volume.slice(0, volume.indexOf('_'))))]
  const running = (await states(target)).filter(
    each => each.state === 'running' || each.state === 'restarting',
  )
  const wanted = running.map(each => each.service).filter(service => all || stores.includes(service))
  // Neo4j killed in its checkpoint would be copied as a store that has to be repaired first.
  if (wanted.length > 0) await compose(target, 'stop', '-t', '300', ...wanted)
  try {
    await work()
  } finally {
    if (wanted.length > 0) {
      await compose(target, 'up', '-d', '--no-recreate', '--no-build', '--pull', 'never', ...wanted)
    }
  }
}

/** Makes `to` an exact copy of `from`, owners and holes in files included. */
async function copyVolume(target: LabTarget, from: string, to: string): Promise<void> {
  const script = 'find /to -mindepth 1 -delete && cp -a --sparse=always /from/. /to/'
  const mounts = ['-v', `${from}:/from:ro`, '-v', `${to}:/to`]
  const shell = ['--user', '0', '--network', 'none', '--entrypoint', 'bash']
  await docker(target, ['run', '--rm', ...shell, ...mounts, await copierImage(target), '-c', script])
}

/** Any image with coreutils would do; PostgreSQL's is there and its upstream has them. */
async function copierImage(target: LabTarget): Promise<string> {
  const image = (await states(target)).find(each => each.service === 'postgres')?.image
  if (image) return image
  throw badInput(`there is no practice ground "${target.project}"`, 'start one: npm run lab -- up')
}

async function requireLabel(target: LabTarget, volume: string): Promise<void> {
  const label = `label=${LABEL}=true`
  const found = await docker(target, [
    'volume',
    'ls',
    '-q',
    '--filter',
    label,
    '--filter',
    `name=^${volume}$`,
  ])
  if (found === volume) return
  throw badInput(
    `there is no copy ${volume}`,
    'save copies first: npm run lab -- seed, then npm run lab -- pristine',
  )
}

/** One after the other: copies share one disk, and two at a time were not faster. */
async function onAll(volumes: readonly Volume[], work: (volume: Volume) => Promise<void>): Promise<void> {
  for (const volume of volumes) await work(volume)
}
