import { type Ended, run } from '../../lab/drills/program.ts'
import { compose } from '../../lab/ground.ts'
import { callStore } from '../../lab/platform/json-http.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { type Checked, checksOf, VALIDATE } from './checked.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { last } from './said.ts'
import { withPostgres } from './with-postgres.ts'

const LIMIT = { seconds: 600 }
const WRITERS = ['learning-engine', 'graph-service', 'drift-monitor', 'api-server']

/** One run must see all of the damage at once: a validation that stops at the first failure hides the rest. */
describe('the integrity of live data', suite => {
  const ready = onGround(suite)
  suite.test(
    'a sound platform passes every check, against the set that is asked for too',
    () => sound(ready()),
    LIMIT,
  )
  suite.test(
    'whatever is broken fails its own check, with figures, in one run',
    () => broken(ready().target),
    LIMIT,
  )
  suite.test('everything passes again once the damage is undone', () => mended(ready()), LIMIT)
  suite.test(
    'a store that is away, or lets nobody in, fails its own check, and what is behind it is no pass',
    () => outOfReach(ready().target),
    LIMIT,
  )
})

function notPassed(checks: readonly Checked[]): Checked[] {
  return checks.filter(({ verdict }) => verdict !== 'proven' && verdict !== 'expected loss')
}

async function sound({ target }: Ready): Promise<void> {
  const ended = await run(target, VALIDATE)
  const checks = checksOf(target, ended)
  assert.equal(notPassed(checks), [], ended.stdout)
  assert.is(ended.exitCode, 0, last(ended))
  const about = (store: string) => checks.filter(one => one.store === store).length
  assert.ok(about('qdrant') >= 14 && about('neo4j') >= 12 && about('postgres') >= 10, ended.stdout)
  const [set = ''] = checks.flatMap(({ found }) => /^postgres_\d{8}_\d{6}/.exec(found) ?? [])
  const named = await run(target, VALIDATE, ['--type', 'postgres', '--set', set.replace('postgres', 'set')])
  assert.is(named.exitCode, 0, last(named))
  const unknown = await run(target, VALIDATE, ['--set', 'set_20190101_000000'])
  assert.is(unknown.exitCode, 64, last(unknown))
  assert.match(unknown.stderr, /no backup set_20190101_000000 of qdrant, neo4j, postgres/)
}

/** What is broken, where it is seen, and with which words. */
const SEEN: [string, string, RegExp][] = [
  ['qdrant', 'every alias leads where it belongs', /documents → nothing/],
  ['qdrant', 'it has the points of the backup · documents_v1', /documents_v1 [\d,]+, [\d,]+ fewer/],
  ['qdrant', 'its payload indexes are there · documents_v1', /package \(keyword\) is missing/],
  ['qdrant', 'every collection is there', /packages is missing/],
  ['qdrant', 'it is not degraded · packages', /does not exist/],
  ['neo4j', 'every label is there', /Package is missing/],
  ['neo4j', 'every label has its nodes', /Term [\d,]+, [\d,]+ fewer/],
  ['neo4j', 'every type has its relationships', /[A-Z_]+ [\d,]+, [\d,]+ fewer/],
  ['neo4j', 'no more nodes are isolated than usual', /of [\d,]+ nodes/],
  ['neo4j', 'every index and constraint of the backup is there', /constraint term_text is missing/],
  ['neo4j', 'every index and constraint of the backup is there', /index document_title is missing/],
  ['postgres', 'every table is there', /public\.drift_measurements is missing/],
  ['postgres', 'every table has its rows', /public\.feedback [\d,]+, [\d,]+ fewer/],
  ['postgres', 'no critical column has a NULL', /chunks\.text: 3 NULLs/],
  ['postgres', 'every foreign key of the backup is there', /chunks_document_id_fkey is missing/],
  [
    'postgres',
    'every row has the parents that its foreign keys name',
    /1 row of public\.feedback .*chunk_id_fkey/,
  ],
  ['postgres', 'every constraint is validated', /feedback_late was never held against its rows/],
  ['postgres', 'every constraint is validated', /feedback_chunk_late was never held against its rows/],
  ['postgres', 'every index is valid', /feedback_chunk_id is invalid/],
  ['postgres', 'every sequence is ahead of its rows', /feedback_id_seq is behind/],
]

