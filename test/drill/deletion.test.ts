import { basename, join, relative } from 'node:path'
import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { hasMarker, hasRow, writeMarker } from '../../lab/drills/marker.ts'
import { type Ended, run } from '../../lab/drills/program.ts'
import { prove } from '../../lab/drills/proof.ts'
import { databaseNames } from '../../lab/drills/proof-postgres.ts'
import { collectionNames, idsOf } from '../../lab/drills/reads.ts'
import { planned, scenarioFor } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
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

/** Two minutes on two cores; a loaded machine may need several. */
const LIMIT = { seconds: 900 }

const FAULT = faultNamed('rows-deleted')
const SCENARIO = scenarioFor(FAULT)

describe('accidental deletion: what is missing comes back, what is there stays', suite => {
  const ready = onGround(suite)
  suite.test('rows and points come back, and what was written since stays', () => recovered(ready()), LIMIT)
  suite.test(
    'rows of every awkward form come back as they were, or none of them',
    () => awkwardRows(productTarget(ready().target)),
    LIMIT,
  )
  suite.test('what is in the way is left out, and undo takes away the rest', () => undone(ready()), LIMIT)
})

async function recover({ target }: Ready, answers: readonly string[]): Promise<Ended> {
  const { phrase } = await planned(target, answers, SCENARIO)
  const ended = await run(target, SCENARIO, [...answers, '--confirm', phrase])
  assert.is(ended.exitCode, 0, last(ended))
  return ended
}

async function recovered(ready: Ready): Promise<void> {
  const { target, before } = ready
  // The ground has only just been made: its stores were stopped to be kept.
  await waitUntilHealthy(target)
  const victim = await inject(target, FAULT)
  const after = await writeMarker(target, 'after the deletion')
  const right = rightAnswer(FAULT, 'documents')
  const earlier = incidentNames(target)
  const { seconds } = await recover(ready, right.answers)
  const incident = newIncident(target, earlier) ?? ''
  const claims = await prove(target, { fault: FAULT, victim, right, before, after, scale: 1, incident })
  assert.equal(
    claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`),
    [],
  )
  await assertNothingLeft(ready)
  say(`  ${FAULT.id}: recovered in ${seconds.toFixed(0)} s, ${claims.length} claims hold`)
}

/** No database beside and no recovered collection. */
async function assertNothingLeft({ target }: Ready): Promise<void> {
  assert.equal(
    (await databaseNames(target)).map(({ name }) => name),
    ['ai_platform', 'postgres'],
  )
  assert.equal(await collectionNames(target), ['documents_v1', 'packages'])
}

/** Seeded documents that the fault deletes; each has chunks. */
const [TAKEN, WHOLE] = [29, 58]

/**
 * Somebody has written one of the documents anew, and a chunk in the place of its first: the old document and the
 * old chunk must stay away, with the ratings of that chunk, and the new ones must stay as they are.
 */
async function undone(ready: Ready): Promise<void> {
  const { target } = ready
  await beginAgain(ready, ['postgres', 'qdrant'])
  await inject(target, FAULT)
  const after = await writeMarker(target, 'after the deletion')
  const postgres = connectPostgres(settingsOf(target).postgres, 'drill')
  const rows = async (sql: string) => Number((await postgres.query<{ n: string }>(sql))[0]?.n)
  try {
    await postgres.query(`INSERT INTO documents VALUES (${TAKEN}, 'anew', '1', 'written anew', now())`)
    await postgres.query(`INSERT INTO chunks VALUES (9999999, ${TAKEN}, 0, 'written anew', now())`)
    const earlier = incidentNames(target)
    const { stdout } = await recover(ready, ['--set', 'set=best', '--set', `rows=documents:${WHOLE} chunks`])
    assert.match(stdout, /left out: public\.chunks 1 row .*another row has its document_id, ord/)
    assert.is(await rows(`SELECT count(*) AS n FROM documents WHERE id = ${WHOLE}`), 1)
    assert.ok((await rows(`SELECT count(*) AS n FROM chunks WHERE document_id = ${WHOLE}`)) > 0)
    assert.is(await rows(`SELECT count(*) AS n FROM documents WHERE title = 'written anew'`), 1)
    assert.is(await rows(`SELECT count(*) AS n FROM chunks WHERE text = 'written anew'`), 1)
    await assertNothingLeft(ready)
    await undo(ready, newIncident(target, earlier) ?? '')
    assert.is(await rows(`SELECT count(*) AS n FROM documents WHERE id = ${WHOLE}`), 0)
    assert.is(await rows(`SELECT count(*) AS n FROM chunks WHERE document_id = ${WHOLE}`), 0)
    assert.is(await rows(`SELECT count(*) AS n FROM chunks WHERE text = 'written anew'`), 1)
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

/** The undo of the two writes, newest first, with the commands that the page prints. */
async function undo({ target }: Ready, incident: string): Promise<void> {
  const folder = `incidents/${basename(incident)}`
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
