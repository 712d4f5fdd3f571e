import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, run } from '../../lab/drills/program.ts'
import { type Finding, look } from '../../lab/oracle.ts'
import { isWholeGraph, lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { connectQdrant, DOCUMENTS } from '../../lab/platform/qdrant.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { DOCUMENTS_V1 } from '../../lab/seed/qdrant.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { configLike } from './config.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { last } from './said.ts'
import { withPostgres } from './with-postgres.ts'

const LIMIT = { seconds: 600 }
const VALIDATE = 'tools/validate-data-integrity.ts'
const REPAIR = 'tools/repair.ts'

/** Seeded chunks, each with an injury of its own. */
const ROW = 55
const POINT = 89
const EDGE = 144
const SWAPPED = [13, 21] as const

describe('one row, point, edge or vector that is wrong is found by its exact id, and mended', suite => {
  const ready = onGround(suite)
  const folder = tempDir(suite)
  suite.test('a swapped vector: no count, key or payload shows it', () => swapped(ready().target), LIMIT)
  suite.test('a relationship to another node', () => repointed(ready().target), LIMIT)
  suite.test('a deleted row, and a deleted point', () => deleted(ready().target), LIMIT)
  suite.test('all of it is mended, and a validation passes', () => mended(ready().target), LIMIT)
  suite.test(
    'a collection that is gone is made anew and filled when there is no backup',
    () => gone(ready().target, folder),
    LIMIT,
  )
  suite.test('what was deleted or overwritten comes back as it was', () => takenBack(ready()), LIMIT)
})

function storesOf(target: LabTarget) {
  const settings = settingsOf(target)
  return { qdrant: connectQdrant(settings.qdrant), neo4j: connectNeo4j(settings.neo4j) }
}

interface Stored {
  id: number
  vector: number[]
  payload: Record<string, unknown>
}

async function points(target: LabTarget, ids: readonly number[]): Promise<Stored[]> {
  const body = { ids, with_payload: true, with_vector: true }
  const path = `/collections/${DOCUMENTS}/points`
  return (await storesOf(target).qdrant.call('POST', path, body)) as Stored[]
}

interface Report {
  folder: string
  checks: { check: string; verdict: string; found: string }[]
}

/** A validation of every row; whether it passes as a whole is not asked: rows and points may have been deleted. */
async function report(target: LabTarget, args: readonly string[]): Promise<Report> {
  const ended = await run(target, VALIDATE, [...args, '--sample', 'all'])
  const name = /checks passed: (\S+)\.txt/.exec(ended.stdout)?.[1]
  assert.ok(name, last(ended))
  const { checks } = JSON.parse(readFileSync(join(target.root, `${name}.json`), 'utf8')) as Report
  return { folder: join(target.root, name!, '..'), checks }
}

/** What a validation says of the one check that fails, and the lists beside its report. */
async function validated(target: LabTarget, store: string, check: RegExp) {
  const { folder, checks } = await report(target, ['--type', store])
  const failed = checks.filter(one => check.test(one.check) && one.verdict === 'failed')
  assert.is(failed.length, 1, JSON.stringify(checks))
  return { found: failed[0]!.found, list: (name: string) => readFileSync(join(folder, name), 'utf8') }
}

async function swapped(target: LabTarget): Promise<void> {
  const [one, other] = (await points(target, SWAPPED)) as [Stored, Stored]
  await storesOf(target).qdrant.upsert(DOCUMENTS, [
    { ...one, vector: other.vector },
    { ...other, vector: one.vector },
  ])
  const { found, list } = await validated(target, 'qdrant', /^every point has the vector of its row/)
  assert.match(found, '2 points with another vector than the row should have')
  assert.match(found, `${Math.min(...SWAPPED)} ↔ ${Math.max(...SWAPPED)}`)
  assert.is(list('different_vectors_chunks.txt'), `${SWAPPED.join('\n')}\n`)
}

/** The document that the chunk belongs to, and what its node is related to. */
async function related(target: LabTarget): Promise<{ documents: number[]; since: unknown[] }> {
  const rows = await storesOf(target).neo4j.run(
    'MATCH (:Chunk {id: $id})-[r:PART_OF]->(d:Document) RETURN d.id AS id, r.since AS since',
    { id: EDGE },
  )
  return { documents: rows.map(row => Number(row.id)), since: rows.map(row => row.since) }
}

let right = 0

async function repointed(target: LabTarget): Promise<void> {
  right = (await related(target)).documents[0]!
  await storesOf(target).neo4j.run(
    `MATCH (c:Chunk {id: $id})-[r:PART_OF]->(:Document) DELETE r
     WITH c MATCH (d:Document {id: $wrong}) CREATE (c)-[:PART_OF {since: 7}]->(d)`,
    { id: EDGE, wrong: right + 1 },
  )
  const { found, list } = await validated(target, 'neo4j', /^every relationship is the one of its row/)
  assert.match(
    found,
    `1 relationship to another node than the row says (such as ${EDGE} → ${right + 1} instead of ${right})`,
  )
  assert.is(list('repointed_edges_chunks_document.tsv'), `${EDGE}\t${right}\t${right + 1}\n`)
  assert.is(list('additional_edges_chunks_document.tsv'), '')
}

async function deleted(target: LabTarget): Promise<void> {
  await withPostgres(target, async postgres => {
    await postgres.query('DELETE FROM feedback WHERE chunk_id = $1', [ROW])
    await postgres.query('DELETE FROM chunks WHERE id = $1', [ROW])
  })
  const { qdrant } = storesOf(target)
  await qdrant.call('POST', `/collections/${DOCUMENTS}/points/delete?wait=true`, { points: [POINT] })
  const { found, list } = await validated(target, 'qdrant', /^every row has its point/)
  assert.match(found, `1 older row without a point (such as ${POINT})`)
  assert.match(found, `1 point without a row (older than the backup; such as ${ROW})`)
  assert.is(list('missing_points_chunks.txt').split('\n')[0], String(POINT))
  assert.is(list('orphaned_points_chunks.txt'), `${ROW}\n`)
}

const ARGS = ['--sample', 'all']
let said = ''

/** The phrase is what the program itself says that it wants to hear. */
async function repair(target: LabTarget, args: readonly string[]): Promise<Ended> {
  const asked = await run(target, REPAIR, [...args, '--confirm', 'unknown'])
  const phrase = /which is: (\S+ \S+ [0-9a-f]{4}-[0-9a-f]{4})/.exec(asked.stderr)?.[1]
  assert.ok(phrase, last(asked))
  return run(target, REPAIR, [...args, '--confirm', phrase!])
}

async function mended(target: LabTarget): Promise<void> {
  const ended = await repair(target, ARGS)
  assert.is(ended.exitCode, 0, last(ended))
  said = ended.stdout
  for (const line of [
    '1 points without a row',
    '1 nodes without a row',
    `1 relationships to another node than the row says`,
    `${EDGE} → ${right + 1} instead of ${right}`,
    '2 points with another vector than their rows, of all',
  ])
    assert.match(said, line)
  const seen = await look(target, DOCUMENTS, readCorpus(target.root))
  assert.equal(flaws(seen), { missing: 1, wrongVectors: 0, wrongPayloads: 0, unreadable: 0 }, 'but the row')
  assert.equal(await related(target), { documents: [right], since: [7] }, 'with the property it had')
  const nodes = await storesOf(target).neo4j.run('MATCH (c:Chunk {id: $id}) RETURN c.id', { id: ROW })
  assert.is(nodes.length, 0)
  const checks = (await report(target, ['--type', 'qdrant', '--type', 'neo4j'])).checks.filter(isAcross)
  assert.ok(checks.length >= 8, JSON.stringify(checks))
  for (const { check, verdict, found } of checks)
    assert.ok(verdict === 'proven' || verdict === 'expected loss', `${check}: ${verdict}: ${found}`)
}

function isAcross({ check }: { check: string }): boolean {
  return /^every (row has|relationship is|point (says|has)|node says)/.test(check)
}

function flaws({ missing, wrongVectors, wrongPayloads, unreadable }: Finding) {
  return { missing, wrongVectors, wrongPayloads, unreadable }
}

async function gone(target: LabTarget, folder: string): Promise<void> {
  const { qdrant } = storesOf(target)
  await qdrant.call('DELETE', `/collections/${DOCUMENTS_V1}?timeout=60`)
  const config = configLike(target, folder, text =>
    text.replace(/bucket: \$\{BACKUP_BUCKET[^\n]*/, 'bucket: no-such-bucket'),
  )
  const ended = await repair(target, ['chunks', '--config', config])
  assert.is(ended.exitCode, 0, last(ended))
  assert.match(ended.stdout, /documents is gone/)
  assert.match(ended.stdout, /made anew as documents__r_\d{8}_\d{6} by the configuration, then filled by/)
  const seen = await look(target, DOCUMENTS, readCorpus(target.root))
  assert.match(seen.physical ?? '', /^documents__r_/)
  assert.equal(flaws(seen), { missing: 1, wrongVectors: 0, wrongPayloads: 0, unreadable: 0 }, 'but the row')
  assert.equal(seen.indexes, ['ord', 'package'])
}

/** The commands are those that the program has printed. */
async function takenBack(ready: Ready): Promise<void> {
  const { target } = ready
  const again = async (tool: string, verb: string, instead = verb) => {
    const words = new RegExp(`npx tsx tools/${tool}\\.ts ${verb} (.*)$`, 'm').exec(said)?.[1]
    assert.ok(words, said)
    const args = [...words!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)
    const ended = await run(target, `tools/${tool}.ts`, [instead, ...args])
    assert.is(ended.exitCode, 0, last(ended))
  }
  await again('graph', 'unlink')
  assert.equal(await related(target), { documents: [right + 1], since: [7] })
  await again('graph', 'unlink', 'relink')
  assert.equal((await related(target)).documents, [right])
  await again('points', 'replace')
  const seen = await look(target, DOCUMENTS, readCorpus(target.root))
  assert.is(seen.wrongVectors, SWAPPED.length)
  await again('points', 'put')
  assert.is((await points(target, [ROW])).length, 1)
  await again('graph', 'put')
  await storesOf(target).neo4j.run('MATCH (:Chunk {id: $id})-[r:PART_OF]->(:Document) REMOVE r.since', {
    id: EDGE,
  })
  assert.ok(isWholeGraph(await lookAtNeo4j(target, readCorpus(target.root))), 'the node is as it was')
  await beginAgain(ready, ['qdrant', 'postgres'])
}
