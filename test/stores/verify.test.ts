import type { Output } from '../../lib/command.ts'
import { baseName, currentName, freshName, isSuperseded } from '../../stores/qdrant/names.ts'
import { room } from '../../stores/room.ts'
import { assert, describe } from '../describe.ts'

const df = (free: string) =>
  ({
    stdout: `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 1000 1 ${free} 1% /\n`,
  }) as Output

describe('room for a restore', suite => {
  suite.test('is proven when more is free than needed', () => {
    assert.is(room(df('2048'), 1024 * 1024).verdict, 'proven')
  })
  suite.test('fails when less is free, with both figures', () => {
    const { verdict, found } = room(df('1024'), 2 * 1024 * 1024)
    assert.is(verdict, 'failed')
    assert.is(found, '1 MB free, 2 MB needed')
  })
  suite.test('without a figure is unchecked, which is never a pass', () => {
    assert.is(room(df('-'), 1).verdict, 'unchecked')
    assert.is(room({ stdout: '' } as Output, 1).verdict, 'unchecked')
  })
})

describe('names of recovered collections', suite => {
  const run = { id: '20261122_031502', folder: 'f' }
  const fresh = 'documents_v1__r_20261122_031502'

  suite.test('a second recovery does not pile up suffixes', () => {
    assert.is(freshName('documents_v1', run), fresh)
    assert.is(freshName('documents_v1__r_20261101_000000', run), fresh)
    assert.is(baseName(fresh), 'documents_v1')
    assert.is(baseName('my__r_2026'), 'my__r_2026')
  })
  suite.test('the copy in use stands for the collection, another one does not', () => {
    assert.is(currentName('documents_v1', { documents: fresh }), fresh)
    assert.is(currentName('documents_v1', { documents: 'documents_v1' }), 'documents_v1')
    assert.is(currentName('packages', { documents: fresh }), 'packages')
  })
  suite.test('what was replaced is superseded, what is in use is not', () => {
    assert.ok(isSuperseded('documents_v1', { documents: fresh }))
    assert.not.ok(isSuperseded(fresh, { documents: fresh }))
    assert.not.ok(isSuperseded('packages', { documents: fresh }))
    assert.ok(isSuperseded('documents_v1__v_20261122_031502', {}))
  })
})
