import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, run } from '../../lab/drills/program.ts'
import { collectionNames } from '../../lab/drills/reads.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { databaseStatus, waitForStatus } from '../../lab/faults/neo4j-files.ts'
import { compose, docker, until } from '../../lab/ground.ts'
import { connectPostgres } from '../../lab/platform/postgres.ts'
import { $ } from '../../lab/shell.ts'
import { bucketOf, type LabTarget, settingsOf } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import { assert, describe } from '../describe.ts'
import { configLike } from './config.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { leaveOneOff } from './neo4j-ground.ts'
import { beginPostgresAgain } from './postgres-ground.ts'
import { last } from './said.ts'
import { withPostgres } from './with-postgres.ts'

const LIMIT = { seconds: 600 }

/** A disk that is full is diagnosed where one is filled: full-disk.test.ts. */
describe('the troubles of the troubleshooting section, and what is printed against them', suite => {
  const ready = onGround(suite)
  suite.test('a sound platform has none of them', () => sound(ready().target), LIMIT)
  suite.test(
    'PostgreSQL: who waits for whom; the printed command ends it',
    () => blocked(ready().target),
    LIMIT,
  )
  suite.test(
    'Neo4j: who waits for whom; the printed command ends it',
    () => lockedNode(ready().target),
    LIMIT,
  )
  suite.test(
    'a container of a killed run is named, and removed as printed',
    () => leftBehind(ready().target),
    LIMIT,
  )
  suite.test(
    'a collection that is missing: deleted, moved, misnamed, never there',
    () => collectionGone(ready()),
    LIMIT,
  )
  suite.test('rows without a parent: which ones, set aside as printed', () => orphaned(ready()), LIMIT)
  suite.test(
    'Neo4j does not start: damaged, held by somebody else, or no longer its own',
    () => neo4jStart(ready()),
    LIMIT,
  )
  suite.test('an object with other bytes is told from a bad download', () => objectDamaged(ready()), LIMIT)
})

interface Told {
  found: { problem: string; about: string; evidence: string[]; cause: string; next: string[] }[]
  unchecked: unknown[]
  environment: string[]
}

async function diagnose(target: LabTarget, ...problems: string[]): Promise<{ ended: Ended; told: Told }> {
  const ended = await run(target, 'tools/diagnose.ts', [...problems, '--json'])
  return { ended, told: JSON.parse(ended.stdout) as Told }
}

/** The one trouble that there must be. */
async function only(target: LabTarget, ...problems: string[]) {
  const { ended, told } = await diagnose(target, ...problems)
  assert.is(ended.exitCode, 2, last(ended))
  assert.is(told.found.length, 1, ended.stdout)
  return { ...told.found[0]!, environment: told.environment }
}

async function none(target: LabTarget, ...problems: string[]): Promise<void> {
  const { ended, told } = await diagnose(target, ...problems)
  assert.equal(told.found, [], ended.stdout)
  assert.is(ended.exitCode, 0, last(ended))
}

/** Runs a printed command as a person would who copies it, with the lines that are to come before. */
async function asPrinted(target: LabTarget, environment: readonly string[], line: string): Promise<string> {
  const script = [...environment, line].join('\n')
  const { stdout } = await $({ cwd: target.root, env: { ...process.env, ...target.env } })`sh -c ${script}`
  return stdout
}

async function sound(target: LabTarget): Promise<void> {
  const ended = await run(target, 'tools/diagnose.ts')
  assert.is(ended.exitCode, 0, last(ended))
  assert.match(ended.stdout, /nothing found; looked for: something hangs, .*foreign keys/)
}

