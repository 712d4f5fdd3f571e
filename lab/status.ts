import { messageOf } from '../lib/problem.ts'
import { describe, look } from './oracle.ts'
import { connectQdrant, DOCUMENTS, PACKAGES } from './platform/qdrant.ts'
import { connectStores, type Stores } from './platform/stores.ts'
import { readCorpus } from './seed/corpus.ts'
import { scaleOf } from './seed/mark.ts'
import { currentSeed, seedOf } from './seed/seed.ts'
import { type LabTarget, settingsOf } from './target.ts'

const TABLES = ['documents', 'chunks', 'feedback', 'drift_measurements', 'backup_history']

/** A line per store with what is in it, compared with the seed; a store that does not answer says why. */
export async function storeLines(target: LabTarget): Promise<string[]> {
  const stores = connectStores(settingsOf(target), 'lab-status')
  try {
    const others = [await line('neo4j', () => graph(stores)), await line('postgres', () => rows(stores))]
    return [...(await qdrantLines(target)), ...others]
  } finally {
    await stores.postgres.close()
  }
}

/** A line per collection: every seeded point compared with the data of the seed. */
export async function qdrantLines(target: LabTarget): Promise<string[]> {
  const mark = await seedOf(target).catch(() => undefined)
  const scale = mark ? scaleOf(mark) : 1
  // After a change of the lock file the data of now is not what was seeded: nothing to compare with.
  if (mark !== undefined && mark !== currentSeed(target, scale)) return countLines(target)
  const corpus = readCorpus(target.root)
  const read = (name: string) => line('qdrant', async () => describe(await look(target, name, corpus, scale)))
  return [await read(DOCUMENTS), await read(PACKAGES)]
}

async function countLines(target: LabTarget): Promise<string[]> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const read = (name: string) => line('qdrant', async () => `${name}: ${await qdrant.count(name)} points`)
  const why = 'qdrant: seeded from another package-lock.json, so content is not compared'
  return [await read(DOCUMENTS), await read(PACKAGES), why]
}

/** Seconds since the newest row that a writer wrote; undefined when none ever did. */
export async function lastWrite(target: LabTarget): Promise<number | undefined> {
  const { postgres } = connectStores(settingsOf(target), 'lab-status')
  try {
    const [row] = await postgres.query<{ age: number | null }>(
      `SELECT extract(epoch FROM now() - greatest(
         (SELECT max(created_at) FROM drift_measurements), (SELECT max(created_at) FROM feedback)))::float AS age`,
    )
    return row?.age ?? undefined
  } finally {
    await postgres.close()
  }
}

async function line(store: string, read: () => Promise<string>): Promise<string> {
  try {
    return `${store}: ${await read()}`
  } catch (error) {
    const message = messageOf(error)
    return message.startsWith(`${store}: `) ? message : `${store}: ${message}`
  }
}

async function graph({ neo4j }: Stores): Promise<string> {
  const nodes = await neo4j.run(
    'MATCH (n) RETURN labels(n)[0] AS label, count(*) AS n ORDER BY label',
    {},
    'read',
  )
  const edges = await neo4j.run(
    'MATCH ()-[r]->() RETURN type(r) AS type, count(*) AS n ORDER BY type',
    {},
    'read',
  )
  if (nodes.length === 0) return 'empty'
  return [...nodes.map(row => `${row.n} ${row.label}`), ...edges.map(row => `${row.n} ${row.type}`)].join(
    ', ',
  )
}

async function rows({ postgres }: Stores): Promise<string> {
  const counts: string[] = []
  for (const table of TABLES) {
    const [row] = await postgres.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)
    counts.push(`${row?.n} ${table}`)
  }
  return counts.join(', ')
}
