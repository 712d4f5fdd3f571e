import { Objects } from '../../lib/objects.ts'
import { newRun, RunNote } from '../../lib/run-record.ts'
import type { Target } from '../../lib/target.ts'
import type { Manifest } from '../../stores/manifest.ts'
import { verificationKey } from '../../stores/verification.ts'
import { families } from '../../tools/metrics/families.ts'
import { lookAtBucket } from '../../tools/metrics/seen.ts'
import { metricsText } from '../../tools/metrics/text.ts'
import { assert, describe } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'
import { manifest, setKey, verification } from '../stores/samples.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

describe('what monitoring is told', suite => {
  let s3: FakeS3
  let target: Target
  suite.before(async () => {
    s3 = new FakeS3()
    const backups = await s3.start()
    const stores = { qdrant: {}, neo4j: {} }
    target = { backups, stores, rpoHours: 24, runtime: { project: 'ai-platform' } } as unknown as Target
  })
  suite.after(() => s3.stop())
  const text = async () => (await metricsText(families(target, await lookAtBucket(target), NOW))).text
  const value = (metrics: string, sample: string) =>
    metrics
      .split('\n')
      .find(line => line.startsWith(`${sample} `))
      ?.split(' ')
      .at(-1)

  /** A set of Qdrant alone that has so many points fewer than five, with its object. */
  async function put(stamp: string, change: (one: Manifest) => void, verdict?: 'proven' | 'failed') {
    const one = manifest(stamp)
    change(one)
    const objects = new Objects(target.backups)
    const content = JSON.stringify(one)
    await objects.putOnce(setKey(stamp), content)
    for (const member of one.members)
      if (member.status === 'success') s3.objects.set(member.key, Buffer.alloc(member.size_bytes))
    if (verdict)
      await objects.putOnce(
        verificationKey(setKey(stamp), stamp),
        JSON.stringify(verification(stamp, content, verdict)),
      )
  }

  suite.test('of an empty bucket: it can be read, and no store has a backup', async () => {
    const metrics = await text()
    assert.is(value(metrics, 'dr_bucket_readable'), '1')
    assert.is(value(metrics, 'dr_rpo_seconds'), '86400')
    assert.is(value(metrics, 'dr_backup_success_timestamp_seconds{store="qdrant"}'), '0')
    assert.is(value(metrics, 'dr_replica_success_timestamp_seconds'), undefined, 'there is no replica')
  })
  suite.test('of the newest backup and the one before: when, how large, how much, how proven', async () => {
    await put('20261121_020000', () => undefined, 'proven')
    await put(
      '20261122_020000',
      one => Object.assign(one.members[0]!, { size_bytes: 4000, duration_seconds: 42 }),
      'failed',
    )
    const metrics = await text()
    const proven = Date.parse(String((manifest().members[0] as { started: string }).started)) / 1000
    assert.is(value(metrics, 'dr_backup_success_timestamp_seconds{store="qdrant"}'), String(proven))
    assert.is(value(metrics, 'dr_backup_size_bytes{store="qdrant"}'), '4000')
    assert.is(value(metrics, 'dr_backup_previous_size_bytes{store="qdrant"}'), '5000')
    assert.is(value(metrics, 'dr_backup_duration_seconds{store="qdrant"}'), '42')
    assert.is(value(metrics, 'dr_backup_items{store="qdrant",of="points"}'), '5')
    assert.is(value(metrics, 'dr_backup_verification_failed{store="qdrant"}'), '1')
    assert.is(value(metrics, 'dr_backup_failed{store="qdrant"}'), '0')
  })
  suite.test('of a store that failed, and a manifest that is cut', async () => {
    const failed = { store: 'neo4j', kind: 'neo4j', status: 'failed', reason: 'no "such" thing' } as const
    await put('20261123_020000', one => one.members.push({ id: 'neo4j_20261123_020000', ...failed }))
    s3.objects.set(setKey('20261123_030000'), Buffer.from('{"format":'))
    const metrics = await text()
    assert.is(value(metrics, 'dr_backup_failed{store="neo4j"}'), '1')
    assert.is(value(metrics, 'dr_backup_manifests_broken'), '1')
  })
  suite.test('of runs: how long, how they ended, what they must not exceed', async () => {
    const run = newRun({ project: 'ai-platform', kind: 'recovery', name: 'neo4j-loss', rto_seconds: 1800 })
    const note = new RunNote(target.backups, run, assert.unreachable)
    await note.end(2, new Date(Date.parse(run.started) - 600_000).toISOString())
    const metrics = await text()
    const labels = '{kind="recovery",name="neo4j-loss"}'
    assert.is(value(metrics, `dr_run_exit_code${labels}`), '2')
    assert.is(value(metrics, `dr_run_rto_seconds${labels}`), '1800')
    assert.ok(Number(value(metrics, `dr_run_duration_seconds${labels}`)) >= 600, 'counted from the detection')
  })
  suite.test('of open incidents', async () => {
    const open = { scenario: 'neo4j-loss', opened: '2026-11-23T11:00:00Z' }
    await new Objects(target.backups).putOnce('incidents/ai-platform/x.json', JSON.stringify(open))
    const sample = 'dr_incident_open_timestamp_seconds{incident="x",scenario="neo4j-loss"}'
    assert.is(value(await text(), sample), String(Date.parse(open.opened) / 1000))
  })
  suite.test('of a bucket that cannot be read: that, and nothing that looks like news', async () => {
    const { text } = await metricsText(families(target, undefined, NOW))
    assert.is(value(text, 'dr_bucket_readable'), '0')
    assert.not.match(text, 'dr_backup_success')
  })
})
