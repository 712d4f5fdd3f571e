import { run } from '../../lab/drills/program.ts'
import { recover as confirmed } from '../../lab/drills/scenario.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { docker } from '../../lab/ground.ts'
import { isWholeGraph, lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { say } from '../../lab/setup/progress.ts'
import { phraseIn } from '../../runbook/unattended.ts'
import { assert, describe } from '../describe.ts'
import { onGround, type Ready } from './ground.ts'
import { besideService, damageNeo4j, leaveOneOff, NEO4J_LOSS } from './neo4j-ground.ts'
import { assertRecovered, type Damaged, recover } from './recovered.ts'
import { last } from './said.ts'

/** A drill takes two minutes on two cores; a loaded machine may need several times as much. */
const LIMIT = { seconds: 600 }

const ANSWERS = ['--set', 'backup=latest']

/**
 * The ways to lose a graph that are recovered nowhere else: `nodes-deleted` is killed twice (neo4j-terminal.test.ts), the
 * disk fills in the recovery of `graph-corrupt` (full-disk.test.ts).
 */
describe('Neo4j: its files lost, or its users, and recovered, proven from outside', suite => {
  const ready = onGround(suite)
  suite.test(
    "graph-files-gone, where a stranger's container has the volume: it is named, not removed",
    () => stranger(ready()),
    LIMIT,
  )
  suite.test(
    'graph-system-corrupt: only the users come back, the graph keeps what was written since',
    () => usersLost(ready()),
    LIMIT,
  )
})

/** A fault that the drill's own reads see. */
async function broken(ready: Ready, fault: string): Promise<Damaged> {
  const damaged = await damageNeo4j(ready, faultNamed(fault))
  const graph = await lookAtNeo4j(ready.target, readCorpus(ready.target.root)).catch(() => undefined)
  assert.not(graph !== undefined && isWholeGraph(graph), `${fault} must be visible from outside`)
  return damaged
}

async function usersLost(ready: Ready): Promise<void> {
  const damaged = await broken(ready, 'graph-system-corrupt')
  const { seconds } = await recover(damaged.ready.target, NEO4J_LOSS, LIMIT.seconds)
  const claims = await assertRecovered(damaged)
  say(`  ${damaged.fault.id}: recovered in ${seconds.toFixed(0)} s, ${claims} claims hold`)
}

/** Nothing is moved while somebody else may write to the same files; once they have gone, the run goes on. */
async function stranger(ready: Ready): Promise<void> {
  const { target } = ready
  const damaged = await broken(ready, 'graph-files-gone')
  const name = `${target.project}-experiment-of-jim`
  await leaveOneOff(target, name)
  const ended = await confirmed(target, ANSWERS, NEO4J_LOSS, LIMIT.seconds)
  assert.is(ended.exitCode, 2, last(ended))
  assert.match(ended.stderr, new RegExp(`${name} has it too`))
  assert.match(ended.stderr, /docker compose up .*neo4j/)
  assert.equal(await besideService(target), [name])
  await docker(target, ['rm', '-f', name])
  const resumed = await run(target, NEO4J_LOSS, ['--resume', '--confirm', '-'], LIMIT.seconds, phraseIn)
  assert.is(resumed.exitCode, 0, last(resumed))
  await assertRecovered(damaged)
}
