import { Objects } from '../../lib/objects.ts'
import { badInput, Problem } from '../../lib/problem.ts'
import { connectStores, type Stores } from '../platform/stores.ts'
import { bucketOf, type LabTarget, settingsOf } from '../target.ts'
import { readCorpus } from './corpus.ts'
import { type Dataset, makeDataset } from './dataset.ts'
import { markOf, readMark, setMark } from './mark.ts'
import { seedNeo4j } from './neo4j.ts'
import { seedPostgres } from './postgres.ts'
import { seedQdrant } from './qdrant.ts'

const EMPTY_FIRST = 'empty it first: npm run lab -- down --volumes, then npm run lab -- up'

/**
 * Fills the three stores and makes the bucket. Seeding twice with the same data and scale does nothing;
 * stores that hold anything else are refused, never overwritten.
 * @returns false when there was nothing to do
 */
export async function seed(target: LabTarget, scale: number): Promise<boolean> {
  if (!Number.isInteger(scale) || scale < 1 || scale > 1000) {
    throw badInput(`--scale must be a whole number from 1 to 1000, not ${scale}`)
  }
  const dataset = makeDataset(readCorpus(target.root), scale)
  const stores = connectStores(settingsOf(target), 'seed')
  try {
    await new Objects(bucketOf(target)).ensureBucket()
    if (await isSeeded(stores, dataset)) return false
    await seedQdrant(stores.qdrant, dataset)
    await seedNeo4j(stores.neo4j, dataset)
    await seedPostgres(stores.postgres, dataset)
    await setMark(stores.postgres, dataset)
    return true
  } finally {
    await stores.postgres.close()
  }
}

/** The mark of the finished seed in the stores; undefined when there is none. Throws StoreError. */
export async function seedOf(target: LabTarget): Promise<string | undefined> {
  const { postgres } = connectStores(settingsOf(target), 'seed')
  try {
    const found = await readMark(postgres)
    return found.state === 'seeded' ? found.mark : undefined
  } finally {
    await postgres.close()
  }
}

/** The mark that a seed of now would have: of the packages installed here, at this scale. */
export function currentSeed(target: LabTarget, scale: number): string {
  return markOf(makeDataset(readCorpus(target.root), scale))
}

async function isSeeded(stores: Stores, dataset: Dataset): Promise<boolean> {
  const found = await readMark(stores.postgres)
  if (found.state === 'seeded') {
    if (found.mark === markOf(dataset)) return true
    throw new Problem(`the stores hold "${found.mark}", not "${markOf(dataset)}"`, { hint: EMPTY_FIRST })
  }
  if (found.state === 'unknown') {
    throw new Problem('PostgreSQL holds a seed that did not finish', { hint: EMPTY_FIRST })
  }
  const { collections } = (await stores.qdrant.call('GET', '/collections')) as {
    collections: { name: string }[]
  }
  const [nodes] = await stores.neo4j.run('MATCH (n) RETURN count(n) AS count', {}, 'read')
  if (collections.length > 0 || nodes?.count !== 0) {
    throw new Problem('Qdrant or Neo4j already hold data, and PostgreSQL does not know of it', {
      hint: EMPTY_FIRST,
    })
  }
  return false
}
