import { compareBuckets, Fingerprint, type Point } from '../../stores/qdrant/fingerprint.ts'
import { assert, describe } from '../describe.ts'
import { fingerprintOf, points } from './samples.ts'

const ALL = points(500)
const whole = (all: readonly Point[]) => fingerprintOf(all).whole

/** The points with the first one changed. */
function changed(change: Partial<Point>): Point[] {
  return [{ ...ALL[0]!, ...change }, ...ALL.slice(1)]
}

/** The next number that 32 bits can hold. */
function nextFloat(x: number): number {
  const bits = new Int32Array(Float32Array.of(x).buffer)
  bits[0] = bits[0]! + 1
  return new Float32Array(bits.buffer)[0]!
}

describe('the fingerprint of a collection', suite => {
  suite.test('does not depend on the order of points, nor of payload keys', () => {
    assert.is(whole([...ALL].reverse()), whole(ALL))
    assert.is(whole(changed({ payload: { ord: 0, text: 'text 1' } })), whole(ALL))
  })
  suite.test('begins with the number of points', () => assert.match(whole(ALL), /^500:[0-9a-f]{16}$/))

  const sees = (what: string, all: () => Point[]) =>
    suite.test(`sees ${what}`, () => assert.is.not(whole(all()), whole(ALL)))
  sees('another id', () => changed({ id: 100_001 }))
  sees('one bit of a vector', () => changed({ vector: [nextFloat(1), 0] }))
  sees('the sign of zero in a vector', () => changed({ vector: [1, -0] }))
  sees('a vector that is gone', () => changed({ vector: null }))
  sees('one letter of a payload', () => changed({ payload: { text: 'text 2', ord: 0 } }))
  sees('a payload key that is gone', () => changed({ payload: { text: 'text 1' } }))
  sees('a number that became a text', () => changed({ payload: { text: 'text 1', ord: '0' } }))
  sees('a point that is gone', () => ALL.slice(1))
  sees('a point that is there twice', () => [...ALL, ALL[0]!])
  sees('a point that is there three times', () => [...ALL, ALL[0]!, ALL[0]!])
  sees('the payloads of two points exchanged', () => [
    { ...ALL[0]!, payload: ALL[1]!.payload },
    { ...ALL[1]!, payload: ALL[0]!.payload },
    ...ALL.slice(2),
  ])
  suite.test('keeps ids beyond 2^53 apart', () => {
    const one = [{ ...ALL[0]!, id: 18446744073709551614n }]
    const other = [{ ...ALL[0]!, id: 18446744073709551615n }]
    assert.is.not(whole(one), whole(other))
  })
  suite.test('takes a number and its text for the same id', () => {
    assert.is(whole([{ ...ALL[0]!, id: '1' }]), whole([ALL[0]!]))
  })
  suite.test('more than 32 bits of a vector are not what Qdrant keeps', () => {
    assert.is(whole(changed({ vector: [1 + 1e-12, 0] })), whole(ALL))
  })
  suite.test('of nothing is nothing', () => assert.is(new Fingerprint().whole, '0:0000000000000000'))
})

describe('buckets of a fingerprint', suite => {
  const compare = (before: Point[], now: Point[]) =>
    compareBuckets(fingerprintOf(before).buckets, fingerprintOf(now).buckets)

  suite.test('equal content is no difference', () => {
    assert.equal(compare(ALL, [...ALL].reverse()), { changed: 0, fewer: 0, more: 0 })
  })
  suite.test('a changed point is changed, not more or fewer', () => {
    assert.equal(compare(ALL, changed({ payload: {} })), { changed: 1, fewer: 0, more: 0 })
  })
  suite.test('points that are gone are counted', () => {
    assert.equal(compare(ALL, ALL.slice(3)), { changed: 0, fewer: 3, more: 0 })
  })
  suite.test('points that were added are counted', () => {
    assert.equal(compare(ALL.slice(3), ALL), { changed: 0, fewer: 0, more: 3 })
  })
  suite.test('an added point in another place does not hide a changed one', () => {
    const added = { id: 9_999_999, payload: {}, vector: [1, 0] }
    const { changed: n, more } = compare(ALL, [...changed({ payload: {} }), added])
    assert.equal([n, more], [1, 1])
  })
})
