import type { Target } from '../../lib/target.ts'
import { catalogue, usable } from '../../stores/backups.ts'
import { listing } from '../../tools/backup/list.ts'
import { assert, describe } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'
import { fillYear, stampOfNight } from './year.ts'

const NIGHTS = 365

describe('a bucket with a year of sets', suite => {
  const s3 = new FakeS3()
  suite.after(() => s3.stop())

  suite.test('is listed newest first, each object that counts read once', async () => {
    const backups = await s3.start()
    fillYear(s3, NIGHTS)
    const found = await catalogue({ backups } as Target, undefined, { progress: () => undefined })
    const ids = usable(found.candidates, 'qdrant').map(({ id }) => id)
    assert.equal([ids.length, found.broken.length], [NIGHTS, 0])
    assert.equal([ids[0], ids.at(-1)], [`qdrant_${stampOfNight(NIGHTS - 1)}`, `qdrant_${stampOfNight(0)}`])
    // A manifest and its newest verification a night, one list, and where the bucket is.
    assert.ok(s3.requests.length <= 2 * NIGHTS + 2, `${s3.requests.length} requests`)
    assert.ok(found.candidates.every(({ verification }) => verification?.verdict === 'proven'))
    const now = Date.parse('2027-01-01T00:00:00Z')
    const [head, newest] = listing(found, now)
    assert.is(head, 'QDRANT Backups:')
    assert.match(
      newest ?? '',
      /^ {2}qdrant_20261231_020000: 2026-12-31 02:00:00 \(0\.00 MB\) {2}22 h old · verified .* ago · .*5 points/,
    )
  })
})
