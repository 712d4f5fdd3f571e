import { basename, join, relative } from 'node:path'
import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { hasMarker, hasRow, writeMarker } from '../../lab/drills/marker.ts'
import { run } from '../../lab/drills/program.ts'
import { prove } from '../../lab/drills/proof.ts'
import { leftOver } from '../../lab/drills/proof-neo4j.ts'
import { databaseNames } from '../../lab/drills/proof-postgres.ts'
import { collectionNames, idsOf } from '../../lab/drills/reads.ts'
import { recover, scenarioFor } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { connectPostgres } from '../../lab/platform/postgres.ts'
import { say } from '../../lab/setup/progress.ts'
import { waitUntilHealthy } from '../../lab/start.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { loadConfig } from '../../lib/config.ts'
import { exec } from '../../lib/exec.ts'
import { storeNamed, type Target, targetOf } from '../../lib/target.ts'
import { psql, scriptFile } from '../../stores/postgres/commands.ts'
import { CATALOGUE_QUERY, readCatalogue } from '../../stores/postgres/rows/catalogue.ts'
import { copySql } from '../../stores/postgres/rows/copy.ts'
import { assert, describe } from '../describe.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { awkwardRows } from './odd-rows.ts'
import { last } from './said.ts'
import { labelled, startScenario, typePhrase } from './terminal/session.ts'

/** Two minutes on two cores; a loaded machine may need several. */
const LIMIT = { seconds: 900 }

const FAULT = faultNamed('rows-deleted')
const SCENARIO = scenarioFor(FAULT)

describe('accidental deletion: what is missing comes back, what is there stays', suite => {
  const ready = onGround(suite)
  suite.test(
    'rows, points and nodes come back, and what was written since stays',
    () => recovered(ready()),
    LIMIT,
  )
  suite.test(
    'rows of every awkward form come back as they were, or none of them',
    () => awkwardRows(productTarget(ready().target)),
    LIMIT,
  )
  suite.test('what is in the way is left out, and undo takes away the rest', () => undone(ready()), LIMIT)
})