/** Somebody has begun a migration and gone to lunch. */
async function blocked(target: LabTarget): Promise<void> {
  const settings = settingsOf(target).postgres
  const forgotten = connectPostgres(settings, 'migration')
  const waiting = connectPostgres(settings, 'nightly-report')
  try {
    await forgotten.query('BEGIN; LOCK TABLE documents IN ACCESS EXCLUSIVE MODE')
    const answer = waiting.query<{ count: string }>('SELECT count(*) FROM documents')
    const { about, evidence, cause, next, environment } = await until('somebody waits', 60, async () => {
      const { told } = await diagnose(target, 'hang')
      const found = told.found.find(one => one.evidence.some(line => line.startsWith('nightly-report')))
      return found && { ...found, environment: told.environment }
    })
    assert.is(about, 'postgres')
    assert.ok(
      evidence.some(line => /^migration \(\d+\) holds the lock: idle in transaction/.test(line)),
      evidence.join('\n'),
    )
    assert.match(cause, /neither committed nor rolled back/)
    await asPrinted(target, environment, next.at(-1)!)
    assert.ok(Number((await answer)[0]!.count) > 0, 'who waited goes on')
  } finally {
    await Promise.all([forgotten.close(), waiting.close()])
  }
  await none(target, 'hang')
}

async function lockedNode(target: LabTarget): Promise<void> {
  const { url, user, password } = settingsOf(target).neo4j
  const post = (path: string, statement?: string) =>
    fetch(path, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ statements: statement ? [{ statement }] : [] }),
    })
  const write = 'MATCH (d:Document) WITH d ORDER BY d.id LIMIT 1 SET d.seen = 1'
  const held = await post(`${url}/db/neo4j/tx`, write)
  assert.is(held.status, 201)
  const waits = post(`${url}/db/neo4j/tx/commit`, write).then(answer => answer.json())
  const { about, next, environment } = await until('a transaction waits', 60, async () => {
    const { told } = await diagnose(target, 'hang')
    const [found] = told.found
    return found && { ...found, environment: told.environment }
  })
  assert.is(about, 'neo4j')
  await asPrinted(target, environment, next.at(-1)!)
  assert.equal(((await waits) as { errors: unknown[] }).errors, [], 'who waited goes on')
  await post(`${url}/db/neo4j/tx/commit`, 'MATCH (d:Document) WHERE d.seen = 1 REMOVE d.seen')
  await none(target, 'hang')
}

async function leftBehind(target: LabTarget): Promise<void> {
  const name = `${target.project}-neo4j-load-20260101_000000`
  await leaveOneOff(target, name)
  const { about, next, environment } = await only(target, 'hang')
  assert.is(about, name)
  await asPrinted(target, environment, next[0]!)
  await none(target, 'hang')
}

async function collectionGone(ready: Ready): Promise<void> {
  const { target } = ready
  await inject(target, faultNamed('alias-wrong'))
  const wrong = await only(target, 'collection')
  assert.match(
    wrong.evidence.join('\n'),
    /the alias leads to packages; in qdrant_\d{8}_\d{6} it leads to documents_v1/,
  )
  await beginAgain(ready)
  await inject(target, faultNamed('collection-deleted'))
  assert.not((await collectionNames(target)).includes('documents_v1'))
  const { ended, told } = await diagnose(target, 'collection')
  assert.is(ended.exitCode, 2, last(ended))
  const names = told.found.map(({ about }) => about)
  assert.equal(names, ['qdrant: documents', 'qdrant: documents_v1'])
  for (const { evidence, next } of told.found) {
    assert.match(evidence.join('\n'), /1 of 1 usable backups have it, the newest is qdrant_\d{8}_\d{6}/)
    assert.match(next[0]!, /scenarios\/qdrant-corruption\.ts/)
  }
  await beginAgain(ready)
  await none(target, 'collection')
  await misnamed(target)
}

