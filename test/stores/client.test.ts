import { parsePoints } from '../../stores/qdrant/client.ts'
import type { Point } from '../../stores/qdrant/fingerprint.ts'
import { assert, describe } from '../describe.ts'
import { fingerprintOf } from './samples.ts'

/** One point as an answer holds it, with this text as its payload's value. */
function pointWith(value: string): Point {
  return parsePoints(`{"id":1,"payload":{"value":${value}},"vector":[0.6000000238418579,0.8]}`) as Point
}
const payloadOf = (text: string) => (pointWith(text).payload as { value: unknown }).value
const whole = (text: string) => fingerprintOf([pointWith(text)]).whole

describe('integers in an answer of Qdrant', suite => {
  suite.test('stay numbers as long as numbers are exact', () => {
    assert.is(payloadOf('9007199254740991'), Number.MAX_SAFE_INTEGER)
    assert.is(payloadOf('-9007199254740991'), -Number.MAX_SAFE_INTEGER)
  })
  suite.test('are exact beyond that, wherever they stand', () => {
    assert.is(payloadOf('9007199254740993'), 9007199254740993n)
    assert.is(payloadOf('-9223372036854775807'), -9223372036854775807n)
    assert.equal(payloadOf('[1,9007199254740993, 9007199254740995]'), [
      1,
      9007199254740993n,
      9007199254740995n,
    ])
    const page = parsePoints('{"points":[{"id":18446744073709551615}],"next_page_offset":9007199254740993}')
    assert.equal(page, { points: [{ id: 18446744073709551615n }], next_page_offset: 9007199254740993n })
  })
  suite.test('are left alone inside of a text', () => {
    const text = 'see "a\\\\": 9007199254740993, or [9007199254740995]'
    assert.is(payloadOf(JSON.stringify(text)), text)
    assert.equal(payloadOf(`{"a":${JSON.stringify(text)},"b":9007199254740993}`), {
      a: text,
      b: 9007199254740993n,
    })
  })
  suite.test('fractions and exponents are none', () => {
    assert.is(payloadOf('0.12345678901234567'), Number('0.12345678901234567'))
    assert.is(payloadOf('12345678901234567890.0'), Number('12345678901234567890'))
    assert.is(payloadOf('1234567890123456789e3'), Number('1234567890123456789e3'))
  })
})

describe('the fingerprint of long integers', suite => {
  suite.test('sees a change that a double would round away', () => {
    assert.is(Number('9007199254740993'), Number('9007199254740992'))
    assert.is.not(whole('9007199254740993'), whole('9007199254740992'))
  })
  suite.test('sees an integer that became a text', () => {
    assert.is.not(whole('9007199254740993'), whole('"9007199254740993"'))
  })
})
