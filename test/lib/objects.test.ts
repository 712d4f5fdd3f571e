import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { digestOf, Objects, type Transfer } from '../../lib/objects.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import type { Bucket } from '../../lib/target.ts'
import { assert, describe, failure } from '../describe.ts'
import { bucketAt, FakeS3 } from '../fake-s3.ts'
import { tempDir } from '../fakes.ts'

const BYTES = randomBytes(300_000)
const SUM = createHash('sha256').update(BYTES).digest('hex')
const KEY = 'qdrant/2026/11/22/qdrant_20261122_020000.snapshot'
const quiet: Transfer = { signal: new AbortController().signal, progress: () => undefined }
/** Only where no answer will come: a busy machine may take longer for one that does. */
const IMPATIENT = { answerSeconds: 0.4 }

const problem = async (run: () => unknown) => (await failure(run)) as Problem

describe('objects of a bucket', suite => {
  const dir = tempDir(suite)
  let s3: FakeS3
  let bucket: Bucket
  suite.before(async () => {
    s3 = new FakeS3()
    bucket = await s3.start()
    s3.objects.set(KEY, BYTES)
  })
  suite.after(() => s3.stop())
  /** An object store in trouble for so many requests; well again afterwards. */
  const during = async <T>(
    trouble: FakeS3['trouble'],
    run: (objects: Objects) => Promise<T>,
    times = 1e9,
  ) => {
    Object.assign(s3, { trouble, times })
    try {
      return await run(new Objects(bucket, trouble === 'silent' ? IMPATIENT : {}))
    } finally {
      s3.trouble = undefined
    }
  }
  const well = <T>(run: (objects: Objects) => Promise<T>) => during(undefined, run)

  suite.test('are listed with their sizes, below a prefix', async () => {
    assert.equal(await well(o => o.list('qdrant/')), [{ key: KEY, size: BYTES.length }])
    assert.equal(await well(o => o.list('neo4j/')), [])
  })
  suite.test('one that is not there is an answer to find and a problem to stat', async () => {
    assert.is(await well(o => o.find('gone')), undefined)
    const error = await problem(() => well(o => o.stat('gone')))
    assert.match(error.message, 'no such object')
    assert.match(error.hint ?? '', '--list')
  })
  suite.test('are downloaded whole, with progress', async () => {
    const seen: number[] = []
    const file = join(dir, 'whole')
    const progress: Transfer['progress'] = p => void seen.push(p.done)
    const digest = await well(o => o.download(KEY, file, { ...quiet, progress }))
    assert.equal(digest, { sha256: SUM, size: BYTES.length })
    assert.ok(readFileSync(file).equals(BYTES))
    assert.is(seen.at(-1), BYTES.length)
  })
  suite.test('a download that is cut fails', async () => {
    const error = await problem(() => during('cut', o => o.download(KEY, join(dir, 'cut'), quiet)))
    assert.ok(error.hint)
  })
  suite.test('a download that falls silent fails', async () => {
    const error = await problem(() => during('silent', o => o.download(KEY, undefined, quiet)))
    assert.match(error.message, 'does not answer')
  })
  suite.test('an object with the right sum is verified', async () => {
    assert.is((await well(o => o.verify(KEY, SUM, quiet))).sha256, SUM)
  })
  suite.test('one flipped bit in the object is refused, with both sums and the next step', async () => {
    const error = await problem(() => during('bit', o => o.verify(KEY, SUM, quiet)))
    assert.is(error.exitCode, EXIT.checkFailed)
    assert.match(error.message, `expected ${SUM.slice(0, 12)}`)
    assert.match(error.hint ?? '', 'next older backup')
  })
  suite.test('one flipped bit in the transfer is tried again', async () => {
    assert.is((await during('bit', o => o.verify(KEY, SUM, quiet), 1)).sha256, SUM)
  })
  suite.test('an upload arrives whole and is never replaced', async () => {
    const file = join(dir, 'upload')
    writeFileSync(file, BYTES)
    assert.equal(await well(o => o.upload(file, 'new', quiet)), await digestOf(file))
    assert.ok(s3.objects.get('new')?.equals(BYTES))
    writeFileSync(file, 'something else')
    const error = await problem(() => well(o => o.upload(file, 'new', quiet)))
    assert.match(error.message, 'exists already')
    assert.ok(s3.objects.get('new')?.equals(BYTES))
  })
  suite.test('a manifest is written once', async () => {
    await well(o => o.putOnce('set.json', '{}'))
    await problem(() => well(o => o.putOnce('set.json', '{"other":1}')))
    assert.is(await well(o => o.text('set.json')), '{}')
  })
  suite.test('an interrupted download stops', async () => {
    const controller = new AbortController()
    const progress = () => controller.abort()
    await failure(() => well(o => o.download(KEY, undefined, { signal: controller.signal, progress })))
  })

  const refused = (title: string, code: string, status: number, message: RegExp) =>
    suite.test(title, async () => {
      const error = await problem(() => during({ status, code }, o => o.list('sets/')))
      assert.match(error.message, message)
      assert.ok(error.hint)
      assert.not.match(`${error.message} ${error.hint}`, 'fake-secret-key')
    })
  refused('a wrong access key is named by its variable', 'InvalidAccessKeyId', 403, /FAKE_ACCESS_KEY/)
  refused('a wrong secret key is named by its variable', 'SignatureDoesNotMatch', 403, /FAKE_SECRET_KEY/)
  refused('a bucket that is not there is named', 'NoSuchBucket', 404, /no bucket "backups"/)
  refused('any other refusal keeps its words', 'SlowDown', 403, /could not list sets\/: SlowDown/)
})

describe('a bucket that does not answer', suite => {
  let deaf: Server
  let endpoint: string
  suite.before(async () => {
    deaf = createServer(socket => socket.on('error', () => undefined))
    await new Promise<void>(listening => deaf.listen(0, '127.0.0.1', listening))
    endpoint = `http://127.0.0.1:${(deaf.address() as { port: number }).port}`
  })
  suite.after(() => void deaf.close())

  suite.test('it accepts and never answers', async () => {
    const objects = new Objects(bucketAt(endpoint), IMPATIENT)
    for (const ask of [() => objects.list('sets/'), () => objects.stat(KEY), () => objects.text(KEY)]) {
      const error = await problem(ask)
      assert.match(error.message, 'accepts connections but does not answer')
      assert.match(error.hint ?? '', 'docker compose logs minio')
    }
  })
  suite.test('nobody is there', async () => {
    const error = await problem(() => new Objects(bucketAt('http://127.0.0.1:1')).list('sets/'))
    assert.match(error.message, 'MinIO does not answer at http://127.0.0.1:1')
    assert.match(error.hint ?? '', 'docker compose up')
  })
  suite.test('its name is unknown', async () => {
    const objects = new Objects(bucketAt('http://no-such-host.invalid:9000'), { answerSeconds: 5 })
    const error = await problem(() => objects.list('sets/'))
    assert.match(`${error.message} ${error.hint}`, 'no-such-host.invalid')
  })
})
