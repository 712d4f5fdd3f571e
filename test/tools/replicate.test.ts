import { join } from 'node:path'
import type { Transfer } from '../../lib/objects.ts'
import type { Bucket } from '../../lib/target.ts'
import { isManifest } from '../../stores/backups.ts'
import { verificationKey } from '../../stores/verification.ts'
import { replicate } from '../../tools/backup/replicate.ts'
import { assert, describe, failure } from '../describe.ts'
import { bucketAt, FakeS3 } from '../fake-s3.ts'
import { tempDir } from '../fakes.ts'
import { setKey, verification } from '../stores/samples.ts'
import { fillYear, stampOfNight } from '../stores/year.ts'

const quiet: Transfer = { signal: new AbortController().signal, progress: () => undefined }
const NEWEST = stampOfNight(2)
const MEMBER = `qdrant/2026/01/03/qdrant_${NEWEST}.snapshot`

describe('the replica', suite => {
  const dir = tempDir(suite)
  const [first, second] = [new FakeS3(), new FakeS3()]
  let buckets: [Bucket, Bucket]
  suite.before(async () => {
    buckets = [await first.start(), await second.start()]
  })
  suite.after(() => {
    first.stop()
    second.stop()
  })
  const go = (to: Bucket = buckets[1]) => replicate(buckets[0], to, join(dir, 'staging'), quiet)
  const fresh = (title: string, run: () => Promise<void>) =>
    suite.test(title, async () => {
      for (const s3 of [first, second]) s3.objects.clear()
      fillYear(first, 3)
      await run()
    })
  const setsThere = () => [...second.objects.keys()].filter(isManifest).length

  fresh('gets every verified set whole, newest first, its manifest last, and once', async () => {
    assert.equal(await go(), [`set_${NEWEST}`, `set_${stampOfNight(1)}`, `set_${stampOfNight(0)}`])
    for (const [key, bytes] of first.objects) assert.ok(second.objects.get(key)?.equals(bytes), key)
    const written = [...second.objects.keys()].filter(key => key.includes(NEWEST))
    assert.equal([written[0], written.at(-1)], [MEMBER, setKey(NEWEST)])
    assert.equal(await go(), [])
  })
  fresh('gets no set that is not verified', async () => {
    const content = String(first.objects.get(setKey(NEWEST)))
    const bad = JSON.stringify(verification(NEWEST, content, 'unchecked'))
    first.objects.set(verificationKey(setKey(NEWEST), '20270101_020000'), Buffer.from(bad))
    assert.equal((await go()).length, 2)
    assert.not.ok(second.objects.has(MEMBER))
  })
  fresh('goes on with a copy that was cut short', async () => {
    second.objects.set(MEMBER, first.objects.get(MEMBER)!)
    assert.is((await go()).length, 3)
    assert.is(setsThere(), 3)
  })
  fresh('keeps what was removed here, and replaces nothing', async () => {
    await go()
    first.objects.clear()
    assert.equal(await go(), [])
    assert.is(setsThere(), 3)
    fillYear(first, 3)
    second.objects.delete(setKey(NEWEST))
    second.objects.set(MEMBER, Buffer.from('other'))
    assert.match((await failure(() => go())).message, 'exists already')
    assert.is(String(second.objects.get(MEMBER)), 'other')
  })
  fresh('does not get bytes that are not what was backed up', async () => {
    first.digests.set(MEMBER, 'b'.repeat(64))
    const error = await failure(() => go())
    first.digests.clear()
    assert.match(error.message, 'not what was backed up')
    assert.equal([second.objects.has(MEMBER), setsThere()], [false, 0])
  })
  fresh('that is away is named, with no hint about services of ours', async () => {
    const error = await failure(() => go({ ...bucketAt('http://127.0.0.1:1'), service: '' }))
    assert.match(error.message, 'does not answer at http://127.0.0.1:1')
    assert.not.match(`${(error as { hint?: string }).hint}`, 'docker compose')
  })
})
