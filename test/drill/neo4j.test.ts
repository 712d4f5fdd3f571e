import { basename } from 'node:path'
import { newIncident } from '../../lab/drills/incidents.ts'
import { run } from '../../lab/drills/program.ts'
import { setAsideGraphs } from '../../lab/drills/proof-neo4j.ts'
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

/** One of each way in which a graph is lost; the others take the same paths (`npm run drill -- --list`). */
describe('Neo4j: every way to lose a graph is recovered, proven from outside', suite => {
  const ready = onGround(suite)
  suite.test(
    'nodes-deleted, where a killed run has left a container; what was kept is released',
    () => released(ready()),
    LIMIT,
  )
  suite.test(
    "graph-files-gone, where a stranger's container has the volume: it is named, not removed",
    () => stranger(ready()),
    LIMIT,
  )
  suite.test(
    'graph-corrupt',
    async () => void (await recovered(await broken(ready(), 'graph-corrupt'))),
    LIMIT,
  )
  suite.test(
    'graph-system-corrupt: only the users come back, the graph keeps what was written since',
    async () => void (await recovered(await broken(ready(), 'graph-system-corrupt'))),
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

async function recovered(damaged: Damaged): Promise<string> {
  const { stdout, seconds } = await recover(damaged.ready.target, NEO4J_LOSS, LIMIT.seconds)
  const claims = await assertRecovered(damaged)
  say(`  ${damaged.fault.id}: recovered in ${seconds.toFixed(0)} s, ${claims} claims hold`)
  return stdout
}

async function released(ready: Ready): Promise<void> {
  const { target } = ready
  const damaged = await broken(ready, 'nodes-deleted')
  await leaveOneOff(target, `${target.project}-neo4j-dump-20200101_020000`)
  assert.match(await recovered(damaged), /remove what a killed run has left behind/)
  assert.equal(await besideService(target), [])
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
