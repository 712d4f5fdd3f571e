import { type Ended, run } from '../../lab/drills/program.ts'
import { compose } from '../../lab/ground.ts'
import { isIntact, look } from '../../lab/oracle.ts'
import { isWholeGraph, lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { connectQdrant, DOCUMENTS } from '../../lab/platform/qdrant.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { last } from './said.ts'

const LIMIT = { seconds: 600 }
const REPAIR = 'tools/repair.ts'

/** Seeded rows whose point goes, and points that never had a row. */
const LOST = [3, 5, 8, 13]
const STRAY = [9_000_001, 9_000_002]
const CHUNKS_LOST = [21, 34]

describe('what belongs together is mended without a restore', suite => {
  const ready = onGround(suite)
  suite.before(() => unmatch(ready().target))
  suite.test(
    '--plan names every kind with its count, and changes nothing',
    () => planned(ready().target),
    LIMIT,
  )
  suite.test('another phrase is refused', () => refused(ready().target), LIMIT)
  suite.test('rows get their points and nodes again, stray points go', () => mended(ready()), LIMIT)
})

async function unmatch(target: LabTarget): Promise<void> {
  const { qdrant, neo4j } = storesOf(target)
  await qdrant.call('POST', `/collections/${DOCUMENTS}/points/delete?wait=true`, { points: LOST })
  const [point] = (await qdrant.call('POST', `/collections/${DOCUMENTS}/points`, {
    ids: [1],
    with_payload: true,
    with_vector: true,
  })) as { vector: number[]; payload: Record<string, unknown> }[]
  await qdrant.upsert(
    DOCUMENTS,
    STRAY.map(id => ({ id, vector: point!.vector, payload: { ...point!.payload, title: `stray ${id}` } })),
  )
  await neo4j.run('MATCH (c:Chunk) WHERE c.id IN $ids DETACH DELETE c', { ids: CHUNKS_LOST })
}

function storesOf(target: LabTarget) {
  const settings = settingsOf(target)
  return { qdrant: connectQdrant(settings.qdrant), neo4j: connectNeo4j(settings.neo4j) }
}

/** From outside the tool: what is wrong with the seeded data, and which stray points are there. */
async function seen(target: LabTarget) {
  const corpus = readCorpus(target.root)
  const { qdrant } = storesOf(target)
  const ids = { ids: STRAY, with_payload: true, with_vector: false }
  const strays = (await qdrant.call('POST', `/collections/${DOCUMENTS}/points`, ids)) as unknown[]
  return {
    points: isIntact(await look(target, DOCUMENTS, corpus)),
    graph: isWholeGraph(await lookAtNeo4j(target, corpus)),
    strays: strays.length,
  }
}

const DAMAGED = { points: false, graph: false, strays: STRAY.length }

async function planned(target: LabTarget): Promise<void> {
  assert.equal(await seen(target), DAMAGED)
  const ended = await run(target, REPAIR, ['--plan'])
  assert.is(ended.exitCode, 2, last(ended))
  const counts = [...ended.stdout.matchAll(/^(\w+): (\d+) (rows without a \w+|points without a row)/gm)]
  const told = Object.fromEntries(counts.map(([, name, n, what]) => [`${name}: ${what}`, Number(n)]))
  // The learning-engine writes documents that nobody has put into the graph yet.
  assert.ok(told['chunks: rows without a point']! >= LOST.length, ended.stdout)
  assert.is(told['chunks: points without a row'], STRAY.length)
  assert.ok(told['chunks: rows without a node']! >= CHUNKS_LOST.length, ended.stdout)
  assert.match(ended.stdout, /made again by learning-engine: node \/app\/platform.mjs reindex points/)
  assert.equal(await seen(target), DAMAGED)
}

async function refused(target: LabTarget): Promise<void> {
  const ended = await run(target, REPAIR, ['--confirm', 'yes'])
  assert.is(ended.exitCode, 3, last(ended))
  assert.equal(await seen(target), DAMAGED)
}

async function mended(ready: Ready): Promise<void> {
  const { target } = ready
  // What makes points is away: nothing may be called mended.
  await compose(target, 'stop', 'learning-engine')
  const failed = await repair(target)
  assert.is(failed.exitCode, 1, last(failed))
  assert.equal(await seen(target), { points: false, graph: false, strays: 0 })
  await compose(target, 'start', 'learning-engine')
  const ended = await repair(target)
  assert.is(ended.exitCode, 0, last(ended))
  assert.equal(await seen(target), { points: true, graph: true, strays: 0 })
  const put = /to bring them back: npx tsx (\S+) (.*)$/m.exec(failed.stdout)
  assert.ok(put, failed.stdout)
  const back = await run(target, put![1]!, put![2]!.split(' '))
  assert.is(back.exitCode, 0, last(back))
  assert.is((await seen(target)).strays, STRAY.length, 'what was deleted comes back')
  await beginAgain(ready, ['qdrant'])
}

/** The phrase is what the program itself says that it wants to hear. */
async function repair(target: LabTarget): Promise<Ended> {
  return run(target, REPAIR, ['--confirm', phraseOf(await run(target, REPAIR, ['--confirm', 'unknown']))])
}

function phraseOf(ended: Ended): string {
  const phrase = /which is: (\S+ \S+ [0-9a-f]{4}-[0-9a-f]{4})/.exec(ended.stderr)?.[1]
  assert.ok(phrase, last(ended))
  return phrase!
}
