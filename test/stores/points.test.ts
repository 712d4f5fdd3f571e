import type { Output } from '../../lib/command.ts'
import { allPointsThere, coverage, pointsState } from '../../stores/qdrant/points.ts'
import { assert, describe } from '../describe.ts'

function said(value: unknown): Output {
  return { stdout: JSON.stringify(value), stderr: '', exitCode: 0, durationMs: 0 }
}

describe('points that come back', suite => {
  suite.test('are there, or not, or some of them', () => {
    assert.is(pointsState(said({ all: 3, there: 3, different: 0 })), 'done')
    assert.is(pointsState(said({ all: 3, there: 0, different: 0 })), 'absent')
    assert.is(pointsState(said({ all: 3, there: 1, different: 0 })), 'partial')
  })

  suite.test('nothing to write is as good as written', () => {
    assert.is(pointsState(said({ all: 0, there: 0, different: 0 })), 'done')
  })

  suite.test('one that the platform wrote anew is left alone, and told', () => {
    const seen = said({ all: 3, there: 2, different: 1 })
    assert.is(pointsState(seen), 'done')
    assert.is(allPointsThere(seen).verdict, 'proven')
    assert.match(allPointsThere(seen).found, '1 written anew')
  })

  suite.test('fail when one is missing', () => {
    assert.is(allPointsThere(said({ all: 3, there: 2, different: 0 })).verdict, 'failed')
  })

  suite.test('a row whose point no backup has is an expected loss', () => {
    assert.is(coverage(said({ rows: 3, points: 3 })).verdict, 'proven')
    const lost = coverage(said({ rows: 3, points: 2 }))
    assert.is(lost.verdict, 'expected loss')
    assert.match(lost.found, 'embed them again')
  })
})
