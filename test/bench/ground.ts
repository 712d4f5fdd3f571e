import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { compose, docker, requireOwnPorts, requirePracticeGround, states } from '../../lab/ground.ts'
import { connectStores } from '../../lab/platform/stores.ts'
import { removePristine, resetToPristine, savePristine, volumesNamed } from '../../lab/pristine.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { makeDataset } from '../../lab/seed/dataset.ts'
import { markOf, setMark } from '../../lab/seed/mark.ts'
import { seedNeo4j } from '../../lab/seed/neo4j.ts'
import { seedPostgres } from '../../lab/seed/postgres.ts'
import { seedQdrant } from '../../lab/seed/qdrant.ts'
import { startGround, waitUntilHealthy } from '../../lab/start.ts'
import { bucketOf, type LabTarget, labTarget, settingsOf } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'

/** Silent, and the store stays as large as it was: the scenario reads and sets aside everything. */
const FAULT = 'vector-bytes'

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
}

/** The bench's ground. Its settings go into the environment, so that every program started here sees them. */
export function benchGround(): LabTarget {
  Object.assign(process.env, OWN)
  return labTarget()
}

/**
 * A new ground at a scale. Qdrant and PostgreSQL get the data `scale` times, Neo4j once: no figure here depends
 * on it, and it takes longest to fill.
 */
export async function fillGround(target: LabTarget, scale: number): Promise<void> {
  await takeDown(target)
  await startGround(target)
  await requireOwnPorts(target, ['qdrant', 'neo4j', 'postgres', 'minio'])
  const corpus = readCorpus(target.root)
  const dataset = makeDataset(corpus, scale)
  const stores = connectStores(settingsOf(target), 'bench')
  try {
    await new Objects(bucketOf(target)).ensureBucket()
    await seedQdrant(stores.qdrant, dataset)
    await seedNeo4j(stores.neo4j, makeDataset(corpus, 1))
    await seedPostgres(stores.postgres, dataset)
    await setMark(stores.postgres, dataset)
  } finally {
    await stores.postgres.close()
  }
  await waitUntilHealthy(target)
}

/** Damages Qdrant and keeps this state for `rewind`. */
export async function damage(target: LabTarget, scale: number): Promise<void> {
  await inject(target, faultNamed(FAULT))
  await savePristine(target, `${markOf(makeDataset(readCorpus(target.root), scale))} bench`)
}

/** The damaged Qdrant again, and everything up: where every measured recovery begins. */
export async function rewind(target: LabTarget): Promise<void> {
  await resetToPristine(target, volumesNamed(['qdrant_storage', 'qdrant_snapshots']))
  await startGround(target)
  await waitUntilHealthy(target)
}

/** Removes containers, volumes and copies of the bench's ground, if there are any. */
export async function takeDown(target: LabTarget): Promise<void> {
  if ((await states(target)).length > 0) await requirePracticeGround(target)
  // A recovery that was killed leaves its lock, and the next run would be refused.
  await docker(target, ['rm', '--force', `${target.project}-recovery-lock`]).catch(() => undefined)
  await compose(target, 'down', '--volumes')
  await removePristine(target)
}
