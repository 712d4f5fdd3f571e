import { enough, type Least, named, presence, tooFew } from '../../stores/expected.ts'
import { assert, describe } from '../describe.ts'

const backup = (counts: Record<string, number>): Least => ({ by: 'qdrant_x', counts, goesOn: true })
const config = (counts: Record<string, number>): Least => ({ by: 'the configuration', counts, goesOn: false })

describe('what has to be there', suite => {
  suite.test('a platform deletes a little on purpose; nothing left is never on purpose', () => {
    assert.not(tooFew(98, 100))
    assert.ok(tooFew(97, 100))
    assert.not(tooFew(0, 0))
    assert.ok(tooFew(0, 1))
    assert.ok(tooFew(9, 10), 'of few things one is much')
  })
  suite.test('more than the backup is right, and what is gone within the share is told', () => {
    assert.equal(enough({ a: 300, b: 99 }, backup({ a: 200, b: 100 })), {
      verdict: 'proven',
      expected: 'a 200, b 100 or more (qdrant_x)',
      found: 'a 300, b 99; b 99, 1 fewer (up to 2 % may be deleted)',
    })
  })
  suite.test('less than the configuration demands is never right', () => {
    assert.is(enough({ a: 100 }, config({ a: 100 })).verdict, 'proven')
    assert.equal(enough({ a: 99 }, config({ a: 100 })), {
      verdict: 'failed',
      expected: 'a 100 or more (the configuration)',
      found: 'a 99, 1 fewer',
    })
  })
  suite.test('with neither nobody knows, and that is no pass', () => {
    assert.is(enough({ a: 1 }, undefined).verdict, 'unchecked')
    assert.is(presence('tables', ['a'], undefined).verdict, 'unchecked')
  })
  suite.test('what is missing is named', () => {
    assert.equal(presence('tables', ['b'], backup({ a: 1, b: 2 })), {
      verdict: 'failed',
      expected: 'a, b (qdrant_x)',
      found: 'a is missing',
    })
    assert.is(presence('tables', [], backup({})).expected, 'no tables (qdrant_x)')
  })
  suite.test('a sentence names twelve at most, and says how many more there are', () => {
    const all = Array.from({ length: 14 }, (_, i) => `t${i}`)
    assert.match(named(all), /t11, and 2 more$/)
  })
})
