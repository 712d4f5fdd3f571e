import { differences, sameContent } from '../../../stores/postgres/compare.ts'
import { assert, describe } from '../../describe.ts'
import { member, seen } from './samples.ts'

const [chunks, documents] = member.tables as [(typeof member.tables)[0], (typeof member.tables)[0]]

describe('content held against the backup', suite => {
  suite.test('is proven when everything is equal, with figures', () => {
    const { verdict, found } = sameContent(seen(), member, true)
    assert.is(verdict, 'proven')
    assert.is(found, '2 tables, 300 rows, all equal, 1 sequence, 4 definitions')
  })
  const cases: [string, Parameters<typeof seen>[0], RegExp][] = [
    ['it cannot be read', { unreadable: 'invalid page in block 3' }, /invalid page in block 3/],
    ['a table is missing', { tables: [chunks] }, /public.documents is missing/],
    [
      'rows are missing',
      { tables: [{ ...chunks, rows: 199 }, documents] },
      /chunks: 199 rows, 200 in the backup/,
    ],
    [
      'one value differs',
      { tables: [{ ...chunks, fingerprint: '200:ab' }, documents] },
      /their content differs/,
    ],
    [
      'there is one table more',
      { tables: [...member.tables, { ...chunks, name: 'x.y' }] },
      /x.y is not in the/,
    ],
    [
      'a sequence is behind',
      { sequences: [{ name: 'public.feedback_id_seq', value: '1 false' }] },
      /is at 1 false/,
    ],
    ['a sequence is gone', { sequences: [] }, /is at nothing, in the backup at 711 true/],
    [
      'an index is gone',
      { objects: { ...member.objects, 'INDEX public.chunks_created_at': undefined! } },
      /INDEX .* missing/,
    ],
    ['a large object is gone', { large_objects: -1 }, /large objects/],
  ]
  for (const [name, change, sentence] of cases) {
    suite.test(`fails when ${name}`, () => {
      const { verdict, found } = sameContent(seen(change), member, true)
      assert.is(verdict, 'failed')
      assert.match(found, sentence)
    })
  }
  suite.test('a definition that is worded differently counts only in the same version', () => {
    const other = seen({ objects: { ...member.objects, 'TABLE public.chunks': '8:ff' } })
    assert.equal(differences(other, member, true), ['TABLE public.chunks is defined differently'])
    assert.equal(differences(other, member, false), [])
  })
  suite.test('names a few and counts the others', () => {
    const { found } = sameContent(seen({ tables: [], objects: {}, sequences: [] }), member, true)
    assert.match(found, /; and 3 more$/)
  })
})
