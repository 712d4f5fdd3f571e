import { basename } from 'node:path'
import { newIncident } from '../../lab/drills/incidents.ts'
import { type Ended, run } from '../../lab/drills/program.ts'
import { databaseNames, keptVolumes } from '../../lab/drills/proof-postgres.ts'
import { planned } from '../../lab/drills/scenario.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { POSTGRES_FAULTS } from '../../lab/faults/postgres-faults.ts'
import { isWhole, lookAtPostgres } from '../../lab/oracle-postgres.ts'
import { connectPostgres, type Postgres } from '../../lab/platform/postgres.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { say } from '../../lab/setup/progress.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { onGround, type Ready } from './ground.ts'
import { assertRecovered, damagePostgres, forgetKept, POSTGRES_LOSS } from './postgres-ground.ts'
import { last } from './said.ts'

/** A drill takes less than a minute on two cores; a loaded machine may need several. */
const LIMIT = { seconds: 600 }

const ANSWERS = ['--set', 'backup=latest']

describe('PostgreSQL: every fault is recovered, proven from outside', suite => {
  const ready = onGround(suite)
  for (const fault of POSTGRES_FAULTS) suite.test(fault.id, () => recovered(ready(), fault), LIMIT)
  suite.test('sessions that come back faster than one looks', () => besieged(ready()), LIMIT)
  suite.test('a transaction that holds a lock for ever', () => locked(ready()), LIMIT)
  suite.test('what was kept is released for good, and only with the phrase', () => released(ready()), LIMIT)
  suite.after(() => forgetKept(ready()))
})

async function recovered(ready: Ready, fault: Fault): Promise<void> {
  const damaged = await damagePostgres(ready, fault)
  const { target } = ready
  const broken = await lookAtPostgres(target, readCorpus(target.root)).catch(() => undefined)
  assert.not(broken !== undefined && isWhole(broken), `${fault.id} must be visible from outside`)
  const { seconds } = await recover(target)
  const claims = await assertRecovered(damaged)
  say(`  ${fault.id}: recovered in ${seconds.toFixed(0)} s, ${claims} claims hold`)
}

async function recover(target: LabTarget): Promise<Ended> {
  const { phrase } = await planned(target, ANSWERS, POSTGRES_LOSS)
  const ended = await run(target, POSTGRES_LOSS, [...ANSWERS, '--confirm', phrase])
  assert.is(ended.exitCode, 0, last(ended))
  return ended
}

/** Readers that the configuration does not know, and that connect again as soon as they are thrown out. */
async function besieged(ready: Ready): Promise<void> {
  const damaged = await damagePostgres(ready, faultNamed('tables-emptied'))
  let served = 0
  let over = false
  const siege = [1, 2, 3].map(async n => {
    const postgres = connectPostgres(settingsOf(ready.target).postgres, `stubborn ${n}`)
    while (!over) {
      await postgres.query('SELECT count(*) FROM feedback').then(
        () => served++,
        () => undefined,
      )
    }
    await postgres.close()
  })
  try {
    await recover(ready.target)
  } finally {
    over = true
    await Promise.all(siege)
  }
  assert.ok(served > 0, 'nobody was connected: the drill tested nothing')
  await assertRecovered(damaged)
}

/** Nothing of the locked table can be read meanwhile; the exchange of the names ends the transaction. */
async function locked(ready: Ready): Promise<void> {
  const damaged = await damagePostgres(ready, faultNamed('tables-emptied'))
  const postgres = connectPostgres(settingsOf(ready.target).postgres, 'locker')
  const held = hold(postgres)
  try {
    const { stdout } = await recover(ready.target)
    assert.match(stdout, /cannot be read now: a transaction holds a lock/)
  } finally {
    await held.catch(() => undefined)
    await postgres.close()
  }
  await assertRecovered(damaged)
}

/** One statement, so that it is one transaction: locks a table and keeps it until somebody ends the session. */
async function hold(postgres: Postgres): Promise<unknown> {
  return postgres.query(
    'DO $$ BEGIN LOCK TABLE feedback IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(600); END $$',
  )
}

async function released(ready: Ready): Promise<void> {
  const { target } = ready
  const damaged = await damagePostgres(ready, faultNamed('control-file-cut'))
  await recover(target)
  const incident = basename(newIncident(target, damaged.earlier) ?? '')
  const tool = (phrase: string) =>
    run(target, 'tools/release-quarantine.ts', [incident, '--confirm', phrase], 120)
  const refused = await tool('no such phrase')
  assert.is(refused.exitCode, 3, last(refused))
  assert.is((await keptVolumes(target)).length, 1)
  const ended = await tool(`${target.project} release ${incident}`)
  assert.is(ended.exitCode, 0, last(ended))
  assert.equal(await keptVolumes(target), [])
  assert.equal(
    (await databaseNames(target)).map(({ name }) => name),
    ['ai_platform', 'postgres'],
  )
}
