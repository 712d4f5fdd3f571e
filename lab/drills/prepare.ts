import { Problem } from '../../lib/problem.ts'
import { compose, requireOwnPorts, requirePracticeGround, states, until } from '../ground.ts'
import { pristineSeed, resetToPristine, savePristine } from '../pristine.ts'
import { scaleOf } from '../seed/mark.ts'
import { currentSeed, seed, seedOf } from '../seed/seed.ts'
import { say, track } from '../setup/progress.ts'
import { startGround, WRITERS, waitUntilHealthy } from '../start.ts'
import { type LabTarget, VOLUMES } from '../target.ts'

/** Volumes that a drill changes; the bucket stays. */
const CHANGED = ['qdrant_storage', 'qdrant_snapshots', 'neo4j_data', 'postgres_data'] as const

/**
 * A running practice ground with the seed of now, in every store exactly as it was seeded: from
 * saved copies, else made and then saved. Backups in the bucket stay. Gives the scale of the seed.
 */
export async function prepareGround(target: LabTarget): Promise<number> {
  const copies = await pristineSeed(target)
  const usable = copies !== undefined && copies === currentSeed(target, scaleOf(copies))
  if (usable) return bringBack(target, copies)
  await startGround(target)
  await requireOwn(target)
  const mark = await seedHere(target)
  await waitUntilHealthy(target)
  await track('copies', 'saving every volume, so that the next drill begins from here', () =>
    savePristine(target, mark),
  )
  await waitUntilHealthy(target)
  return scaleOf(mark)
}

/** Seeds empty stores; a seed of now of any scale is left as it is; anything else is refused. */
async function seedHere(target: LabTarget): Promise<string> {
  const there = await seedOf(target)
  const current = there !== undefined && there === currentSeed(target, scaleOf(there))
  if (!current) await seed(target, 1)
  return current ? there : currentSeed(target, 1)
}

/** Only what a drill changes, when the rest holds the same seed; everything, when it does not. */
async function bringBack(target: LabTarget, copies: string): Promise<number> {
  const same = (await seedInPlace(target)) === copies
  if (!same) say('  this ground holds another state than its copies: all of it, the bucket too, comes back')
  await track('volumes', 'bringing the seed back (what earlier drills have set aside goes)', async () => {
    if (same) await compose(target, 'stop', ...WRITERS)
    await resetToPristine(target, same ? CHANGED : VOLUMES)
  })
  await startGround(target)
  await requireOwn(target)
  await waitUntilHealthy(target)
  return scaleOf(copies)
}

/** The seed that PostgreSQL holds; undefined when there is none, or no ground at all. */
async function seedInPlace(target: LabTarget): Promise<string | undefined> {
  const postgres = (await states(target)).find(each => each.service === 'postgres')
  if (postgres?.state !== 'running') {
    await compose(target, 'up', '-d', '--no-build', '--pull', 'never', 'postgres')
  }
  await requireOwnPorts(target, ['postgres'])
  try {
    return await until('postgres answers', 60, async () => {
      const mark = await seedOf(target).then(
        found => ({ found }),
        () => undefined,
      )
      return mark
    }).then(({ found }) => found)
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

/** Nothing of another installation may be filled or damaged. */
async function requireOwn(target: LabTarget): Promise<void> {
  await requirePracticeGround(target)
  await requireOwnPorts(target, ['qdrant', 'neo4j', 'postgres', 'minio'])
}
