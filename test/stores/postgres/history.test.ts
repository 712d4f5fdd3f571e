import type { PostgresStore, Target } from '../../../lib/target.ts'
import type { Member } from '../../../stores/manifest.ts'
import { historyRow, writeHistory } from '../../../stores/postgres/history.ts'
import { assert, describe } from '../../describe.ts'
import { collectionBackup, points, qdrantMember, SUM } from '../samples.ts'

const SET = 'set_20261122_020000'
const ID = 'qdrant_20261122_020000'
const saved = qdrantMember([collectionBackup('documents_v1', points(5))])
const failed: Member = {
  id: ID,
  store: 'qdrant',
  kind: 'qdrant',
  status: 'failed',
  reason: "it's full; DROP",
}
const at = '2026-11-22T02:05:00.000Z'

/** What psql is given on stdin. */
function sent(rows: ReturnType<typeof historyRow>[], all = false): string {
  let text = ''
  const exec = (_: string, argv: string[], inside: { stdin: { values: string[] } }) => {
    text = inside.stdin.values[0]!
    return { argv }
  }
  const target = { runtime: { exec } } as unknown as Target
  writeHistory(target, { service: 'postgres', database: 'ai_platform' } as PostgresStore, rows, { all })
  return text
}

describe('backup_history', suite => {
  suite.test('has the columns of the paper, from the manifest', () => {
    const row = historyRow({
      id: ID,
      set: SET,
      member: saved,
      verification: { at, verdict: 'proven', found: '' },
    })
    const { backup_id, backup_type, timestamp, checksum, size_bytes, status } = row
    assert.equal([backup_id, backup_type, timestamp], [ID, 'qdrant', saved.started])
    assert.equal([checksum, size_bytes, status], [SUM, 5000, 'success'])
    assert.equal([row.verification, row.verified_at, row.reason], ['proven', at, null])
  })
  suite.test('a failed backup is failed at the time of its set, with its reason', () => {
    const row = historyRow({ id: ID, set: SET, member: failed, verification: undefined })
    assert.equal(
      [row.status, row.timestamp, row.reason],
      ['failed', '2026-11-22T02:00:00Z', "it's full; DROP"],
    )
    assert.equal([row.checksum, row.size_bytes], [null, null])
  })
  suite.test('one that cannot be proven is failed too; one that nobody could look at is not', () => {
    const of = (verdict: 'failed' | 'unchecked') =>
      historyRow({ id: ID, set: SET, member: saved, verification: { at, verdict, found: 'wrong bytes' } })
    assert.equal([of('failed').status, of('failed').reason], ['failed', 'wrong bytes'])
    assert.is(of('unchecked').status, 'success')
  })
  suite.test('what a reason says is text and never SQL', () => {
    const text = sent([historyRow({ id: ID, set: SET, member: failed, verification: undefined })])
    assert.match(text, "it''s full; DROP")
    assert.match(text, /^BEGIN;\n[\s\S]*COMMIT;$/)
  })
  suite.test('rows that the bucket no longer has are dated, never deleted', () => {
    assert.not.match(sent([]), 'removed_at = now()')
    assert.match(sent([], true), 'removed_at = now()')
    assert.not.match(sent([], true), /DELETE|TRUNCATE|DROP TABLE/)
  })
})
