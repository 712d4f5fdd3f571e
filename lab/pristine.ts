import { badInput } from '../lib/problem.ts'
import { copyVolumes, newVolume } from './copy-volumes.ts'
import { compose, docker, LABEL, requirePracticeGround, states } from './ground.ts'
import { isStore } from './start.ts'
import { type LabTarget, VOLUMES, volumeName } from './target.ts'

/** Says which seed a copy holds, so that a change of the lock file makes it stale. */
const SEED_LABEL = 'ai-platform.seed'

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

/**
 * Copies every volume as it is now, with the stores stopped cleanly, over the copies that were there.
 * `mark` says which seed they hold.
 */
export async function savePristine(target: LabTarget, mark: string): Promise<void> {
  await requirePracticeGround(target)
  const copies = VOLUMES.map(volume => ({
    from: volumeName(target, volume),
    to: copyName(target.project, volume),
  }))
  await whileStopped(target, VOLUMES, async () => {
    for (const { to } of copies) await newVolume(target, to, { [LABEL]: 'true', [SEED_LABEL]: mark })
    await copyVolumes(target, copies)
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
  const copies = volumes.map(volume => ({ from: copyName(from, volume), to: volumeName(target, volume) }))
  await whileStopped(target, volumes, () => copyVolumes(target, copies))
}

/** Removes the copies; those of other practice grounds stay. */
export async function removePristine(target: LabTarget): Promise<void> {
  const copies = VOLUMES.map(volume => copyName(target.project, volume))
  const filters = copies.flatMap(copy => ['--filter', `name=^${copy}$`])
  const found = await docker(target, ['volume', 'ls', '-q', '--filter', `label=${LABEL}=true`, ...filters])
  if (found) await docker(target, ['volume', 'rm', ...found.split('\n')])
}

/** Which seed the copies hold; undefined when a volume has none, or they differ. */
export async function pristineSeed(target: LabTarget, project = target.project): Promise<string | undefined> {
  const format = `{{.Name}} {{.Label "${SEED_LABEL}"}}`
  const list = await docker(target, ['volume', 'ls', '--filter', `label=${SEED_LABEL}`, '--format', format])
  const seeds = new Map(
    list.split('\n').map(line => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]),
  )
  const found = new Set(VOLUMES.map(volume => seeds.get(copyName(project, volume))))
  return found.size === 1 ? [...found][0] : undefined
}

/** Stops what uses the volumes (everything, when all are asked for) and starts again what ran before. */
async function whileStopped(target: LabTarget, volumes: readonly Volume[], work: () => Promise<void>) {
  const all = volumes.length === VOLUMES.length
  const stores = [...new Set(volumes.map(volume => volume.slice(0, volume.indexOf('_'))))]
  const running = (await states(target)).filter(
    each => each.state === 'running' || each.state === 'restarting',
  )
  const wanted = running.map(each => each.service).filter(service => all || stores.includes(service))
  const [patient, others] = [wanted.filter(isStore), wanted.filter(service => !isStore(service))]
  // Whoever does not listen to its signal must not hold everything up for as long as a store may take.
  if (others.length > 0) await compose(target, 'stop', '-t', '10', ...others)
  // Neo4j killed in its checkpoint would be copied as a store that has to be repaired first.
  if (patient.length > 0) await compose(target, 'stop', '-t', '300', ...patient)
  try {
    await work()
  } finally {
    if (wanted.length > 0) {
      await compose(target, 'up', '-d', '--no-recreate', '--no-build', '--pull', 'never', ...wanted)
    }
  }
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