/** What nobody has deleted: a name that the configuration has wrong, and one that no set has ever had. */
async function misnamed(target: LabTarget): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'misnamed-'))
  const named = async (name: string) => {
    const config = configLike(target, folder, text =>
      text.replace(/collection: documents(?=\n +cardinality)/, `collection: ${name}`),
    )
    const { found } = (await diagnose(target, 'collection', '--config', config)).told
    assert.is(found.length, 1, JSON.stringify(found))
    return found[0]!
  }
  try {
    assert.match((await named('Document')).cause, /the name is wrong: there is documents/)
    const { evidence, cause } = await named('letters')
    assert.match(evidence.join('\n'), /none of 1 usable backups has it/)
    assert.match(cause, /never backed up/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Which rows they are is asked of the database itself, before and after. */
const ORPHANS =
  'SELECT count(*)::int AS n FROM chunks c WHERE NOT EXISTS (SELECT FROM documents d WHERE d.id = c.document_id)'

async function orphaned(ready: Ready): Promise<void> {
  const { target } = ready
  await inject(target, faultNamed('references-broken'))
  await withPostgres(target, async postgres => {
    const [{ n } = { n: 0 }] = await postgres.query<{ n: number }>(ORPHANS)
    assert.ok(n > 0)
    const { ended, told } = await diagnose(target, 'foreign-keys')
    assert.is(ended.exitCode, 2, last(ended))
    const chunks = told.found.find(({ about }) => about === 'public.chunks')!
    assert.match(
      chunks.evidence[0]!,
      new RegExp(`^${n.toLocaleString('en-US')} rows? without a parent, against `),
    )
    assert.match(chunks.evidence[1]!, /document_id \d+/)
    for (const { next } of told.found) await asPrinted(target, told.environment, next.at(-1)!)
    await none(target, 'foreign-keys')
    const [table] = await postgres.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE tablename LIKE 'chunks_2%'",
    )
    const [kept] = await postgres.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table!.name}`)
    assert.is(kept!.n, n, 'every row is kept')
  })
  await beginPostgresAgain(ready)
  await none(target, 'foreign-keys')
}

async function neo4jStart(ready: Ready): Promise<void> {
  const { target } = ready
  await inject(target, faultNamed('graph-corrupt'))
  const damaged = await only(target, 'start')
  assert.match(damaged.cause, /damaged or missing/)
  assert.match(damaged.next[0]!, /scenarios\/neo4j-loss\.ts/)
  const validated = await run(target, 'tools/validate-data-integrity.ts', ['--type', 'neo4j'])
  assert.is(validated.exitCode, 2, last(validated))
  assert.match(validated.stdout, /✖ neo4j (runs, but its database neo4j is not online|does not answer)/)
  await beginAgain(ready, ['neo4j'])
  await compose(target, 'stop', '-t', '300', 'neo4j')
  const stranger = `${target.project}-somebodys-experiment`
  await leaveOneOff(target, stranger)
  const { evidence, next, environment } = await only(target, 'start')
  assert.match(evidence[0]!, new RegExp(`the container ${stranger} has its volume too`))
  // The first only shows it.
  for (const line of next.slice(1)) await asPrinted(target, environment, line)
  await waitForStatus(target, 'online')
  assert.is(await databaseStatus(target), 'online')
  assert.is(await docker(target, ['ps', '-a', '-q', '--filter', `name=^${stranger}$`]), '')
  await notItsOwn(target)
  await none(target, 'start')
}

/** Somebody has worked in the volume as root while the server was down. */
async function notItsOwn(target: LabTarget): Promise<void> {
  await compose(target, 'stop', '-t', '300', 'neo4j')
  const root = ['run', '--rm', '--no-deps', '--user', '0', '--entrypoint', 'chown']
  await compose(target, ...root, 'neo4j', '-R', '0:0', '/data/databases/neo4j')
  const { evidence, cause, next, environment } = await only(target, 'start')
  assert.match(evidence.join('\n'), /root +root .*\/data\/databases\/neo4j/)
  assert.match(cause, /neo4j-admin ran as root/)
  for (const line of next) await asPrinted(target, environment, line)
  await waitForStatus(target, 'online')
}

async function objectDamaged(ready: Ready): Promise<void> {
  const { target } = ready
  const objects = new Objects(bucketOf(target))
  const [key = ''] = (await objects.list('postgres/'))
    .map(one => one.key)
    .filter(each => each.endsWith('.dump'))
  const file = join(tmpdir(), `damaged-${process.pid}`)
  const transfer = { signal: new AbortController().signal, progress: () => undefined }
  try {
    await objects.remove(key)
    writeFileSync(file, 'these are not the bytes that were backed up')
    await objects.upload(file, key, transfer)
  } finally {
    rmSync(file, { force: true })
  }
  const { about, evidence, cause } = await only(target, 'checksum')
  assert.is(about, key)
  assert.match(evidence[0]!, /is not what was backed up: sha256 \w+…, expected \w+…/)
  assert.match(cause, /two downloads gave wrong bytes, so the object itself is damaged/)
  await beginAgain(ready, ['minio'])
  await none(target, 'checksum')
}
