import { type Marker, writeMarker } from '../../lab/drills/marker.ts'
import { run } from '../../lab/drills/program.ts'
import { keepStores, keptNote, takeOverKept } from '../../lab/drills/rewind.ts'
import { freshGround } from '../../lab/fresh.ts'
import { pristineSeed, resetToPristine } from '../../lab/pristine.ts'
import { currentSeed } from '../../lab/seed/seed.ts'
import { STORES, waitUntilStoresAnswer } from '../../lab/start.ts'
import { type LabTarget, labTarget, VOLUMES } from '../../lab/target.ts'
import { assert } from '../describe.ts'
import { graphFigures } from './graph-figures.ts'
import { renameBucket } from './rename-bucket.ts'
import { clear, startAll, stopWriters } from './running.ts'
import { testGround } from './target.ts'

/** What every drill of a file begins from: a sound platform and one backup of it. */
export interface Ready {
  target: LabTarget
  /** Written before the backup. */
  before: Marker
  /** Of the seed, as it was backed up. */
  graph: string
}

/** What lies with the kept stores of a ground. */
type Note = Omit<Ready, 'target'> & { run: string }

/** The ground of this run that is made first; the others are copies of it. */
const FIRST = process.env.DRILL_COPIES

/** Names the run of all drill files: they share a ground, and whoever gave the name takes it down. */
export const RUN = process.env.DRILL_RUN

/** When this one is kept, all are. */
const LAST = 'minio'

/** The ground that an earlier file of this run has made. */
export async function findReady(): Promise<Ready | undefined> {
  const target = testGround()
  const note = await keptBy(target.project)
  return note && { target, ...note }
}

/** Filling a ground and backing it up takes a minute, so a run does it once, and copies it for its other grounds. */
export async function makeReady(): Promise<Ready> {
  const target = testGround()
  const note = FIRST && FIRST !== target.project ? await keptBy(FIRST) : undefined
  await clear(target)
  return FIRST && note ? copyOf(FIRST, { target, ...note }) : begin(target)
}

/** What a ground has noted when it was kept in this run; undefined when it was not. */
async function keptBy(project: string): Promise<Omit<Ready, 'target'> | undefined> {
  const written = await keptNote(testGround(), LAST, project)
  if (!RUN || !written) return undefined
  const { run: by, ...note } = JSON.parse(written) as Note
  return by === RUN ? note : undefined
}

function noteOf({ before, graph }: Ready): string {
  return JSON.stringify({ run: RUN ?? '', before, graph } satisfies Note)
}

/** Seed, marker, backup; keeps the stores so that each drill can begin there. */
async function begin(target: LabTarget): Promise<Ready> {
  await seeded(target)
  const before = await writeMarker(target, 'before the backup')
  // Neo4j is dumped, loaded and read again: minutes on a machine with other work.
  const backup = await run(target, 'tools/backup-service.ts', ['--run-once'], 900)
  assert.is(backup.exitCode, 0, backup.stderr)
  const graph = await graphFigures(target)
  assert.ok(graph, 'the graph must answer')
  const ready = { target, before, graph: graph! }
  await stopWriters(target)
  await keepStores(target, STORES, noteOf(ready))
  await startAll(target)
  return ready
}

/** The same stores, and a bucket whose sets are this ground's own: a recovery takes no others unasked. */
async function copyOf(first: string, ready: Ready): Promise<Ready> {
  const { target } = ready
  await takeOverKept(target, STORES, first)
  await waitUntilStoresAnswer(target)
  await renameBucket(target, first)
  await keepStores(target, [LAST], noteOf(ready))
  await startAll(target)
  return ready
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
  for (const project of [target.project, FIRST ?? target.project, labTarget().project]) {
    if ((await pristineSeed(target, project)) === wanted) return project
  }
  return undefined
}

/** Makes the first ground of a run, for which nobody waits yet: the seed, where there is none of now, and the backup. */
export async function makeFirst(): Promise<void> {
  const target = testGround()
  if (!(await copiesFor(target))) {
    await clear(target)
    // It waits for health checks three times, and nothing else runs on it.
    await freshGround(testGround({ HEALTH_INTERVAL: '1s' }))
  }
  await makeReady()
}
