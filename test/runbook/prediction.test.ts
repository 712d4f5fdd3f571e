import { agrees, refusePrediction } from '../../runbook/prediction.ts'
import { assert, describe } from '../describe.ts'

const OUTCOME = [
  'done',
  'proven: 3,701 points, vectors and payloads equal, 5 searches find themselves',
  'proven: documents → documents_v1__r_20261127_021711',
]

describe('a prediction', suite => {
  for (const text of ['', '  ', 'y', 'Yes', 'ok!', 'OK, fine', 'it is good', '???', 'sure'])
    suite.test(`"${text}" is none`, () => assert.match(refusePrediction(text) ?? '', 'a count'))
  for (const text of ['3,701', '0', 'done', 'ok, 3701 points', 'documents_v1', 'healthy', 'größer'])
    suite.test(`"${text}" is one`, () => assert.is(refusePrediction(text), undefined))

  for (const text of [
    '3701',
    '3,701 points',
    '3_701',
    'done',
    'DONE and proven',
    'vectors equal',
    'documents_v1__r_20261127_021711',
    'documents, 5 searches',
  ])
    suite.test(`"${text}" agrees`, () => assert.ok(agrees(text, OUTCOME)))
  for (const text of [
    '3,702',
    '370',
    '3',
    '3,701 rows',
    'documents_v1',
    'failed',
    'find 6',
    'point',
    'ok',
    '',
  ])
    suite.test(`"${text}" does not`, () => assert.not(agrees(text, OUTCOME)))
  suite.test('nothing agrees with an outcome that is not there', () => assert.not(agrees('done', [])))
})
