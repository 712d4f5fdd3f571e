import { stamp } from '../../lib/format.ts'
import type { Candidate } from '../../stores/backups.ts'
import {
  fates,
  memberStamp,
  purgeable,
  remains,
  removalOrder,
  staleNotes,
  unfinished,
} from '../../stores/retention.ts'
import { assert, describe } from '../describe.ts'

const DAY = 86_400_000
const START = Date.parse('2026-01-01T02:00:00Z')
const POLICY = { days: 30, keepVerified: 3 }
const STORES = ['qdrant', 'neo4j', 'postgres']

type Outcome = 'verified' | 'condemned' | 'unchecked' | 'unverified' | 'failed'

/** What the catalogue says of one night; an outcome for every store, or one for each. */
function night(day: number, outcome: Outcome | Record<string, Outcome>): Candidate[] {
  const at = stamp(new Date(START + day * DAY))
  return STORES.map(store => {
    const of = typeof outcome === 'string' ? outcome : (outcome[store] ?? 'verified')
    const verdict = { verified: 'proven', condemned: 'failed', unchecked: 'unchecked' } as const
    const found = verdict[of as keyof typeof verdict]
    return {
      id: `${store}_${at}`,
      set: `set_${at}`,
      store,
      member: { status: of === 'failed' ? 'failed' : 'success' },
      verification: found && { at: '', verdict: found, found: '' },
      refused: of === 'condemned' || of === 'failed' ? of : undefined,
    } as Candidate
  })
}

const setOf = (day: number) => `set_${stamp(new Date(START + day * DAY))}`

/** Lives through so many nights with retention after each, as the service does; gives what is left at the end. */
function live(nights: number, outcome: (day: number) => Outcome | Record<string, Outcome>, policy = POLICY) {
  let there: Candidate[] = []
  for (let day = 0; day < nights; day++) {
    there.push(...night(day, outcome(day)))
    const gone = fates(there, policy, START + day * DAY + 3_600_000).filter(fate => fate.goes)
    there = there.filter(({ set }) => !gone.some(fate => fate.set === set))
  }
  return new Set(there.map(({ set }) => set))
}

