import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { writeMarker } from '../../lab/drills/marker.ts'
import { run } from '../../lab/drills/program.ts'
import { prove } from '../../lab/drills/proof.ts'
import { scenarioFor } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { states } from '../../lab/ground.ts'
import { say } from '../../lab/setup/progress.ts'
import { startGround, waitUntilHealthy } from '../../lab/start.ts'
import { assert, describe } from '../describe.ts'
import { onGround, type Ready } from './ground.ts'
import { last } from './said.ts'
import { eventsOf, resumeScenario, typePhrase } from './terminal/session.ts'

const LIMIT = { seconds: 600 }

describe('complete failure: recovered side by side, proven from outside', suite => {
  const ready = onGround(suite)
  suite.test('the host is lost, a copy of the bucket is left', () => hostLost(ready()), LIMIT)
})

async function hostLost(ready: Ready): Promise<void> {
  const { target, before } = ready
  // A test before this one may have left something stopped.
  await startGround(target)
  await waitUntilHealthy(target)
  const fault = faultNamed('host-lost')
  const after = await writeMarker(target, 'after the backup')
  const victim = await inject(target, fault)
  assert.equal(await states(target), [], 'nothing may be left')
  const scenario = scenarioFor(fault)
  const right = rightAnswer(fault, 'documents')
  const refused = await run(target, scenario, ['--plan', ...right.answers])
  assert.is(refused.exitCode, 64, 'a plan changes nothing, so nothing is there to plan with')
  assert.match(refused.stderr, /has no containers[\s\S]*HINT: /)
  const earlier = incidentNames(target)
  // The first run brings up what is needed, looks, and says the phrase of its plan.
  const asked = await run(target, scenario, [...right.answers, '--confirm', 'unknown'], 900)
  assert.is(asked.exitCode, 3, last(asked))
  assert.match(asked.stderr, /which is: \S+ \S+ [0-9a-f]{4}-[0-9a-f]{4}/)
  assert.match(asked.stdout, /foretold for chunks: \d+ (rows without a point|points without a row)/)
  assert.match(asked.stdout, /foretold for documents: \d+ rows without a node/)
  const incident = newIncident(target, earlier)
  assert.ok(incident, 'the run must leave an incident')
  const begun = Date.now()
  // A person goes on at a terminal, with the three stores side by side.
  const session = resumeScenario(target, incident!, scenario)
  await typePhrase(session)
  assert.is(await session.terminal.ended(), 0, session.terminal.text())
  assertCounted(incident!)
  const known = { fault, victim, right, before, after, scale: 1, incident: incident! }
  const claims = await prove(target, known)
  assert.equal(
    claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`),
    [],
  )
  const seconds = asked.seconds + (Date.now() - begun) / 1000
  say(`  host-lost: recovered in ${seconds.toFixed(0)} s, ${claims.length} claims hold`)
}

/** What was foretold from the manifests is counted afterwards, for points and for nodes. */
function assertCounted(incident: string): void {
  const counted = eventsOf(incident).flatMap(event =>
    event.kind === 'checked' && /^every row has its (point|node)/.test(event.say) ? [event.found] : [],
  )
  assert.ok(counted.length >= 2, 'points and nodes')
  for (const found of counted) assert.match(found, /^[\d,]+ rows, [\d,]+ (points|nodes)/)
}