async function broken(target: LabTarget): Promise<void> {
  await compose(target, 'stop', ...WRITERS)
  await Promise.all([breakQdrant(target), breakNeo4j(target), breakPostgres(target)])
  const ended = await run(target, VALIDATE)
  const checks = checksOf(target, ended)
  assert.is(ended.exitCode, 2, last(ended))
  for (const [store, check, says] of SEEN) {
    const one = checks.find(made => made.store === store && made.check === check)
    assert.ok(one, `${store}: ${check} was not made`)
    assert.is(one?.verdict, 'failed', `${check}: ${one?.found}`)
    assert.match(one?.found ?? '', says, check)
  }
  // Behind the alias that is gone nothing can be compared, and that is no pass.
  const references = checks.find(
    one => one.store === 'qdrant' && one.check.startsWith('every row has its point'),
  )
  assert.is(references?.verdict, 'unchecked')
  const still = checks.filter(({ verdict }) => verdict === 'proven').map(({ check }) => check)
  for (const sound of [
    'its database is online',
    'it can be reached over TCP with its password',
    'Qdrant is ready',
  ])
    assert.ok(still.includes(sound), `${sound}: what is sound stays proven`)
}

async function breakQdrant({ urls }: LabTarget): Promise<void> {
  const call = (method: string, path: string, body?: unknown) =>
    callStore('qdrant', `${urls.qdrant}${path}`, { method, body, timeoutMs: 60_000 }) as Promise<{
      result: { points: { id: number }[] }
    }>
  const { result } = await call('POST', '/collections/documents_v1/points/scroll', { limit: 1000 })
  const points = result.points.map(({ id }) => id)
  assert.is(points.length, 1000)
  await call('POST', '/collections/documents_v1/points/delete?wait=true', { points })
  await call('DELETE', '/collections/documents_v1/index/package?wait=true')
  await call('DELETE', '/collections/packages')
  await call('POST', '/collections/aliases', {
    actions: [
      { delete_alias: { alias_name: 'documents' } },
      { create_alias: { alias_name: 'documents_off', collection_name: 'documents_v1' } },
    ],
  })
}

async function breakNeo4j(target: LabTarget): Promise<void> {
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  await neo4j.run('MATCH (n:Term) WHERE id(n) % 10 = 0 DETACH DELETE n')
  await neo4j.run('MATCH (n:Package) DETACH DELETE n')
  await neo4j.run('UNWIND range(1, 1500) AS i CREATE (:Loose {i: i})')
  await neo4j.run('DROP CONSTRAINT term_text')
  await neo4j.run('DROP INDEX document_title')
}

const DAMAGE = [
  'ALTER TABLE chunks ALTER COLUMN text DROP NOT NULL',
  'ALTER TABLE chunks DROP CONSTRAINT chunks_document_id_fkey',
  'ALTER TABLE feedback ADD CONSTRAINT feedback_late CHECK (rating > 0) NOT VALID',
  'ALTER TABLE feedback ADD CONSTRAINT feedback_chunk_late FOREIGN KEY (chunk_id) REFERENCES chunks NOT VALID',
  'DROP TABLE drift_measurements',
  'UPDATE chunks SET text = NULL WHERE id IN (SELECT id FROM chunks ORDER BY id LIMIT 3)',
  'DELETE FROM feedback WHERE id % 10 = 0',
  "SELECT setval('feedback_id_seq', 1)",
  "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'feedback_chunk_id'::regclass",
  'SET session_replication_role = replica',
  `INSERT INTO feedback (id, chunk_id, rating, comment, created_at) VALUES (999999, -1, 3, 'drill', now())`,
  'SET session_replication_role = origin',
]

async function breakPostgres(target: LabTarget): Promise<void> {
  await withPostgres(target, async postgres => {
    // One session: the role of the replication is a setting of it.
    await postgres.query(DAMAGE.join('; '))
  })
}

async function mended(ready: Ready): Promise<void> {
  await beginAgain(ready, ['qdrant', 'neo4j', 'postgres', 'minio'])
  const ended = await run(ready.target, VALIDATE)
  assert.equal(notPassed(checksOf(ready.target, ended)), [], ended.stdout)
  assert.is(ended.exitCode, 0, last(ended))
}

async function outOfReach(target: LabTarget): Promise<void> {
  const verdicts = (ended: Ended, store: string) =>
    checksOf(target, ended)
      .filter(one => one.store === store)
      .map(({ check, verdict }) => `${check}: ${verdict}`)
  await compose(target, 'stop', 'qdrant')
  try {
    const away = await run(target, VALIDATE, ['--type', 'qdrant', '--type', 'postgres'])
    assert.is(away.exitCode, 2, last(away))
    assert.equal(verdicts(away, 'qdrant'), ['nothing is wrong with it: failed'])
    assert.ok(verdicts(away, 'postgres').includes('it can be reached over TCP with its password: proven'))
  } finally {
    await compose(target, 'start', 'qdrant')
  }
  const stranger = { ...target, env: { ...target.env, POSTGRES_PASSWORD: 'a password that nobody has set' } }
  const refused = await run(stranger, VALIDATE, ['--type', 'postgres'])
  assert.is(refused.exitCode, 1, last(refused))
  assert.match(refused.stderr, /postgres refuses the password of ai_user\nHINT: set POSTGRES_PASSWORD/)
  assert.equal(verdicts(refused, 'postgres'), ['it can be looked at: unchecked'])
}