describe('retention', suite => {
  suite.test('of good nights thirty days are left', () => {
    const left = live(100, () => 'verified')
    assert.is(left.size, 30)
    assert.ok(left.has(setOf(99)) && left.has(setOf(70)) && !left.has(setOf(69)))
  })

  const never = (title: string, later: Outcome | Record<string, Outcome>, kept: number[]) =>
    suite.test(`sixty nights of ${title} never remove the last verified sets`, () => {
      const left = live(70, day => (day < 10 ? 'verified' : later))
      for (const day of kept) assert.ok(left.has(setOf(day)), `night ${day} is gone`)
      const policy = { ...POLICY, keepVerified: 1 }
      const one = live(70, day => (day < 10 ? 'verified' : later), policy)
      assert.ok(one.has(setOf(9)), 'the last verified set is gone')
    })
  never('failing backups', 'failed', [7, 8, 9])
  never('backups that cannot be read back', 'condemned', [7, 8, 9])
  never('verifications that nobody could make', 'unchecked', [7, 8, 9])
  never('no verification at all', 'unverified', [7, 8, 9])
  never('one store that fails', { neo4j: 'failed' }, [7, 8, 9])
  never('one store that is not verified', { postgres: 'unchecked' }, [7, 8, 9])

  suite.test('what was never verified goes only when enough verified ones are newer', () => {
    const left = live(80, day => (day < 5 ? 'unverified' : day < 7 ? 'verified' : 'failed'))
    for (const day of [0, 4, 5, 6]) assert.ok(left.has(setOf(day)), `night ${day} is gone`)
    assert.not.ok(live(80, day => (day < 5 ? 'unverified' : 'verified')).has(setOf(0)))
  })
  suite.test('a set of failures only is no backup and goes by its age', () => {
    const left = live(80, day => (day < 40 ? 'failed' : 'verified'))
    assert.not.ok(left.has(setOf(39)))
  })
  suite.test('after a long pause, and with a clock that runs ahead, the newest are kept', () => {
    const all = Array.from({ length: 20 }, (_, day) => night(day, 'verified')).flat()
    const kept = fates(all, POLICY, START + 4000 * DAY).filter(fate => !fate.goes)
    assert.equal(
      kept.map(({ set }) => set),
      [setOf(19), setOf(18), setOf(17)],
    )
    assert.ok(kept.every(({ why }) => /verified backups? of qdrant; 3 are kept/.test(why)))
  })
  suite.test('with a clock that runs behind nothing goes', () => {
    const all = Array.from({ length: 60 }, (_, day) => night(day, 'verified')).flat()
    assert.equal(
      fates(all, POLICY, START - 365 * DAY).filter(fate => fate.goes),
      [],
    )
  })

  const AT = '20260101_020000'
  const MEMBER = `neo4j/2026/01/01/neo4j_${AT}.dump`
  const USERS = `neo4j/2026/01/01/neo4j_${AT}.system.dump`
  const SET = `sets/2026/01/01/set_${AT}.json`
  const SEEN = `sets/2026/01/01/set_${AT}.verified_${AT}.json`

  suite.test('the manifest goes first: a set without one does not exist', () => {
    const other = 'neo4j/2026/01/02/neo4j_20260102_020000.dump'
    const order = removalOrder([MEMBER, other, USERS, SEEN, SET, 'notes.txt'], `set_${AT}`)
    assert.equal(order, [SET, SEEN, MEMBER, USERS])
  })
  suite.test('what has no manifest is cleared a day later, and only what we would call so', () => {
    const foreign = ['notes.txt', 'neo4j/readme.md', 'x/2026/01/01/neo4j_20260101_020000.dump']
    const misplaced = 'neo4j/2026/01/02/neo4j_20260101_020000.dump'
    const keys = [MEMBER, USERS, SEEN, misplaced, ...foreign]
    assert.equal(remains(keys, START + DAY / 2), [])
    assert.equal(remains(keys, START + 2 * DAY), [MEMBER, USERS, SEEN])
    assert.equal(remains([...keys, SET], START + 2 * DAY), [])
    assert.is(memberStamp(misplaced), undefined)
  })
  suite.test('a backup is unfinished when it has begun, and left neither an end nor a set', () => {
    const note = (what: string, kind = 'backup/set') => `runs/p/${kind}/${AT}.${what}.json`
    assert.equal(unfinished([note('started')], 'p'), [AT])
    assert.equal(unfinished([note('started')], 'other'), [])
    assert.equal(unfinished([note('started', 'recovery/neo4j-loss')], 'p'), [])
    assert.equal(unfinished([note('started'), note('ended')], 'p'), [])
    assert.equal(unfinished([note('started'), SET], 'p'), [])
    assert.equal(remains([MEMBER], START, [AT]), [MEMBER])
    assert.equal(remains([MEMBER, SET], START, [AT]), [])
  })
  suite.test('notes of runs go after a year and a month, but for the newest of every kind', () => {
    const note = (day: number, what: string, name = 'backup/set') =>
      `runs/p/${name}/${stamp(new Date(START + day * DAY))}.${what}.json`
    const old = [note(0, 'started'), note(0, 'ended')]
    const keys = [...old, note(1, 'started'), note(1, 'ended'), note(0, 'started', 'recovery/neo4j-loss')]
    const after = (days: number) => staleNotes(keys, 'p', START + days * DAY)
    assert.equal(after(399), [])
    assert.equal(after(600).sort(), [...old].sort())
    assert.equal(staleNotes(['runs/notes.txt', 'sets/x'], 'p', START + 600 * DAY), [])
    assert.equal(staleNotes(keys, 'other', START + 600 * DAY), [])
  })
  suite.test('removed versions are purged after a week, living and foreign ones never', () => {
    const version = (key: string, v: string, marker: boolean, latest: boolean, modified = START) => {
      return { key, version: v, marker, latest, modified }
    }
    const removed = [version(MEMBER, '1', false, false), version(MEMBER, '2', true, true)]
    const living = [version(SET, '1', true, false), version(SET, '2', false, true)]
    const foreign = [version('notes.txt', '1', true, true)]
    const all = [...removed, ...living, ...foreign]
    assert.equal(purgeable(all, START + 6 * DAY), [])
    assert.equal(purgeable(all, START + 8 * DAY), removed)
  })
})
