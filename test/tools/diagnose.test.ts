import { PROBLEMS } from '../../stores/diagnosis.ts'
import { alike, missingNames } from '../../stores/qdrant/trouble.ts'
import { readDisks, tooFull } from '../../tools/diagnosis/space.ts'
import { troubleshooting } from '../../tools/page-text.ts'
import { assert, describe } from '../describe.ts'

const MB = 1024 * 1024

describe('diagnosing', suite => {
  suite.test('every trouble it knows has its paragraph on the page', () => {
    for (const name of Object.keys(PROBLEMS))
      assert.match(troubleshooting(), new RegExp(`\\(\`${name}\`\\)\\.`))
  })

  suite.test('a name is missing when neither a collection nor an alias leads anywhere', () => {
    const there = ['documents_v1__r_20261122_031502', 'packages']
    const named = { documents: 'documents_v1__r_20261122_031502', gone: 'no_such' }
    const wanted = ['documents', 'documents_v1', 'packages', 'gone', 'never', 'never']
    assert.equal(missingNames(wanted, there, named), ['gone', 'never'])
  })

  suite.test('names that people mistake for each other', () => {
    for (const name of ['documents', 'document', 'Documents', 'documents_v2', 'documents-2'])
      assert.is(alike(name), alike('documents_v1'), name)
    assert.is.not(alike('packages'), alike('documents'))
  })

  const df = `Filesystem     1024-blocks    Used Available Capacity Mounted on
/dev/sda1          1048576  524288    524288      50% /qdrant/storage
/dev/sda1          1048576  524288    524288      50% /qdrant/snapshots
tmpfs               102400  100000      2400      98% /tmp/small`

  suite.test('volumes of one disk are told once', () => {
    assert.equal(
      readDisks({ stdout: df }).map(({ at, free }) => [at, free / MB]),
      [
        ['/qdrant/storage', 512],
        ['/tmp/small', 2400 / 1024],
      ],
    )
  })

  suite.test('a disk is too full for a restore, nearly full, or neither', () => {
    const [large, small] = readDisks({ stdout: df })
    assert.equal(tooFull('qdrant', large!, 100 * MB), [])
    const [short] = tooFull('qdrant', large!, 600 * MB)
    assert.equal(short!.evidence, [
      '/qdrant/storage (/dev/sda1): 512 MB free of 1.0 GB',
      'a restore of the newest backup needs 600 MB',
    ])
    const [nearly] = tooFull('qdrant', small!, 0)
    assert.match(nearly!.cause, /nearly full/)
    for (const { next } of [short!, nearly!]) assert.match(next.join('\n'), /never docker system prune/)
  })
})
