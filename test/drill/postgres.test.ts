import type { Fault } from '../../lab/faults/fault.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { POSTGRES_FAULTS } from '../../lab/faults/postgres-faults.ts'
import { isWhole, lookAtPostgres } from '../../lab/oracle-postgres.ts'
import { connectPostgres } from '../../lab/platform/postgres.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { say } from '../../lab/setup/progress.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { againAndAgain } from '../poll.ts'
import { onGround, type Ready } from './ground.ts'
import { damagePostgres, forgetKept, POSTGRES_LOSS } from './postgres-ground.ts'
import { assertRecovered, recover } from './recovered.ts'
import { withPostgres } from './with-postgres.ts'

/** A drill takes less than a minute on two cores; a loaded machine may need several. */
const LIMIT = { seconds: 900 }

/** It has a test of its own, in which more happens. */
const BESIEGED = faultNamed('tables-emptied')
/** The clusters that do not start: one is killed in its recovery, the other taken back (postgres-terminal.test.ts). */
const ELSEWHERE = [BESIEGED.id, 'control-file-cut', 'version-file-wrong']
const PLAIN = POSTGRES_FAULTS.filter(fault => !ELSEWHERE.includes(fault.id))

describe('PostgreSQL: a database that is lost or damaged is recovered, proven from outside', suite => {
  const ready = onGround(suite)
  for (const fault of PLAIN) suite.test(fault.id, () => recovered(ready(), fault), LIMIT)
  suite.test(
    `${BESIEGED.id}, with sessions that come back and a lock that is held`,
    () => besieged(ready()),
    LIMIT,
  )
  suite.after(() => forgetKept(ready()))
})

async function recovered(ready: Ready, fault: Fault): Promise<void> {
  const damaged = await damagePostgres(ready, fault)
  const { target } = ready
  const broken = await lookAtPostgres(target, readCorpus(target.root)).catch(() => undefined)
  assert.not(broken !== undefined && isWhole(broken), `${fault.id} must be visible from outside`)
  const { seconds } = await recover(target, POSTGRES_LOSS, LIMIT.seconds)
  const claims = await assertRecovered(damaged)
  say(`  ${fault.id}: recovered in ${seconds.toFixed(0)} s, ${claims} claims hold`)
}

/**
 * Readers that the configuration does not know connect again as soon as they are thrown out, and one session
 * holds a lock for ever: the locked table cannot be read, and the exchange of the names ends the transaction.
 */
async function besieged(ready: Ready): Promise<void> {
  const { target } = ready
  const damaged = await damagePostgres(ready, BESIEGED)
  const own = await ownProperties(target)
  const readers = [1, 2, 3].map(n => siege(target, n))
  const locker = connectPostgres(settingsOf(target).postgres, 'locker')
  const held = locker.query(HOLD).catch(() => undefined)
  try {
    const { stdout } = await recover(target, POSTGRES_LOSS, LIMIT.seconds)
    assert.match(stdout, /cannot be read now: a transaction holds a lock/, stdout)
  } finally {
    await held
    await locker.close()
    for (const reader of readers) assert.ok((await reader.stop()) > 0, 'nobody was connected')
  }
  await assertRecovered(damaged)
  assert.equal(await propertiesOf(target), own, 'what belongs to the database and is in no dump')
}

/** Gives the database a comment, a setting and a privilege: a rename of another one into its place brings none. */
async function ownProperties(target: LabTarget): Promise<unknown> {
  const { database } = settingsOf(target).postgres
  await withPostgres(target, async postgres => {
    await postgres.query(`COMMENT ON DATABASE "${database}" IS 'kept by a drill'`)
    await postgres.query(`ALTER DATABASE "${database}" SET statement_timeout = '77min'`)
    await postgres.query(`GRANT TEMPORARY ON DATABASE "${database}" TO pg_monitor`)
  })
  const own = await propertiesOf(target)
  assert.match(JSON.stringify(own), /kept by a drill.*pg_monitor=T.*77min/)
  return own
}

async function propertiesOf(target: LabTarget): Promise<unknown> {
  return withPostgres(target, async postgres => {
    return await postgres.query(PROPERTIES)
  })
}

const PROPERTIES = `SELECT shobj_description(d.oid, 'pg_database') AS comment,
  (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(datacl) acl) AS acl,
  (SELECT setconfig::text FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 0) AS settings
  FROM pg_database d WHERE datname = current_database()`

/** One statement, so that it is one transaction; it ends with its session. */
const HOLD = 'DO $$ BEGIN LOCK TABLE feedback IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(600); END $$'

/** Reads again and again until it is stopped, and then tells how often it got an answer. */
function siege(target: LabTarget, n: number) {
  const postgres = connectPostgres(settingsOf(target).postgres, `stubborn ${n}`)
  let served = 0
  const reading = againAndAgain(() =>
    postgres.query('SELECT count(*) FROM documents').then(
      () => served++,
      () => undefined,
    ),
  )
  return {
    async stop() {
      await reading.stop()
      await postgres.close()
      return served
    },
  }
}