async function recovered(ready: Ready): Promise<void> {
  const { target, before } = ready
  // The ground has only just been made: its stores were stopped to be kept.
  await waitUntilHealthy(target)
  const victim = await inject(target, FAULT)
  const after = await writeMarker(target, 'after the deletion')
  const right = rightAnswer(FAULT, 'documents')
  const begun = Date.now()
  // The phrase is typed by a person here; the drill of the undo below reads it from a pipe.
  const others = ['search=7', 'points=yes', 'nodes=yes', 'copy=yes'].flatMap(answer => ['--set', answer])
  const session = startScenario(target, [...right.answers, ...others, ...labelled('postgres')], SCENARIO)
  await typePhrase(session)
  assert.is(await session.terminal.ended(), 0, session.terminal.text())
  const incident = await session.incident()
  const claims = await prove(target, { fault: FAULT, victim, right, before, after, scale: 1, incident })
  assert.equal(
    claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`),
    [],
  )
  await assertNothingLeft(ready)
  const seconds = ((Date.now() - begun) / 1000).toFixed(0)
  say(`  ${FAULT.id}: recovered in ${seconds} s, ${claims.length} claims hold`)
}

/** No database beside, no recovered collection and no volume of a copy. */
async function assertNothingLeft({ target }: Ready): Promise<void> {
  assert.equal(
    (await databaseNames(target)).map(({ name }) => name),
    ['ai_platform', 'postgres'],
  )
  assert.equal(await collectionNames(target), ['documents_v1', 'packages'])
  assert.equal(await leftOver(target), [])
}

/** Seeded documents that the fault deletes; each has chunks. */
const [TAKEN, WHOLE] = [29, 58]

/**
 * Somebody has written one of the documents anew, a chunk in the place of its first, and a node of the other: what
 * is new must stay as it is, and what it keeps out must stay away. Undo leaves a node that was linked since.
 */
async function undone(ready: Ready): Promise<void> {
  const { target } = ready
  await beginAgain(ready, ['postgres', 'qdrant', 'neo4j'])
  const postgres = connectPostgres(settingsOf(target).postgres, 'drill')
  const rows = async (sql: string) => Number((await postgres.query<{ n: string }>(sql))[0]?.n)
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  const nodes = async (match: string) =>
    Number((await neo4j.run(`MATCH ${match} RETURN count(*) AS n`, {}, 'read'))[0]?.n)
  const parts = `(:Chunk)-[:PART_OF]->(:Document {id: ${WHOLE}})`
  try {
    const before = await nodes(parts)
    assert.ok(before > 1, 'the document must have several chunks')
    const [first] = await postgres.query<{ id: string }>(
      `SELECT min(id) AS id FROM chunks WHERE document_id = ${WHOLE}`,
    )
    await inject(target, FAULT)
    assert.is(await nodes(parts), 0)
    const after = await writeMarker(target, 'after the deletion')
    await postgres.query(`INSERT INTO documents VALUES (${TAKEN}, 'anew', '1', 'written anew', now())`)
    await postgres.query(`INSERT INTO chunks VALUES (9999999, ${TAKEN}, 0, 'written anew', now())`)
    await neo4j.run(`CREATE (:Chunk {id: ${first?.id}, text: 'written anew'})`)
    const earlier = incidentNames(target)
    const wanted = ['--set', 'set=best', '--set', `rows=documents:${WHOLE} chunks`]
    const ended = await recover(target, wanted, SCENARIO)
    assert.is(ended.exitCode, 0, last(ended))
    assert.match(ended.stdout, /left out: public\.chunks 1 row .*another row has its document_id, ord/)
    assert.is(await rows(`SELECT count(*) AS n FROM documents WHERE id = ${WHOLE}`), 1)
    assert.ok((await rows(`SELECT count(*) AS n FROM chunks WHERE document_id = ${WHOLE}`)) > 0)
    assert.is(await rows(`SELECT count(*) AS n FROM documents WHERE title = 'written anew'`), 1)
    assert.is(await rows(`SELECT count(*) AS n FROM chunks WHERE text = 'written anew'`), 1)
    assert.is(await nodes(parts), before)
    assert.is(await nodes(`(:Document {id: ${WHOLE}})-[:DESCRIBES]->(:Package)`), 1)
    assert.is(await nodes(`(n {text: 'written anew'})-[:PART_OF]->()`), 1)
    assert.is(await nodes(`(n:Document {id: ${TAKEN}})`), 0, 'was not wanted')
    await assertNothingLeft(ready)
    await neo4j.run(
      `MATCH (d:Document {id: ${WHOLE}}) MATCH (p:Package) WITH d, p LIMIT 1 CREATE (p)-[:SEEN_WITH]->(d)`,
    )
    await undo(ready, newIncident(target, earlier) ?? '')
    assert.is(await rows(`SELECT count(*) AS n FROM documents WHERE id = ${WHOLE}`), 0)
    assert.is(await rows(`SELECT count(*) AS n FROM chunks WHERE document_id = ${WHOLE}`), 0)
    assert.is(await rows(`SELECT count(*) AS n FROM chunks WHERE text = 'written anew'`), 1)
    assert.is(await nodes(parts), 1, 'only the node that was written anew')
    assert.is(await nodes(`(n {text: 'written anew'})-[:PART_OF]->()`), 1)
    assert.ok((await hasRow(target, after)) && (await hasMarker(target, after)), 'what was written since')
    const { rows: ids, points: left } = await idsOf(target)
    const gone = [...left].filter(id => id < 9_999_999 && !ids.has(id))
    assert.equal(gone, [], 'no point without its row')
  } finally {
    await postgres.close()
  }
}

/** The configuration of the repository, for the ground of the drills. */
function productTarget(target: LabTarget): Target {
  const env = { ...target.env, COMPOSE_PROJECT_NAME: target.project }
  return targetOf(loadConfig(join(target.root, 'runbook.config.yaml'), env))
}

/** The undo of the three writes, newest first, with the commands that the page prints. */
async function undo({ target }: Ready, incident: string): Promise<void> {
  const folder = `incidents/${basename(incident)}`
  const taken = await run(target, 'tools/graph.ts', ['remove', 'neo4j', `${folder}/neo4j-nodes.jsonl`])
  assert.is(taken.exitCode, 0, last(taken))
  assert.is((JSON.parse(taken.stdout) as { left: number }).left, 1, 'the one that was linked since')
  const file = relative(target.root, join(incident, 'chunks-points.jsonl'))
  const removed = await run(target, 'tools/points.ts', ['remove', 'qdrant', 'documents', file])
  assert.is(removed.exitCode, 0, last(removed))
  const real = productTarget(target)
  const f = { target: real, store: storeNamed(real, 'postgres', 'postgres') }
  const catalogue = readCatalogue(
    await exec(psql(real.runtime, f.store, CATALOGUE_QUERY), { cwd: real.root }),
  )
  const tables = ['public.chunks', 'public.documents', 'public.feedback']
  const { undo } = copySql(catalogue, tables)
  await exec(scriptFile(f, `${folder}/postgres-rows.sql`, {}, undo), { cwd: real.root })
}
