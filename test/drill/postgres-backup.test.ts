import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lab/drills/program.ts'
import { compose } from '../../lab/ground.ts'
import { isWhole, lookAtPostgres } from '../../lab/oracle-postgres.ts'
import { connectPostgres } from '../../lab/platform/postgres.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { bucketOf, type LabTarget, settingsOf } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import type { Member } from '../../stores/manifest.ts'
import { assert, describe } from '../describe.ts'
import { eventually } from '../poll.ts'
import { configLike, onlyStores } from './config.ts'
import { onGround } from './ground.ts'
import { newestMembers } from './newest-set.ts'
import { last } from './said.ts'
import { withPostgres } from './with-postgres.ts'

const LIMIT = { seconds: 600 }

describe('a backup of PostgreSQL in bad luck: it counts as failed, and PostgreSQL answers', suite => {
  const ready = onGround(suite)
  const folder = mkdtempSync(join(tmpdir(), 'bad-luck-'))
  let config = ''
  const backUp = () => run(ready().target, TOOL, ['--run-once', '--config', config], LIMIT.seconds)
  suite.before(async () => {
    // Neo4j would be stopped and started for nothing.
    config = configLike(ready().target, folder, text => onlyStores(text, 'qdrant', 'postgres'))
    await withPostgres(ready().target, postgres => postgres.query(LONG_VALUES))
  })
  suite.after(() => rmSync(folder, { recursive: true, force: true }))
  const failing = (kill: (target: LabTarget, pid: number) => Promise<unknown>, says: RegExp) => async () => {
    const { target } = ready()
    const before = await keysOf(target)
    const hold = await holdDump(target)
    try {
      const backup = backUp()
      await kill(target, await hold.reached())
      const ended = await backup
      assert.is(ended.exitCode, 1, last(ended))
      assert.match(ended.stderr, says)
    } finally {
      await hold.release()
    }
    await assertFailed(target, before, says)
    await assertWhole(target)
  }
  suite.test(
    'kill -9 of the server process that copies: the whole server goes through its crash recovery',
    failing(killInside, /PostgreSQL broke off the connection/),
    LIMIT,
  )
  suite.test('kill -9 of pg_dump', failing(killDump, /pg_dump was killed/), LIMIT)
  suite.test(
    'the next run takes a good set',
    async () => {
      const { target } = ready()
      await withPostgres(target, postgres => postgres.query('DROP TABLE held'))
      const ended = await backUp()
      assert.is(ended.exitCode, 0, last(ended))
      assert.equal(statesOf(await newestMembers(target)), { qdrant: 'success', postgres: 'success' })
    },
    LIMIT,
  )
})

const TOOL = 'tools/backup-service.ts'

/** Values that are too long for a row lie elsewhere, in a table that pg_dump does not lock when it begins. */
const LONG_VALUES = `CREATE TABLE held (value text); ALTER TABLE held ALTER value SET STORAGE EXTERNAL;
  INSERT INTO held VALUES (repeat('x', 10000))`

/** One statement, so that it is one transaction: who reads those values waits until it ends. */
const HOLD = `DO $$ BEGIN
  EXECUTE (SELECT format('REINDEX INDEX %s', i.indexrelid::regclass)
    FROM pg_index i JOIN pg_class c ON c.reltoastrelid = i.indrelid WHERE c.oid = 'held'::regclass);
  PERFORM pg_sleep(600);
END $$`

/** Holds the dump in the middle of its copying. */
async function holdDump(target: LabTarget) {
  const postgres = connectPostgres(settingsOf(target).postgres, 'holder')
  const held = postgres.query(HOLD).catch(() => undefined)
  const seen = (query: string) =>
    eventually(() => withPostgres(target, async watcher => (await watcher.query<{ pid: number }>(query))[0]))
  await seen("SELECT pid FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'")
  return {
    /** Waits until it stands there, and gives the server process that serves it. */
    reached: async () => (await seen(COPYING)).pid,
    async release() {
      await answers(
        target,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'",
      )
      await held
      await postgres.close()
    },
  }
}

const COPYING = `SELECT pid FROM pg_stat_activity WHERE application_name = 'pg_dump' AND query LIKE 'COPY%held%'
  AND wait_event_type = 'Lock'`

function killInside(target: LabTarget, pid: number): Promise<string> {
  return inside(target, `kill -9 ${pid}`)
}

async function killDump(target: LabTarget): Promise<void> {
  const script =
    'for p in /proc/[0-9]*; do grep -qs "^Name:.*pg_dump$" $p/status && kill -9 $(basename $p); done; true'
  await inside(target, script)
}

function inside(target: LabTarget, script: string): Promise<string> {
  return compose(target, 'exec', '-T', 'postgres', 'sh', '-c', script)
}

/** The set says so with the reason, the other store counts, and nothing else has come into the bucket. */
async function assertFailed(target: LabTarget, before: readonly string[], says: RegExp): Promise<void> {
  const members = await newestMembers(target)
  assert.equal(statesOf(members), { qdrant: 'success', postgres: 'failed' })
  const failed = members.find(({ kind }) => kind === 'postgres')
  assert.match(failed?.status === 'failed' ? failed.reason : '', says)
  const added = (await keysOf(target)).filter(key => !before.includes(key))
  assert.equal([...new Set(added.map(key => key.split('/')[0]))].sort(), ['qdrant', 'runs', 'sets'])
}

/** It answers again, with every row, and nobody dumps it any more. */
async function assertWhole(target: LabTarget): Promise<void> {
  await eventually(async () => (await answers(target, DUMPING))?.length === 0)
  assert.ok(isWhole(await lookAtPostgres(target, readCorpus(target.root))))
}

const DUMPING = "SELECT pid FROM pg_stat_activity WHERE application_name = 'pg_dump'"

/** The rows of an answer, as soon as there is one: a server in its crash recovery refuses everybody. */
async function answers(target: LabTarget, query: string): Promise<object[]> {
  return eventually(() => withPostgres(target, postgres => postgres.query(query)).catch(() => undefined))
}

function statesOf(members: readonly Member[]): Record<string, string> {
  return Object.fromEntries(members.map(({ kind, status }) => [kind, status]))
}

async function keysOf(target: LabTarget): Promise<string[]> {
  return (await new Objects(bucketOf(target)).list('')).map(({ key }) => key).sort()
}
