import type { Io } from '../../lib/command.ts'
import type { Bucket, Target } from '../../lib/target.ts'
import {
  type Catalogue,
  catalogue,
  listBackups,
  newestUsable,
  ofSet,
  usable,
  verifiedText,
} from '../../stores/backups.ts'
import type { Manifest } from '../../stores/manifest.ts'
import type { QdrantMember } from '../../stores/qdrant/member.ts'
import { type MemberOutcome, type Verification, verificationKey } from '../../stores/verification.ts'
import { assert, describe, failure } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'
import { collectionBackup, manifest, qdrantMember, setKey, verification } from './samples.ts'

const OLD = '20261121_020000'
const NEW = '20261122_020000'

describe('the catalogue of backups', suite => {
  let s3: FakeS3
  let bucket: Bucket
  suite.before(async () => {
    s3 = new FakeS3()
    bucket = await s3.start()
  })
  suite.after(() => s3.stop())

  /** A bucket with one set and its object, both changed as wanted. */
  const put = (stamp: string, change: (m: Manifest) => Manifest = m => m, size = 5000) => {
    const set = change(manifest(stamp))
    s3.objects.set(setKey(stamp), Buffer.from(JSON.stringify(set)))
    const [member] = set.members
    if (member && 'key' in member && size >= 0) s3.objects.set(member.key, Buffer.alloc(size))
  }
  const look = (store: string | undefined = 'qdrant') =>
    catalogue({ backups: bucket } as Target, store, { progress: () => undefined })
  const fresh = (title: string, run: () => Promise<void>) =>
    suite.test(title, async () => {
      s3.objects.clear()
      await run()
    })
  const member =
    (change: Partial<QdrantMember>) =>
    (m: Manifest): Manifest => ({
      ...m,
      members: [{ ...(m.members[0] as QdrantMember), ...change }],
    })

  fresh('an empty bucket has none', async () => {
    assert.equal(await look(), { candidates: [], broken: [] })
  })
  fresh('lists the newest first, each with what it rests on', async () => {
    put(OLD)
    put(NEW)
    const { candidates } = await look()
    assert.equal(
      candidates.map(c => [c.id, c.set, c.refused]),
      [
        [`qdrant_${NEW}`, `set_${NEW}`, undefined],
        [`qdrant_${OLD}`, `set_${OLD}`, undefined],
      ],
    )
    assert.is(usable(candidates, 'qdrant').length, 2)
  })
  fresh('live data is held against the newest of this installation, else against anybody’s', async () => {
    const from =
      (project: string) =>
      (m: Manifest): Manifest => ({ ...m, source: { ...m.source, project } })
    put(OLD)
    put(NEW, from('other'))
    const { candidates } = await look()
    const against = (project: string) =>
      newestUsable({ runtime: { project } } as Target, candidates, { name: 'qdrant', kind: 'qdrant' })?.set
    assert.equal(['ai-platform', 'other', 'a-test'].map(against), [`set_${OLD}`, `set_${NEW}`, `set_${NEW}`])
    const command = listBackups({ backups: bucket, runtime: { project: 'ai-platform' } } as Target, 'qdrant')
    const io = { progress: () => undefined } as unknown as Io
    const listed = JSON.parse((await command.call?.(io)) ?? '') as Catalogue
    const digests = listed.candidates.map(({ member }) => (member as QdrantMember).collections[0]?.buckets)
    assert.equal(digests.map(Boolean), [false, true])
  })
  fresh('gives those of one set, or the one backup, that is named', async () => {
    put(OLD)
    put(NEW)
    const all = await look()
    const ids = (name?: string) => ofSet(all, name).candidates.map(({ id }) => id)
    assert.equal(ids(`set_${OLD}`), [`qdrant_${OLD}`])
    assert.equal(ids(`qdrant_${NEW}`), [`qdrant_${NEW}`])
    assert.equal(ids('set_20190101_000000'), [])
    assert.is(ids().length, 2)
  })
  /** A verification of the newest set, with this outcome of its member. */
  const verify = (stamp: string, verdict: MemberOutcome, change: Partial<Verification> = {}) => {
    const key = setKey(NEW)
    const of = verification(NEW, String(s3.objects.get(key)), verdict)
    s3.objects.set(verificationKey(key, stamp), Buffer.from(JSON.stringify({ ...of, ...change })))
  }
  fresh('knows the newest verification of a set', async () => {
    put(NEW)
    assert.match(verifiedText((await look()).candidates[0]!), 'never verified')
    verify('20261122_030000', 'failed')
    verify('20261122_040000', 'proven', { started: '2026-11-22T04:00:00.000Z' })
    const [candidate] = (await look()).candidates
    assert.equal(candidate?.verification?.at, '2026-11-22T04:00:00.000Z')
    assert.is(candidate?.refused, undefined)
    assert.is(verifiedText(candidate!, Date.parse('2026-11-22T06:00:00Z')), 'verified 2 h ago')
  })
  fresh('one whose newest verification failed is refused with what was found', async () => {
    put(NEW)
    verify('20261122_030000', 'proven')
    verify('20261122_040000', 'failed')
    assert.match((await look()).candidates[0]?.refused ?? '', 'failed: two downloads gave wrong bytes')
  })
  fresh('one that nobody could read back is not refused and not verified', async () => {
    put(NEW)
    verify('20261122_040000', 'unchecked')
    const [candidate] = (await look()).candidates
    assert.is(candidate?.refused, undefined)
    assert.match(verifiedText(candidate!), 'could not be verified')
  })
  fresh('a manifest that was edited by hand after its verification is not believed', async () => {
    put(NEW)
    verify('20261122_040000', 'proven')
    put(NEW, member({ sha256: 'b'.repeat(64) }))
    assert.match(
      (await look()).candidates[0]?.refused ?? '',
      'its manifest was changed after it was verified',
    )
  })
  fresh('a verification that nobody can read is none', async () => {
    put(NEW)
    verify('20261122_040000', 'proven')
    for (const text of ['', '{', '{}', JSON.stringify(manifest(NEW))]) {
      s3.objects.set(verificationKey(setKey(NEW), '20261122_050000'), Buffer.from(text))
      assert.match(verifiedText((await look()).candidates[0]!), 'never verified')
    }
  })
  fresh('foreign objects among its own are none of its business', async () => {
    put(NEW)
    for (const key of [
      'sets/notes.txt',
      'sets/2026/11/22/set_x.json',
      'sets/set_20261122_020000.json',
      'a/b',
    ])
      s3.objects.set(key, Buffer.from('foreign'))
    const { candidates, broken } = await look()
    assert.equal([candidates.length, broken.length], [1, 0])
  })
  fresh('a bucket that is gone is said, not shown as empty', async () => {
    s3.trouble = { status: 404, code: 'NoSuchBucket' }
    const error = await failure(look)
    s3.trouble = undefined
    assert.match(error.message, 'there is no bucket "backups"')
  })
  fresh('members of other stores are none of its business', async () => {
    put(NEW)
    assert.equal((await look('neo4j')).candidates, [])
  })

  const refused = (title: string, prepare: () => void, reason: string) =>
    fresh(title, async () => {
      prepare()
      const { candidates } = await look()
      assert.is(candidates.length, 1)
      assert.match(candidates[0]?.refused ?? '', reason)
      assert.equal(usable(candidates, 'qdrant'), [])
    })
  refused('an object that is gone refuses it', () => put(NEW, m => m, -1), 'missing from the bucket')
  refused('an empty object refuses it', () => put(NEW, m => m, 0), 'its object is empty')
  refused(
    'an object short of one byte refuses it',
    () => put(NEW, m => m, 4999),
    'has 4999 bytes, the manifest says 5000',
  )
  refused(
    'a backup without points refuses it',
    () => put(NEW, member({ collections: [collectionBackup('documents_v1', [])] })),
    'it holds no points',
  )
  refused(
    'a failed backup keeps its reason',
    () =>
      put(NEW, m => ({
        ...m,
        members: [
          { id: `qdrant_${NEW}`, store: 'qdrant', kind: 'qdrant', status: 'failed', reason: 'disk full' },
        ],
      })),
    'the backup failed: disk full',
  )
  fresh('a backup with one empty collection among others is usable', async () => {
    const { collections } = qdrantMember([collectionBackup('empty', [])])
    put(NEW, m => {
      const first = m.members[0] as QdrantMember
      return { ...m, members: [{ ...first, collections: [...first.collections, ...collections] }] }
    })
    assert.is(usable((await look()).candidates, 'qdrant').length, 1)
  })

  fresh('manifests that cannot be read are told and do not hide the others', async () => {
    put(OLD)
    s3.objects.set(setKey(NEW), Buffer.from('{"format":1,"set":"set_2026'))
    s3.objects.set(setKey('20261123_020000'), Buffer.from(JSON.stringify({ ...manifest(), format: 9 })))
    const { candidates, broken } = await look()
    assert.equal(
      candidates.map(c => c.id),
      [`qdrant_${OLD}`],
    )
    assert.is(broken.length, 2)
    assert.match(broken[0]?.reason ?? '', 'has format 9')
    assert.match(broken[1]?.reason ?? '', 'only half a manifest')
  })
  fresh('a manifest under another name than its own is refused', async () => {
    s3.objects.set(setKey(NEW), Buffer.from(JSON.stringify(manifest(OLD))))
    const { candidates, broken } = await look()
    assert.equal([candidates.length, broken.length], [0, 1])
  })
})
