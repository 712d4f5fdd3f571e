import { Problem } from '../../lib/problem.ts'
import type { Candidate } from '../../stores/backups.ts'
import { makingOf, orNone } from '../../stores/qdrant/making.ts'
import { assert, describe } from '../describe.ts'

const RUN = { id: '20260101_000000', folder: 'f' }
const CREATE = { params: { vectors: { size: 2, distance: 'Dot' } }, indexes: { ord: 'integer' } }
const relation = (create?: typeof CREATE) => ({
  qdrant: { store: 'qdrant', collection: 'documents', ...(create ? { create } : {}) },
})

function candidate(id: string, change: object = {}, refused?: string): Candidate {
  const collection = {
    name: 'documents_v1__r_20250101_000000',
    params: { vectors: id },
    payload_schema: { package: 'keyword' },
  }
  const aliases = [{ alias: 'documents', collection: collection.name }]
  const member = { kind: 'qdrant', status: 'success', collections: [collection], aliases, ...change }
  return { id, store: 'qdrant', member, refused } as unknown as Candidate
}

describe('a collection that is gone is made anew', suite => {
  suite.test('by the newest manifest that has it, also when its objects cannot be used', () => {
    const without = candidate('qdrant_3', { collections: [], aliases: [] })
    const failed = candidate('qdrant_4', { status: 'failed' })
    const broken = candidate('qdrant_2', {}, 'its object is missing from the bucket')
    const other = { ...candidate('other_5'), store: 'other' }
    const making = makingOf(RUN, relation(CREATE), [other, failed, without, broken, candidate('qdrant_1')])
    assert.equal(making, {
      fresh: 'documents_v1__r_20260101_000000',
      params: { vectors: 'qdrant_2' },
      indexes: [{ name: 'package', type: 'keyword' }],
      by: 'the manifest of qdrant_2',
    })
  })
  suite.test('by the configuration where no manifest says it, and not by a guess', () => {
    assert.equal(makingOf(RUN, relation(CREATE), []), {
      fresh: 'documents__r_20260101_000000',
      params: CREATE.params,
      indexes: [{ name: 'ord', type: 'integer' }],
      by: 'the configuration',
    })
    assert.is(makingOf(RUN, relation(), []), undefined)
  })
  suite.test('a bucket that cannot be read is told', async () => {
    const found = await orNone(async () => {
      throw new Problem('there is no bucket')
    })
    assert.equal(found, { candidates: [], why: 'there is no bucket' })
  })
})
