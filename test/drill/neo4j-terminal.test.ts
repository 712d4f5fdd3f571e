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
import { answered, damageNeo4j, NEO4J_LOSS, runVolumes } from './neo4j-ground.ts'
import { assertRecovered } from './recovered.ts'
import { lockIsDead, writesBegun } from './terminal/recovery.ts'
import { eventsOf, reached, resumeScenario, startScenario, typePhrase } from './terminal/session.ts'

const LIMIT = { seconds: 600 }

describe('Neo4j: killed, resumed, taken back', suite => {
  const ready = onGround(suite)
  for (const say of ['set the damaged store aside', 'load the dump']) {
    suite.test(`kill -9 in "${say}", then --resume`, () => killedAt(ready(), say), LIMIT)
  }
  suite.test(
    'a valid dump of an empty database fails, and undo brings the old store back',
    () => undone(ready()),
    LIMIT,
  )
})

async function killedAt(ready: Ready, say: string): Promise<void> {
  const damaged = await damageNeo4j(ready, faultNamed('chunks-deleted'))
  const first = startScenario(ready.target, answered(), NEO4J_LOSS)
  const begun = reached(first, 'started', event => event.say.startsWith(say))
  await typePhrase(first)
  const { path } = await begun
  process.kill(first.terminal.pidOf(NEO4J_LOSS), 'SIGKILL')
  assert.is.not(await first.terminal.ended(), 0)
  const incident = await first.incident()
  const finished = eventsOf(incident).some(event => event.kind === 'finished' && event.path === path)
  assert.not(finished, 'it was killed too late: nothing was interrupted')
  await lockIsDead(ready)
  const second = resumeScenario(ready.target, incident, NEO4J_LOSS)
  await typePhrase(second)
  assert.is(await second.terminal.ended(), 0, second.terminal.text())
  await assertRecovered(damaged)
  const repeated = [...writesBegun(incident)].filter(([each, times]) => times > 1 && each !== path)
  assert.equal(repeated, [], 'nothing that was finished may be done again')
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
