import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { incidentNames } from '../../lab/drills/incidents.ts'
import { hasMarker, type Marker } from '../../lab/drills/marker.ts'
import { collectionNames, settled } from '../../lab/drills/reads.ts'
import { type Kept, rewindStores } from '../../lab/drills/rewind.ts'
import { docker } from '../../lab/ground.ts'
import { FIRST_NEW_ID } from '../../lab/platform/learning-engine.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { STORES } from '../../lab/start.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, type Suite } from '../describe.ts'
import { graphFigures } from './graph-figures.ts'
import { findReady, makeReady, type Ready, RUN } from './ready.ts'
import { clear, startAll, stopWriters } from './running.ts'
import { testGround } from './target.ts'

export type { Ready } from './ready.ts'

let users = 0
let made: Promise<Ready> | undefined

/** Gives a suite the one ground that all drills share; alone, the last suite of a file takes it down. */
export function onGround({ before, after }: Suite): () => Ready {
  let ready: Ready
  users++
  before(async () => {
    const found = made ?? (await findReady())
    made = Promise.resolve(found ?? makeReady())
    ready = await made
    if (!found) return
    // Rows, points and backups of one moment: the suite before may have left those of two. Neo4j takes longest
    // to bring back, so only when a drill that failed has left it damaged.
    const whole = (await graphFigures(ready.target)) === ready.graph
    await beginAgain(ready, whole ? STORES.filter(store => store !== 'neo4j') : STORES)
  })
  after(async () => {
    if (--users === 0 && !RUN) await takeDown()
  })
  return () => ready
}

/** Brings stores back to the moment of the backup, and waits until the stores answer: a drill may begin. */
export async function beginAgain(
  { target, before }: Ready,
  stores: readonly Kept[] = ['qdrant'],
): Promise<void> {
  // A drill that failed may have left its run's lock.
  await docker(target, ['rm', '-f', `${target.project}-recovery-lock`]).catch(() => undefined)
  if (stores.length > 1) await stopWriters(target)
  await rewindStores(target, stores)
  await startAll(target)
  if (stores.includes('postgres') && !stores.includes('neo4j')) await forgetLaterNodes(target, before)
  const sound = await settled(
    10,
    () => hasMarker(target, before),
    there => there,
  )
  assert.ok(sound, 'the marker must be there when a drill begins')
  assert.equal(await collectionNames(target), ['documents_v1', 'packages'])
}

/** A graph that stays while the rows go back has nodes of rows that are no more, and new rows take their ids. */
async function forgetLaterNodes(target: LabTarget, before: Marker): Promise<void> {
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  await neo4j.run(
    'MATCH (n) WHERE (n:Chunk OR n:Document) AND n.id >= $first AND n.id <> $kept DETACH DELETE n',
    { first: FIRST_NEW_ID, kept: before.id },
  )
}

/** Removes containers, volumes and incidents of the tests; the saved copies stay for the next time. */
export async function takeDown(): Promise<void> {
  const target = testGround()
  await clear(target)
  for (const name of incidentNames(target)) {
    rmSync(join(target.root, 'incidents', name), { recursive: true, force: true })
  }
}
