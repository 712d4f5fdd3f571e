import { compose, docker, requireOwnPorts, requirePracticeGround, states } from '../../lab/ground.ts'
import { isIntact, look } from '../../lab/oracle.ts'
import { isWholeGraph, lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { isWhole, lookAtPostgres } from '../../lab/oracle-postgres.ts'
import { removePristine, resetToPristine, savePristine, volumesNamed } from '../../lab/pristine.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { currentSeed, seed } from '../../lab/seed/seed.ts'
import { startGround, waitUntilHealthy } from '../../lab/start.ts'
import { type LabTarget, labTarget, VOLUMES, volumeName } from '../../lab/target.ts'
import type { StoreKind } from '../../runbook/model.ts'

/** A project and ports of the bench's own: no other practice ground is touched. */
const OWN = {
  COMPOSE_PROJECT_NAME: 'benchground',
  PUBLISH_QDRANT: '24333',
  PUBLISH_NEO4J_HTTP: '24474',
  PUBLISH_NEO4J_BOLT: '24687',
  PUBLISH_POSTGRES: '24432',
  PUBLISH_MINIO: '24900',
  PUBLISH_MINIO_CONSOLE: '24901',
  PUBLISH_GATEWAY: '24800',
  PUBLISH_MCPJUNGLE: '24880',
  // As dense as the graph of the paper's platform.
  GRAPH_TERMS: '40',
}

/** The bench's ground. Its settings go into the environment, so that every program started here sees them. */
export function benchGround(): LabTarget {
  Object.assign(process.env, OWN)
  return labTarget()
}

/** A new ground at a scale. */
export async function fillGround(target: LabTarget, scale: number): Promise<void> {
  await takeDown(target)
  await startGround(target)
  await requireOwnPorts(target, ['qdrant', 'neo4j', 'postgres', 'minio'])
  await seed(target, scale)
  await waitUntilHealthy(target)
}

/** Keeps this state for `rewind`. */
export function keep(target: LabTarget, scale: number): Promise<void> {
  return savePristine(target, currentSeed(target, scale))
}

/** Every store of the moment that was kept, and everything up: where every measured recovery begins. */
export async function rewind(target: LabTarget): Promise<void> {
  await resetToPristine(target, volumesNamed([]))
  await startGround(target)
  await waitUntilHealthy(target)
}

/** Bytes on the disk of the volumes of a store. */
export async function sizeOnDisk(target: LabTarget, store: StoreKind): Promise<number> {
  const volumes = VOLUMES.filter(volume => volume.startsWith(`${store}_`))
  const image = (await states(target)).find(each => each.service === store)?.image ?? ''
  const mounts = volumes.flatMap(volume => ['-v', `${volumeName(target, volume)}:/data/${volume}:ro`])
  const said = await docker(target, [
    'run',
    '--rm',
    '--user',
    '0',
    ...mounts,
    '--entrypoint',
    'du',
    image,
    '-sk',
    '/data',
  ])
  return Number.parseInt(said, 10) * 1024
}

/** Looks with reads of the drills' own whether every store that was damaged is whole. Throws when one is not. */
export async function requireWhole(target: LabTarget, stores: readonly StoreKind[], scale: number) {
  const corpus = readCorpus(target.root)
  const whole: Record<StoreKind, () => Promise<boolean>> = {
    qdrant: async () => isIntact(await look(target, 'documents', corpus, scale)),
    neo4j: async () => isWholeGraph(await lookAtNeo4j(target, corpus, scale)),
    postgres: async () => isWhole(await lookAtPostgres(target, corpus, scale)),
  }
  for (const store of stores) {
    if (!(await whole[store]()))
      throw new Error(`${store} is not whole after the recovery: its time counts for nothing`)
  }
}

/** Removes containers, volumes and copies of the bench's ground, if there are any. */
export async function takeDown(target: LabTarget): Promise<void> {
  if ((await states(target)).length > 0) await requirePracticeGround(target)
  // A recovery that was killed leaves its lock, and the next run would be refused.
  await docker(target, ['rm', '--force', `${target.project}-recovery-lock`]).catch(() => undefined)
  await compose(target, 'down', '--volumes')
  await removePristine(target)
}
