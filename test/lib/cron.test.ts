import { schedule } from '../../lib/cron.ts'
import type { Problem } from '../../lib/problem.ts'
import { assert, describe, failure } from '../describe.ts'

describe('a schedule', suite => {
  const next = (pattern: string, after: string) => schedule(pattern).next(new Date(after)).toISOString()

  suite.test('is in UTC, whatever the zone of the machine and the day of the year', () => {
    assert.is(next('0 2 * * *', '2026-03-29T00:30:00Z'), '2026-03-29T02:00:00.000Z')
    assert.is(next('0 2 * * *', '2026-10-25T02:00:00Z'), '2026-10-26T02:00:00.000Z')
    assert.is(next('*/15 * * * *', '2026-11-22T23:59:59Z'), '2026-11-23T00:00:00.000Z')
    assert.is(next('0 3 29 2 *', '2026-03-01T00:00:00Z'), '2028-02-29T03:00:00.000Z')
  })
  suite.test('that cannot be kept is refused with its reason and what one looks like', async () => {
    for (const pattern of [
      '',
      '* * * *',
      '61 2 * * *',
      '0 2 * * * *',
      'nightly',
      '0 0 30 2 *',
      '; rm -rf /',
    ]) {
      const error = (await failure(() => schedule(pattern))) as Problem
      assert.is(error.exitCode, 64, pattern)
      assert.match(error.message, 'cannot be kept')
      assert.match(error.hint ?? '', '0 2 * * *')
    }
  })
})
