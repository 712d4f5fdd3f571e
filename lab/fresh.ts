import { compose, requireOwnPorts, requirePracticeGround, states } from './ground.ts'
import { savePristine } from './pristine.ts'
import { currentSeed, seed } from './seed/seed.ts'
import { track } from './setup/progress.ts'
import { startGround, waitUntilHealthy } from './start.ts'
import type { LabTarget } from './target.ts'

/** As the drills know it. */
const SCALE = 1

/**
 * A running practice ground with the seed of now (and what the writers add) and an empty bucket, made anew and then
 * saved. Needs Docker and the images.
 */
export async function freshGround(target: LabTarget): Promise<void> {
  if ((await states(target)).length > 0) {
    await requirePracticeGround(target)
    await track('platform', 'removing the old one', () => compose(target, 'down', '--volumes'))
  }
  await startGround(target)
  await requireOwnPorts(target, ['qdrant', 'neo4j', 'postgres', 'minio'])
  await seed(target, SCALE)
  await waitUntilHealthy(target)
  await track('copies', 'saving every volume', () => savePristine(target, currentSeed(target, SCALE)))
  await waitUntilHealthy(target)
}
