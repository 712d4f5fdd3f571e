import type { SmokeTests } from '../../lib/smoke-tests.ts'
import { told } from '../../stores/smoke/tally.ts'
import { valuesAt } from '../../stores/smoke/values-at.ts'
import { assert, describe } from '../describe.ts'

describe('a path into an answer', suite => {
  const text = JSON.stringify({ hits: [{ id: 1, 'a.b': 2 }, { id: null }, {}], rows: [{ count: 0 }] })

  suite.test('leads to one value, or to one of each element', () => {
    assert.equal(valuesAt(text, 'rows.0.count'), [0])
    assert.equal(valuesAt(text, 'hits.*.id'), [1, null])
    assert.equal(valuesAt('[{"id":7}]', '0.id'), [7])
  })
  suite.test('leads nowhere where nothing is, and into no inherited property', () => {
    for (const path of [
      'rows.1.count',
      'rows.count',
      'hits.0.id.length',
      'rows.length.x',
      'constructor.name',
    ])
      assert.equal(valuesAt(text, path), [], path)
  })
  suite.test('has no sense in an answer that is not JSON', () => {
    for (const body of ['', 'come in', '<html>']) assert.is(valuesAt(body, 'rows'), undefined)
  })
})

describe('the tally of the smoke tests', suite => {
  const requests = [{ kind: 'data' }, { kind: 'inference' }, { kind: 'inference' }]
  const tests = { requests, queries: [{}, {}] } as unknown as SmokeTests
  const [data, model] = ['data · rows', 'inference · chat']

  suite.test('tells data and inference apart', () => {
    assert.is(told(tests, []), 'data: 3 of 3 · inference: 2 of 2')
    assert.match(told(tests, [model]), /^data: 3 of 3 · inference: 1 of 2: the data is there and answers/)
    assert.is(told(tests, [data]), 'data: 2 of 3 · inference: 2 of 2: what failed is data')
    assert.is(told(tests, [data, model]), 'data: 2 of 3 · inference: 1 of 2: both failed')
  })
  suite.test('has no line for what is not tested', () => {
    assert.is(told({ ...tests, requests: [] }, []), 'data: 2 of 2')
  })
})
