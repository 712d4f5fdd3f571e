import { isGood, type Sealed, score } from '../../lab/drills/score.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import type { Event, Recorded } from '../../lib/journal.ts'
import { assert, describe } from '../describe.ts'

const BROKEN = Date.parse('2026-11-27T03:00:00Z')
const NEWEST = '20261127_020000'
const at = (second: number) => new Date(BROKEN + second * 1000).toISOString()

function sealed(id = 'vector-bytes'): Sealed {
  const fault = faultNamed(id)
  return { fault, right: rightAnswer(fault, 'documents'), broken: BROKEN, newestBackup: NEWEST }
}

interface Decided {
  scenario?: string
  detected?: string
  backup?: string
  collections?: string | undefined
  more?: Event[]
}

/** A run in which a person decided this; what is not said was right. */
function run(decided: Decided = {}): Recorded[] {
  const {
    scenario = 'qdrant-corruption',
    detected = at(60),
    backup = `qdrant_${NEWEST}`,
    more = [],
  } = decided
  const collections = 'collections' in decided ? decided.collections : 'documents_v1'
  const answers: [string, string][] = [
    ['incident/detected', detected],
    ['choose-backup/backup', backup],
    ...(collections === undefined ? [] : [['choose-backup/collections', collections] as [string, string]]),
  ]
  const opened = { incident: 'i', project: 'p', host: 'h', operator: 'o', version: '1' }
  const events: Event[] = [
    { kind: 'opened', scenario, ...opened },
    ...answers.map(([path, answer]): Event => ({ kind: 'answered', path, question: '', answer, ms: 1000 })),
    { kind: 'confirmed', phrase: '', binding: {} },
    ...more,
  ]
  return events.map((event, index) => ({ at: at(90 + index), ...event }))
}

const wrong = (incidents: Recorded[][], from = sealed()) =>
  score(incidents, from)
    .decisions.filter(({ good }) => good === false)
    .map(({ what }) => what)

describe('the score of a surprise drill', suite => {
  suite.test('of a good run has nothing against it', () => {
    const scored = score([run()], sealed())
    assert.ok(isGood(scored))
    assert.is(scored.detectionSeconds, 90)
    assert.is(scored.lanes.decide, 3000)
  })
  suite.test('knows a detection before the damage or after the incident was opened', () => {
    assert.equal(wrong([run({ detected: at(-3600) })]), ['detection'])
    assert.equal(wrong([run({ detected: at(3600) })]), ['detection'])
    assert.equal(wrong([run({ detected: 'at night' })]), ['detection'])
  })
  suite.test('knows the wrong recovery, a second one, and none', () => {
    assert.equal(wrong([run({ scenario: 'complete-failure', collections: undefined })]), ['scope'])
    assert.equal(wrong([run(), run()]), ['scope'])
    assert.equal(wrong([[]]), ['detection', 'scope'])
  })
  suite.test('knows too much and too little', () => {
    assert.equal(wrong([run({ collections: 'documents_v1,packages' })]), ['scope'])
    assert.equal(wrong([run({ collections: 'packages' })]), ['scope'])
    assert.equal(wrong([run({ collections: 'none' })]), ['scope', 'loss accepted'])
  })
  suite.test('knows an older backup than was needed, and what it costs', () => {
    const scored = score([run({ backup: 'qdrant_20261126_020000' })], sealed())
    const loss = scored.decisions.find(({ what }) => what === 'loss accepted')
    assert.match(loss?.decided ?? '', 'in the 25 h before the damage')
    assert.match(loss?.right ?? '', 'in the 60 min before the damage')
    assert.equal(
      scored.decisions.filter(({ good }) => good === false).map(({ what }) => what),
      ['backup', 'loss accepted'],
    )
    assert.equal(wrong([run({ backup: 'latest' })]), [])
  })
  suite.test('knows that a deletion costs no write, and that a restore for it would', () => {
    const deletion = sealed('rows-deleted')
    assert.equal(
      wrong([run({ scenario: 'accidental-deletion', backup: 'best', collections: undefined })], deletion),
      [],
    )
    assert.equal(wrong([run({ scenario: 'postgres-loss', collections: undefined })], deletion), [
      'scope',
      'loss accepted',
    ])
  })
  suite.test('counts the predictions that were right', () => {
    const compared = (agrees: boolean): Event => ({
      kind: 'compared',
      path: 'x',
      say: 'x',
      expects: '1',
      outcome: ['1'],
      agrees,
    })
    const scored = score([run({ more: [compared(true), compared(false)] })], sealed())
    assert.is(scored.decisions.find(({ what }) => what === 'predictions')?.decided, '1 of 2 as predicted')
  })
})
