import { Objects } from '../../lib/objects.ts'
import { Problem } from '../../lib/problem.ts'
import { newestRuns, newRun, noted, notedFirst, type RunRecord } from '../../lib/run-record.ts'
import type { Bucket } from '../../lib/target.ts'
import { assert, describe, failure } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'
import { eventually } from '../poll.ts'

describe('the record of a run', suite => {
  let s3: FakeS3
  let bucket: Bucket
  suite.before(async () => {
    s3 = new FakeS3()
    bucket = await s3.start()
  })
  suite.after(() => s3.stop())
  const told: string[] = []
  const tell = (text: string) => void told.push(text)
  const newest = () => newestRuns(new Objects(bucket), 'p')
  const run = (id: string, kind: RunRecord['kind'] = 'backup', name = 'set'): RunRecord => ({
    ...newRun({ project: 'p', kind, name }),
    id,
  })

  suite.test('has its begin before the work, and its end after it', async () => {
    let during: RunRecord | undefined
    await noted(bucket, run('20261122_020000'), tell, async () => {
      during = await eventually(async () => (await newest())[0])
      return 0
    })
    assert.equal([during?.id, during?.end], ['20261122_020000', undefined])
    assert.is((await newest())[0]?.end?.exit_code, 0)
    assert.equal(told, [])
  })
  suite.test('tells how it failed', async () => {
    const fails = () => Promise.reject(new Problem('no', { exitCode: 2 }))
    await noted(bucket, run('20261122_030000'), tell, fails).catch(() => undefined)
    assert.is((await newest())[0]?.end?.exit_code, 2)
  })
  suite.test('of a run that was killed has no end, also where older ones have', async () => {
    await new Objects(bucket).putOnce(
      'runs/p/backup/set/20261122_040000.started.json',
      JSON.stringify(run('20261122_040000')),
    )
    const [last] = await newest()
    assert.equal([last?.id, last?.end], ['20261122_040000', undefined])
  })
  suite.test('is kept apart by kind, name and installation', async () => {
    await noted(bucket, run('20261122_010000', 'recovery', 'neo4j-loss'), tell, async () => 0)
    await noted(bucket, { ...run('20261122_050000'), project: 'other' }, tell, async () => 1)
    const seen = (await newest()).map(({ kind, name, id }) => `${kind} ${name} ${id}`)
    assert.equal(seen, ['backup set 20261122_040000', 'recovery neo4j-loss 20261122_010000'])
  })
  suite.test('holds no work up where the bucket cannot be written', async () => {
    s3.trouble = { status: 403, code: 'AccessDenied' }
    assert.is(await noted(bucket, run('20261122_060000'), tell, async () => 0), 0)
    assert.is(told.length, 2)
    assert.match(told[0] ?? '', 'the bucket could not be told that this run has started')
  })
  suite.test('keeps a backup from being begun that nobody could store', async () => {
    s3.trouble = { status: 507, code: 'XMinioStorageFull' }
    let begun = false
    const error = await failure(() =>
      notedFirst(bucket, run('20261122_070000'), tell, async () => {
        begun = true
        return 0
      }),
    )
    assert.match(error.message, 'XMinioStorageFull')
    assert.not.ok(begun)
    s3.trouble = undefined
  })
})
