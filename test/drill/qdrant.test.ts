import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { type Marker, writeMarker } from '../../lab/drills/marker.ts'
import { type Claim, prove } from '../../lab/drills/proof.ts'
import { INDEXES, proveQdrant } from '../../lab/drills/proof-qdrant.ts'
import { recover } from '../../lab/drills/scenario.ts'
import { type RightAnswer, rightAnswer } from '../../lab/drills/script.ts'
import type { Fault, Victim } from '../../lab/faults/fault.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { QDRANT_FAULTS } from '../../lab/faults/qdrant-faults.ts'
import { isIntact, look } from '../../lab/oracle.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { say } from '../../lab/setup/progress.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { last } from './said.ts'

/** A fault and the collection that it strikes. */
type Blow = readonly [fault: string, collection: 'documents' | 'packages']

/**
 * Every fault of Qdrant, on the collection behind an alias or on a physical name; those that take another path there
 * strike both. Where there are two, both are damaged before the one recovery.
 */
const CASES: readonly (readonly Blow[])[] = [
  [
    ['collection-emptied', 'documents'],
    ['payload-bytes', 'packages'],
  ],
  [
    ['collection-deleted', 'documents'],
    ['vector-truncated', 'packages'],
  ],
  [
    ['vector-bytes', 'documents'],
    ['collection-deleted', 'packages'],
  ],
  [['alias-wrong', 'documents']],
  [
    ['index-lost', 'packages'],
    ['segments-gone', 'documents'],
  ],
  [['segment-json', 'documents']],
  [['segment-json', 'packages']],
  [['storage-gone', 'documents']],
]

/** Faults that leave every point as it was; all others must be visible from outside before the recovery. */
const HARMLESS = ['index-lost']

/** A drill takes less than a minute on two cores; a loaded machine may need several. */
const LIMIT = { seconds: 600 }

describe('Qdrant: every fault is recovered, proven from outside', suite => {
  const ready = onGround(suite)
  suite.test('no fault is left out', () => {
    const struck = CASES.flat().map(([fault]) => fault)
    assert.equal([...new Set(struck)].sort(), QDRANT_FAULTS.map(({ id }) => id).sort())
  })
  for (const blows of CASES) {
    const name = blows.map(([fault, collection]) => `${fault} on ${collection}`).join(', ')
    suite.test(name, () => recovered(ready(), blows), LIMIT)
  }
})

interface Struck {
  fault: Fault
  collection: string
  victim: Victim
  right: RightAnswer
}

async function recovered(ready: Ready, blows: readonly Blow[]): Promise<void> {
  const { target } = ready
  await beginAgain(ready)
  const after = await writeMarker(target, 'after the backup')
  const struck: Struck[] = []
  for (const blow of blows) struck.push(await strike(target, blow))
  for (const one of struck) await assertBroken(target, one)
  const earlier = incidentNames(target)
  const ended = await recover(target, struck[0]!.right.answers)
  assert.is(ended.exitCode, 0, last(ended))
  const incident = newIncident(target, earlier)
  assert.ok(incident, 'the run must leave an incident')
  const claims = await proven(ready, struck, after, incident!)
  const wrong = claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`)
  assert.equal(wrong, [])
  const names = struck.map(({ fault }) => fault.id).join(', ')
  say(`  ${names}: recovered in ${ended.seconds.toFixed(0)} s, ${claims.length} claims hold`)
}

async function strike(target: LabTarget, [id, collection]: Blow): Promise<Struck> {
  const fault = faultNamed(id)
  const victim = await inject(target, fault, collection)
  return { fault, collection, victim, right: rightAnswer(fault, collection) }
}

/** The platform as a whole, and what is true of each collection that was struck. */
async function proven(
  { target, before }: Ready,
  struck: readonly Struck[],
  after: Marker,
  incident: string,
): Promise<Claim[]> {
  const restored = struck.flatMap(({ right }) => right.restored)
  const [first, ...others] = struck.map(({ fault, victim, right }) => {
    return { fault, victim, right: { ...right, restored }, before, after, scale: 1, incident }
  })
  const claims = await prove(target, first!)
  for (const known of others) claims.push(...(await proveQdrant(target, known)))
  return claims
}

/** A drill that breaks nothing would prove nothing. */
async function assertBroken(target: LabTarget, { fault, collection }: Struck): Promise<void> {
  const found = await look(target, collection, readCorpus(target.root)).catch(() => undefined)
  const intact = found !== undefined && isIntact(found)
  if (HARMLESS.includes(fault.id)) assert.not.equal(found?.indexes.join(', '), INDEXES[collection])
  else assert.not(intact, `${fault.id} must be visible from outside`)
}
