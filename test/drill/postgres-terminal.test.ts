import { databaseNames, keptVolumes } from '../../lab/drills/proof-postgres.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { compose, states } from '../../lab/ground.ts'
import { connectPostgres } from '../../lab/platform/postgres.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { againAndAgain, eventually } from '../poll.ts'
import { KEY } from '../pty.ts'
import { onGround, type Ready } from './ground.ts'
import { damagePostgres, forgetKept, POSTGRES_LOSS } from './postgres-ground.ts'
import { assertReleased } from './released.ts'
import { killedAndResumed } from './terminal/kill.ts'
import { answeredFor, startScenario, typePhrase } from './terminal/session.ts'
import { withPostgres } from './with-postgres.ts'

const LIMIT = { seconds: 900 }

/** What the journal says has just begun when the program is killed; a fence still closes then. */
const IN_DATABASE = ['restore into it', 'fence the damaged database']
const IN_CLUSTER = 'copy the damaged cluster into it'

describe('PostgreSQL: killed, resumed, taken back', suite => {
  const ready = onGround(suite)
  suite.test(
    `kill -9 in "${IN_DATABASE.join('", then in "')}", each time --resume`,
    async () => void (await killed(ready(), 'tables-emptied', IN_DATABASE)),
    LIMIT,
  )
  suite.test(
    `kill -9 in "${IN_CLUSTER}", --resume; what was kept is released, only with the phrase`,
    () => released(ready()),
    LIMIT,
  )
  suite.test('undo brings the damaged database back, under siege', () => undone(ready()), LIMIT)
  suite.test('undo brings a cluster back that does not start', () => undoneCluster(ready()), LIMIT)
  suite.after(() => forgetKept(ready()))
})

/** Gives the folder of the incident. */
async function killed(ready: Ready, fault: string, killedAt: readonly string[]): Promise<string> {
  const damaged = await damagePostgres(ready, faultNamed(fault))
  return killedAndResumed(damaged, {
    scenario: POSTGRES_LOSS,
    answers: answeredFor('postgres'),
    killedAt,
  })
}

async function released(ready: Ready): Promise<void> {
  const { target } = ready
  const incident = await killed(ready, 'control-file-cut', [IN_CLUSTER])
  await assertReleased(target, incident, () => keptVolumes(target))
  assert.equal(
    (await databaseNames(target)).map(({ name }) => name),
    ['ai_platform', 'postgres'],
  )
}

/**
 * A writer that the configuration does not know goes on writing, so what is read after the swap is not the
 * backup: the run fails there, and a person takes everything back.
 */
async function undone(ready: Ready): Promise<void> {
  await damagePostgres(ready, faultNamed('tables-emptied'))
  const { target } = ready
  const writer = keepWriting(target)
  try {
    await takeBack(target, 'public.drift_measurements')
  } finally {
    await writer.stop()
  }
  assert.ok(writer.written() > 0, 'nothing was written: the drill tested nothing')
  assert.equal(await databaseNames(target), [
    { name: 'ai_platform', open: true },
    { name: 'postgres', open: true },
  ])
  assert.is(await documents(target), 0, 'the damaged state must be back')
  await servicesRun(target)
}

/** The same for a cluster: its files come back from their copy, and it dies of them as before. */
async function undoneCluster(ready: Ready): Promise<void> {
  await damagePostgres(ready, faultNamed('version-file-wrong'))
  const { target } = ready
  const writer = keepWriting(target)
  try {
    await takeBack(target, 'public.drift_measurements')
  } finally {
    await writer.stop()
  }
  await eventually(async () =>
    (await states(target)).find(each => each.service === 'postgres' && each.state === 'restarting'),
  )
  assert.match(
    await compose(target, 'logs', '--tail', '20', 'postgres'),
    /files are incompatible with server/,
  )
}

/** Runs up to the failed check, and chooses the undo. */
async function takeBack(target: LabTarget, named: string): Promise<void> {
  const session = startScenario(target, answeredFor('postgres'), POSTGRES_LOSS)
  await typePhrase(session)
  await session.terminal.sees('What now?')
  assert.match(session.terminal.text(), new RegExp(`${named.replace('.', '\\.')}: [\\d,]+ rows`))
  session.terminal.type(KEY.down)
  session.terminal.type(KEY.down)
  session.terminal.type(KEY.enter)
  await session.terminal.sees('everything this run changed has been taken back')
  assert.is(await session.terminal.ended(), 2, session.terminal.text())
}

function keepWriting(target: LabTarget) {
  const postgres = connectPostgres(settingsOf(target).postgres, 'unknown writer')
  let written = 0
  const insert = `INSERT INTO drift_measurements (collection, queries, hits, mean_score, elapsed_ms, created_at)
    VALUES ('siege', 1, 1, 1, 1, now())`
  const writing = againAndAgain(() =>
    postgres.query(insert).then(
      () => written++,
      () => undefined,
    ),
  )
  return {
    written: () => written,
    async stop() {
      await writing.stop()
      await postgres.close()
    },
  }
}

async function documents(target: LabTarget): Promise<number> {
  return await withPostgres(target, async postgres => {
    const [row] = await postgres.query<{ count: string }>('SELECT count(*) FROM documents')
    return Number(row?.count)
  })
}

async function servicesRun(target: LabTarget): Promise<void> {
  await eventually(async () => (await states(target)).every(({ state }) => state === 'running') || undefined)
}
