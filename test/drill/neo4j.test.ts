import { basename } from 'node:path'
import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { run } from '../../lab/drills/program.ts'
import { setAsideGraphs } from '../../lab/drills/proof-neo4j.ts'
import { recover as confirmed } from '../../lab/drills/scenario.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { isWholeGraph, lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { say } from '../../lab/setup/progress.ts'
import { assert, describe } from '../describe.ts'
import { onGround, type Ready } from './ground.ts'
import { besideService, damageNeo4j, leaveOneOff, NEO4J_LOSS } from './neo4j-ground.ts'
import { assertRecovered, recover } from './recovered.ts'
import { last } from './said.ts'

/** A drill takes two minutes on two cores; a loaded machine may need several times as much. */
const LIMIT = { seconds: 600 }

const ANSWERS = ['--set', 'backup=latest']

/** One of each way in which a graph is lost; the others take the same paths (`npm run drill -- --list`). */
const FAULTS = ['nodes-deleted', 'graph-files-gone', 'graph-corrupt'].map(faultNamed)

describe('Neo4j: every way to lose a graph is recovered, proven from outside', suite => {
  const ready = onGround(suite)
  for (const fault of FAULTS) suite.test(fault.id, () => recovered(ready(), fault), LIMIT)
  suite.test(
    'a one-off container that a killed run has left behind, and the release of what is kept',
    () => released(ready()),
    LIMIT,
  )
  suite.test("a stranger's container on the volume is named, not removed", () => stranger(ready()), LIMIT)
})

async function recovered(ready: Ready, fault: Fault): Promise<void> {
  const damaged = await damageNeo4j(ready, fault)
  const { target } = ready
  const broken = await lookAtNeo4j(target, readCorpus(target.root)).catch(() => undefined)
  assert.not(broken !== undefined && isWholeGraph(broken), `${fault.id} must be visible from outside`)
  const { seconds } = await recover(target, NEO4J_LOSS, LIMIT.seconds)
  const claims = await assertRecovered(damaged)
  say(`  ${fault.id}: recovered in ${seconds.toFixed(0)} s, ${claims} claims hold`)
}

async function released(ready: Ready): Promise<void> {
  const { target } = ready
  const damaged = await damageNeo4j(ready, faultNamed('chunks-deleted'))
  const name = `${target.project}-neo4j-dump-20200101_020000`
  await leaveOneOff(target, name)
  const { stdout } = await recover(target, NEO4J_LOSS, LIMIT.seconds)
  assert.match(stdout, /remove what a killed run has left behind/)
  assert.equal(await besideService(target), [])
  await assertRecovered(damaged)
  const incident = basename(newIncident(target, damaged.earlier) ?? '')
  const tool = (phrase: string) =>
    run(target, 'tools/release-quarantine.ts', [incident, '--confirm', phrase], 120)
  const refused = await tool('no such phrase')
  assert.is(refused.exitCode, 3, last(refused))
  assert.is((await setAsideGraphs(target)).length, 1)
  const ended = await tool(`${target.project} release ${incident}`)
  assert.is(ended.exitCode, 0, last(ended))
  assert.equal(await setAsideGraphs(target), [])
}

/** Nothing is moved while somebody else may write to the same files. */
async function stranger(ready: Ready): Promise<void> {
  const { target } = ready
  await damageNeo4j(ready, faultNamed('nodes-deleted'))
  const name = `${target.project}-experiment-of-jim`
  await leaveOneOff(target, name)
  const ended = await confirmed(target, ANSWERS, NEO4J_LOSS, LIMIT.seconds)
  assert.is(ended.exitCode, 2, last(ended))
  assert.match(ended.stderr, new RegExp(`${name} has it too`))
  assert.match(ended.stderr, /docker compose up .*neo4j/)
  assert.equal(await besideService(target), [name])
  assert.ok(incidentNames(target).length > 0)
}
