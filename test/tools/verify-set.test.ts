import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../../lib/problem.ts'
import type { Bucket, Target } from '../../lib/target.ts'
import { isProven, verifiedManifest } from '../../stores/verification.ts'
import { verifySet } from '../../tools/backup/verify.ts'
import { assert, describe, failure } from '../describe.ts'
import { FakeS3, flipped } from '../fake-s3.ts'
import { tempDir } from '../fakes.ts'
import { collectionBackup, manifest, points, qdrantMember, setKey } from '../stores/samples.ts'

const STAMP = '20261122_020000'
const KEY = setKey(STAMP)

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** A backup of one collection as Qdrant packs it: a tar of tars. */
function snapshot(dir: string): { archive: Buffer; collection: Buffer } {
  for (const name of ['0/segments/a.tar', 'config.json', 'version.info']) {
    mkdirSync(join(dir, 'c', name, '..'), { recursive: true })
    writeFileSync(join(dir, 'c', name), name)
  }
  const tar = (...args: string[]) => execFileSync('tar', args, { cwd: dir })
  tar('-C', 'c', '-cf', 'documents_v1.snapshot', '0', 'config.json', 'version.info')
  tar('-cf', 'whole', 'documents_v1.snapshot')
  return {
    archive: readFileSync(join(dir, 'whole')),
    collection: readFileSync(join(dir, 'documents_v1.snapshot')),
  }
}

describe('a set is verified where it lies', suite => {
  const dir = tempDir(suite)
  const root = tempDir(suite)
  const { archive, collection } = snapshot(dir)
  const member = {
    ...qdrantMember([
      {
        ...collectionBackup('documents_v1', points(5)),
        sha256: sum(collection),
        size_bytes: collection.length,
      },
    ]),
    sha256: sum(archive),
    size_bytes: archive.length,
  }
  let s3: FakeS3
  let backups: Bucket
  suite.before(async () => {
    s3 = new FakeS3()
    backups = await s3.start()
  })
  suite.after(() => s3.stop())

  const verify = async (set?: string) => {
    const store = { name: 'qdrant', kind: 'qdrant' }
    const runtime = { project: 'ai-platform' }
    const target = { root, backups, runtime, stores: { qdrant: store } } as unknown as Target
    const { verification } = await verifySet(
      target,
      { id: `20261123_0300${10 + s3.objects.size}`, folder: '.backup/p' },
      { set },
    )
    return verification
  }
  const writeManifest = (change: object = {}) => {
    s3.objects.set(
      KEY,
      Buffer.from(JSON.stringify({ ...manifest(STAMP), members: [{ ...member, ...change }] })),
    )
  }
  const fresh = (title: string, run: () => Promise<void>) =>
    suite.test(title, async () => {
      s3.objects.clear()
      s3.objects.set(member.key, archive)
      writeManifest()
      await run()
    })
  const notes = () => [...s3.objects.keys()].filter(key => verifiedManifest(key) === KEY)

  fresh('whole: proven, written beside the manifest, which stays as it was', async () => {
    const before = s3.objects.get(KEY)
    const verification = await verify()
    assert.ok(isProven(verification), JSON.stringify(verification.members))
    assert.is(notes().length, 1)
    assert.is(s3.objects.get(KEY), before)
    assert.equal(JSON.parse(String(s3.objects.get(notes()[0]!))), verification)
  })

  const condemned = (title: string, spoil: () => void, found: RegExp) =>
    fresh(title, async () => {
      spoil()
      const verification = await verify(`set_${STAMP}`)
      assert.is(verification.members[0]?.verdict, 'failed')
      assert.match(verification.members[0]?.found ?? '', found)
      assert.not.ok(isProven(verification))
      assert.is(notes().length, 1)
    })
  condemned(
    'an object replaced by other bytes of the same length is found',
    () => s3.objects.set(member.key, flipped(archive)),
    /not what was backed up/,
  )
  condemned(
    'an object that was deleted is found',
    () => s3.objects.delete(member.key),
    /gone from the bucket/,
  )
  condemned(
    'an object of another size is found without reading it',
    () => s3.objects.set(member.key, archive.subarray(0, 99)),
    /has 99 bytes/,
  )
  condemned(
    'an archive that holds another snapshot than its manifest says is found',
    () => writeManifest({ collections: [{ ...member.collections[0], sha256: 'c'.repeat(64) }] }),
    /its snapshot is the one that was backed up/,
  )

  fresh('a manifest edited by hand between two verifications is found', async () => {
    await verify()
    s3.objects.set(member.key, flipped(archive))
    writeManifest({ sha256: sum(flipped(archive)) })
    const [one] = (await verify()).members
    assert.is(one?.verdict, 'failed')
    assert.match(one?.found ?? '', 'its manifest was changed after')
  })
  fresh('a store that is not configured here is not condemned: nobody could look', async () => {
    writeManifest({ store: 'elsewhere' })
    assert.is((await verify()).members[0]?.verdict, 'unchecked')
  })
  fresh('a foreign object in its prefix is not taken for a set', async () => {
    s3.objects.set('sets/2026/11/23/readme.json', Buffer.from('{}'))
    assert.is((await verify()).set, `set_${STAMP}`)
  })
  fresh('the newest set is the newest of this installation; another one has to be named', async () => {
    const later = '20261123_020000'
    const theirs = { ...manifest(later), source: { platform: 'p', project: 'other', host: 'h' } }
    s3.objects.set(setKey(later), Buffer.from(JSON.stringify(theirs)))
    assert.is((await verify()).set, `set_${STAMP}`)
    assert.is((await verify(`set_${later}`)).set, `set_${later}`)
    s3.objects.delete(KEY)
    assert.match((await failure(() => verify())).message, 'there is no set of ai-platform to verify')
  })
  fresh('a newest set that nobody can read is said, not passed over', async () => {
    s3.objects.set(setKey('20261123_020000'), Buffer.from('{"half'))
    assert.match((await failure(() => verify())).message, 'set_20261123_020000.json is only half a manifest')
  })
  fresh('a set that does not exist is bad input', async () => {
    const error = (await failure(() => verify('set_20200101_020000'))) as Problem
    assert.match(error.message, 'there is no set set_20200101_020000')
  })
  fresh('a bucket that is gone is said and nothing is noted', async () => {
    s3.trouble = { status: 404, code: 'NoSuchBucket' }
    const error = await failure(() => verify())
    s3.trouble = undefined
    assert.match(error.message, 'no bucket')
    assert.equal(notes(), [])
  })
})
