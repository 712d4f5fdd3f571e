import { compose, requireOwnPorts, requirePracticeGround, states } from './ground.ts'
import { pristineSeed, resetToPristine, savePristine } from './pristine.ts'
import { currentSeed, seed } from './seed/seed.ts'
import { track } from './setup/progress.ts'
import { startGround, waitUntilHealthy } from './start.ts'
import { type LabTarget, VOLUMES } from './target.ts'

/**
 * A running practice ground with the seed of now (and what the writers add) and an empty bucket: from
 * the saved copies when they hold the seed of now (`from` names the project that saved them), else made anew
 * and then saved. Needs Docker and the images.
 */
export async function freshGround(target: LabTarget, scale = 1, from = target.project): Promise<void> {
  const wanted = currentSeed(target, scale)
  if ((await pristineSeed(target, from)) === wanted) {
    await track('volumes', 'bringing the copies back', () => resetToPristine(target, VOLUMES, from))
    await startGround(target)
  } else {
    await makeAnew(target, scale, wanted)
  }
  await waitUntilHealthy(target)
}

async function makeAnew(target: LabTarget, scale: number, mark: string): Promise<void> {
  if ((await states(target)).length > 0) {
    await requirePracticeGround(target)
    await track('platform', 'removing the old one', () => compose(target, 'down', '--volumes'))
  }
  await startGround(target)
  await requireOwnPorts(target, ['qdrant', 'neo4j', 'postgres', 'minio'])
  await seed(target, scale)
  await waitUntilHealthy(target)
  await track('copies', 'saving every volume', () => savePristine(target, mark))
}
