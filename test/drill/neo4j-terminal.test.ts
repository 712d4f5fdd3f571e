import { setAsideGraphs } from '../../lab/drills/proof-neo4j.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { states } from '../../lab/ground.ts'
import { lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { assert, describe } from '../describe.ts'
import { eventually } from '../poll.ts'
import { KEY } from '../pty.ts'
import { emptyDump } from './empty-dump.ts'
import { onGround, type Ready } from './ground.ts'
import { makeMemberTwin } from './member-twin.ts'
import { answered, besideService, damageNeo4j, leaveOneOff, NEO4J_LOSS, runVolumes } from './neo4j-ground.ts'
import { assertReleased } from './released.ts'
import { killedAndResumed } from './terminal/kill.ts'
import { startScenario, typePhrase } from './terminal/session.ts'

const LIMIT = { seconds: 600 }

const POINTS = ['set the damaged store aside', 'load the dump']

describe('Neo4j: killed, resumed, taken back', suite => {
  const ready = onGround(suite)
  suite.test(
    `kill -9 in "${POINTS.join('", then in "')}", each time --resume; what was kept is released, only with the phrase`,
    () => killed(ready()),
    LIMIT,
  )
  suite.test(
    'a valid dump of an empty database fails, and undo brings the old store back',
    () => undone(ready()),
    LIMIT,
  )
})

/** A run before this one has been killed too, and nobody has gone on with it: its container is removed. */
async function killed(ready: Ready): Promise<void> {
  const { target } = ready
  const damaged = await damageNeo4j(ready, faultNamed('nodes-deleted'))
  await leaveOneOff(target, `${target.project}-neo4j-dump-20200101_020000`)
  const incident = await killedAndResumed(damaged, {
    scenario: NEO4J_LOSS,
    answers: answered(),
    killedAt: POINTS,
  })
  assert.equal(await besideService(target), [])
  await assertReleased(target, incident, () => setAsideGraphs(target))
}

/** Its sha256 fits and it is consistent: only the figures after the load tell that nothing is in it. */
async function undone(ready: Ready): Promise<void> {
  const { target } = ready
  await damageNeo4j(ready, faultNamed('chunks-deleted'))
  const before = await figures(ready)
  const empty = await emptyDump(target)
  const id = await makeMemberTwin(target, 'neo4j', { object: () => empty })
  const session = startScenario(target, [...answered(id), '--set', `accept=${id}`], NEO4J_LOSS)
  await typePhrase(session)
  await session.terminal.sees('What now?')
  assert.match(session.terminal.text(), /0 nodes Chunk, the\s+backup\s+has\s+\d+/)
  session.terminal.type(KEY.down)
  session.terminal.type(KEY.down)
  session.terminal.type(KEY.enter)
  await session.terminal.sees('everything this run changed has been taken back')
  assert.is(await session.terminal.ended(), 2, session.terminal.text())
  await eventually(async () => (await states(target)).every(({ health }) => health === 'healthy'))
  assert.equal(await figures(ready), before, 'the damaged state must be back')
  assert.equal(await runVolumes(target), [])
}

async function figures({ target }: Ready) {
  const { parts, schema } = await lookAtNeo4j(target, readCorpus(target.root))
  return { parts, schema }
}
