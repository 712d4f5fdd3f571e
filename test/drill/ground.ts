import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { incidentNames } from '../../lab/drills/incidents.ts'
import { hasMarker, type Marker, writeMarker } from '../../lab/drills/marker.ts'
import { run } from '../../lab/drills/program.ts'
import { collectionNames, settled } from '../../lab/drills/reads.ts'
import { type Kept, keepStores, keptNote, rewindStores } from '../../lab/drills/rewind.ts'
import { freshGround } from '../../lab/fresh.ts'
import { compose, containerOf, docker, states } from '../../lab/ground.ts'
import { isWholeGraph, lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { FIRST_NEW_ID } from '../../lab/platform/learning-engine.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { pristineSeed, resetToPristine } from '../../lab/pristine.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { currentSeed } from '../../lab/seed/seed.ts'
import { isStore, STORES, waitUntilStoresAnswer } from '../../lab/start.ts'
import { type LabTarget, labTarget, settingsOf, VOLUMES } from '../../lab/target.ts'
import { assert, type Suite } from '../describe.ts'

/** Name and first two digits of the ports; another pair runs a second set of drills side by side. */
const [PROJECT = '', PORTS = ''] = (process.env.DRILL_GROUND ?? 'drillground:27').split(':')

/** A practice ground of the tests' own: the ordinary one is not touched. */
export function testGround(settings: Record<string, string> = {}): LabTarget {
  return labTarget({
    ...settings,
    COMPOSE_PROJECT_NAME: PROJECT,
    PUBLISH_QDRANT: `${PORTS}333`,
    PUBLISH_NEO4J_HTTP: `${PORTS}474`,
    PUBLISH_NEO4J_BOLT: `${PORTS}687`,
    PUBLISH_POSTGRES: `${PORTS}432`,
    PUBLISH_MINIO: `${PORTS}900`,
    PUBLISH_MINIO_CONSOLE: `${PORTS}901`,
    PUBLISH_GATEWAY: `${PORTS}800`,
    PUBLISH_MCPJUNGLE: `${PORTS}880`,
    PUBLISH_PROMETHEUS: `${PORTS}909`,
    PUBLISH_ALERTMANAGER: `${PORTS}993`,
    PUBLISH_GRAFANA: `${PORTS}300`,
  })
}

/** The ground whose copies of the seed all grounds of a run may use. */
const COPIES = process.env.DRILL_COPIES

/** Stopped while more than one store is kept or brought back: a row written in between has no point. */
const WRITERS = ['learning-engine', 'graph-service', 'drift-monitor']
/** When this one is kept, all are. */
const LAST = 'minio'

/** What every drill of a file begins from: a sound platform and one backup of it. */
export interface Ready {
  target: LabTarget
  /** Written before the backup. */
  before: Marker
}

/** Names the run of all drill files: they share a ground, and whoever gave the name takes it down. */
const RUN = process.env.DRILL_RUN

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
    const whole = await isGraphWhole(ready.target)
    await beginAgain(ready, whole ? STORES.filter(store => store !== 'neo4j') : STORES)
  })
  after(async () => {
    if (--users === 0 && !RUN) await takeDown()
  })
  return () => ready
}

async function isGraphWhole(target: LabTarget): Promise<boolean> {
  const corpus = readCorpus(target.root)
  return lookAtNeo4j(target, corpus).then(isWholeGraph, () => false)
}

/** The ground that an earlier file of this run has made. */
async function findReady(): Promise<Ready | undefined> {
  const target = testGround()
  const note = await keptNote(target, LAST)
  const { run: by, before } = note ? (JSON.parse(note) as { run?: string; before: Marker }) : {}
  return RUN && by === RUN && before ? { target, before } : undefined
}

/** Makes the ground: seed, marker, backup; keeps the stores so that each drill can begin there. */
async function makeReady(): Promise<Ready> {
  const target = testGround()
  await clear(target)
  await seeded(target)
  const before = await writeMarker(target, 'before the backup')
  // Neo4j is dumped, loaded and read again: minutes on a machine with other work.
  const backup = await run(target, 'tools/backup-service.ts', ['--run-once'], 900)
  assert.is(backup.exitCode, 0, backup.stderr)
  await stopWriters(target)
  await keepStores(target, STORES, JSON.stringify({ run: RUN, before }))
  await startAll(target)
  return { target, before }
}

/** From copies, when there are any: then it waits for no health check. */
async function seeded(target: LabTarget): Promise<void> {
  const copies = await copiesFor(target)
  if (!copies) return freshGround(target)
  await resetToPristine(target, VOLUMES, copies)
  await startAll(target)
}

/** The project whose copies hold the seed of now; undefined when there is none. */
async function copiesFor(target: LabTarget): Promise<string | undefined> {
  const wanted = currentSeed(target, 1)
  for (const project of [target.project, COPIES ?? target.project, labTarget().project]) {
    if ((await pristineSeed(target, project)) === wanted) return project
  }
  return undefined
}

/** Makes copies of the seed, for every ground of a run: each for itself would fill its stores at the same time. */
export async function makeCopies(): Promise<void> {
  const target = testGround()
  if (await copiesFor(target)) return
  await clear(target)
  // It waits for health checks three times, and nothing else runs on it.
  await freshGround(testGround({ HEALTH_INTERVAL: '1s' }))
  await clear(target)
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

/** A row that is written between two stores has no point. */
async function stopWriters(target: LabTarget): Promise<void> {
  await docker(target, ['stop', ...WRITERS.map(writer => containerOf(target, writer))])
}

/**
 * Starts what a drill that failed may have left stopped, or without a container. The stores come first: a writer that
 * finds PostgreSQL and not yet Qdrant leaves a row without a point for good.
 */
async function startAll(target: LabTarget): Promise<void> {
  await start(target, isStore)
  await waitUntilStoresAnswer(target)
  await start(target, () => true)
}

async function start(target: LabTarget, wanted: (service: string) => boolean): Promise<void> {
  const all = await states(target)
  const there = all.map(({ service }) => service)
  const missing = (await servicesOf(target)).filter(service => wanted(service) && !there.includes(service))
  const stopped = all.filter(({ service, state }) => wanted(service) && state !== 'running')
  // Compose would first wait for the health checks of the stores, which are further apart than a drill can wait.
  const containers = stopped.map(({ service }) => containerOf(target, service))
  if (containers.length > 0) await docker(target, ['start', ...containers])
  if (missing.length > 0)
    await compose(target, 'up', '-d', '--no-recreate', '--no-build', '--pull', 'never', ...missing)
}

let services: Promise<string[]> | undefined

function servicesOf(target: LabTarget): Promise<string[]> {
  services ??= compose(target, 'config', '--services').then(said => said.split('\n'))
  return services
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

/** What this run has made, or what a run before left behind that was killed; all of it carries the project's name. */
export async function clear(target: LabTarget): Promise<void> {
  const ours = (name: string) =>
    name.startsWith(`${target.project}-`) || name.startsWith(`${target.project}_`)
  const listed = async (...args: string[]) => (await docker(target, args)).split('\n').filter(ours)
  const containers = await listed('ps', '-a', '--format', '{{.Names}}')
  if (containers.length > 0) await docker(target, ['rm', '-f', ...containers])
  await compose(target, 'down', '--volumes')
  const volumes = (await listed('volume', 'ls', '-q')).filter(name => !name.endsWith('_pristine'))
  if (volumes.length > 0) await docker(target, ['volume', 'rm', ...volumes])
}
