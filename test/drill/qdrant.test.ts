import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { writeMarker } from '../../lab/drills/marker.ts'
import { prove } from '../../lab/drills/proof.ts'
import { recover } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import { FAULTS, faultNamed, inject } from '../../lab/faults/faults.ts'
import { isIntact, look } from '../../lab/oracle.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { say } from '../../lab/setup/progress.ts'
import { assert, describe } from '../describe.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { last } from './said.ts'

const OF_QDRANT = FAULTS.filter(({ stores }) => stores.length === 1 && stores[0] === 'qdrant')

/**
 * Every fault on the collection behind an alias, and those that take another path on a physical name; the third of
 * these, `vector-bytes`, is the one whose quarantine is released (tools.test.ts).
 */
const CASES: [Fault, string][] = [
  ...OF_QDRANT.map((fault): [Fault, string] => [fault, 'documents']),
  ...['segment-json', 'collection-deleted'].map((id): [Fault, string] => [faultNamed(id), 'packages']),
]

/** Faults that leave every point as it was; all others must be visible from outside before the recovery. */
const HARMLESS = ['index-lost']

/** A drill takes less than a minute on two cores; a loaded machine may need several. */
const LIMIT = { seconds: 600 }

describe('Qdrant: every fault is recovered, proven from outside', suite => {
  const ready = onGround(suite)
  for (const [fault, collection] of CASES) {
    suite.test(`${fault.id} on ${collection}`, () => recovered(ready(), fault, collection), LIMIT)
  }
})

async function recovered(ready: Ready, fault: Fault, collection: string): Promise<void> {
  const { target, before } = ready
  await beginAgain(ready)
  const after = await writeMarker(target, 'after the backup')
  const victim = await inject(target, fault, collection)
  await assertBroken(ready, fault, collection)
  const right = rightAnswer(fault, collection)
  const earlier = incidentNames(target)
  const ended = await recover(target, right.answers)
  assert.is(ended.exitCode, 0, last(ended))
  const incident = newIncident(target, earlier)
  assert.ok(incident, 'the run must leave an incident')
  const claims = await prove(target, { fault, victim, right, before, after, scale: 1, incident: incident! })
  const wrong = claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`)
  assert.equal(wrong, [])
  say(
    `  ${fault.id} on ${collection}: recovered in ${ended.seconds.toFixed(0)} s, ${claims.length} claims hold`,
  )
}

/** A drill that breaks nothing would prove nothing. */
async function assertBroken({ target }: Ready, fault: Fault, collection: string): Promise<void> {
  const found = await look(target, collection, readCorpus(target.root)).catch(() => undefined)
  const intact = found !== undefined && isIntact(found)
  if (HARMLESS.includes(fault.id)) assert.not.equal(found?.indexes, ['ord', 'package'])
  else assert.not(intact, `${fault.id} must be visible from outside`)
}
