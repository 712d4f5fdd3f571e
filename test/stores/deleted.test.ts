import { findings } from '../../stores/qdrant/findings.ts'
import type { Inspection } from '../../stores/qdrant/inspect.ts'
import { assert, describe } from '../describe.ts'
import { collectionBackup, fingerprintOf, points, qdrantMember } from './samples.ts'

/** What is found in a collection that had 500 points when it was backed up. */
function found(now: ReturnType<typeof points>) {
  const backup = qdrantMember([collectionBackup('documents_v1', points(500))])
  const { whole, buckets } = fingerprintOf(now)
  const inspection = {
    points: now.length,
    read: now.length,
    fingerprint: whole,
    buckets,
    bad_vectors: 0,
    unreadable: '',
  }
  const look = { name: 'documents_v1', schema: { text: 'keyword' }, inspection: inspection as Inspection }
  return findings(backup, [look], { documents: 'documents_v1' })
}

describe('points that are gone', suite => {
  suite.test('may have been deleted, also where others were added since', () => {
    const [first] = found(points(540).filter(({ id }) => Number(id) % 10 !== 0))
    assert.is(first?.deleted, true)
  })

  suite.test('were not only deleted where the content of the others differs', () => {
    const rest = points(450).map(point => ({ ...point, payload: { text: 'other' } }))
    const [first] = found(rest)
    assert.is(first?.deleted, undefined)
  })
})
