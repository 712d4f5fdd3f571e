import { Problem } from '../../lib/problem.ts'
import { type Manifest, readManifest } from '../../stores/manifest.ts'
import type { QdrantMember } from '../../stores/qdrant/member.ts'
import { assert, describe, failure } from '../describe.ts'
import { manifest, setKey } from './samples.ts'

const KEY = setKey('20261122_020000')
const read = (value: unknown) => readManifest(KEY, JSON.stringify(value))

/** The valid manifest with its first member, or itself, changed. */
function withMember(change: Partial<QdrantMember> | Record<string, unknown>): unknown {
  const valid = manifest()
  return { ...valid, members: [{ ...valid.members[0], ...change }] }
}

function withCollection(change: Record<string, unknown>): unknown {
  const { collections } = manifest().members[0] as QdrantMember
  return withMember({ collections: [{ ...collections[0]!, ...change }] })
}

/** Every property of a value, one left out at a time. */
function* without<T extends object>(value: T): Generator<[string, Partial<T>]> {
  for (const key of Object.keys(value)) {
    const { [key as keyof T]: _, ...rest } = value
    yield [key, rest as Partial<T>]
  }
}

describe('a manifest', suite => {
  const refused = async (value: unknown, sentence: string | RegExp) => {
    const error = await failure(() => read(value))
    assert.instance(error, Problem)
    assert.match(error.message, sentence)
    assert.match(error.message, KEY)
    assert.ok((error as Problem).hint)
  }

  suite.test('is read as it was written', () => assert.equal(read(manifest()), manifest()))

  suite.test('written half is told so at every length', async () => {
    const text = JSON.stringify(manifest())
    for (const length of [0, 1, 10, text.length >> 1, text.length - 1]) {
      const error = await failure(() => readManifest(KEY, text.slice(0, length)))
      assert.match(error.message, 'only half a manifest')
    }
  })
  suite.test('of a newer format is refused with what to use', async () => {
    const error = (await failure(() => read({ ...manifest(), format: 2 }))) as Problem
    assert.match(error.message, 'has format 2; this version understands 1')
    assert.match(error.hint ?? '', 'newer one')
  })
  suite.test('of no format is refused', async () => {
    await refused({ ...manifest(), format: 0 }, 'format must be 1')
    await refused({ ...manifest(), format: '1' }, 'format must be 1')
    for (const value of [null, [], 'text', 7]) await refused(value, 'must be object')
  })
  suite.test('lacks nothing: each missing property is named', async () => {
    const valid = manifest()
    for (const [key, rest] of without<Manifest>(valid)) await refused(rest, `lacks the key "${key}"`)
    const member = valid.members[0] as QdrantMember
    for (const [key, rest] of without(member)) {
      // Without a kind or status nobody knows what else a member has to have.
      if (key === 'kind' || key === 'status') continue
      await refused({ ...valid, members: [rest] }, `lacks the key "${key}"`)
    }
    for (const [key, rest] of without(member.collections[0]!)) {
      await refused(withMember({ collections: [rest as never] }), `lacks the key "${key}"`)
    }
  })
  suite.test('has nothing that nobody knows', async () => {
    await refused({ ...manifest(), extra: 1 }, 'unknown key "extra"')
    await refused(withMember({ extra: 1 }), 'unknown key "extra"')
    await refused(withCollection({ extra: 1 }), 'unknown key "extra"')
  })
  suite.test('without members is none', () => refused({ ...manifest(), members: [] }, 'must NOT have fewer'))
  suite.test('a failed member needs its reason and nothing else', async () => {
    const failed = { id: 'qdrant_20261122_020000', store: 'qdrant', kind: 'qdrant', status: 'failed' }
    assert.ok(read({ ...manifest(), members: [{ ...failed, reason: 'disk full' }] }))
    await refused({ ...manifest(), members: [failed] }, 'lacks the key "reason"')
  })

  const EVIL = [
    '../../etc/passwd',
    '; rm -rf /',
    '$(id)',
    '-rf',
    '',
    'a/b',
    'a b',
    'a\nb',
    `${'x'.repeat(10_000)}`,
  ]
  const evil = (what: string, make: (name: string) => unknown) =>
    suite.test(`an evil ${what} is refused`, async () => {
      for (const name of EVIL) await refused(make(name), 'must match')
    })
  evil('key', key => withMember({ key }))
  evil('member id', id => withMember({ id }))
  evil('set id', set => ({ ...manifest(), set }))
  evil('store name', store => withMember({ store }))
  evil('collection name', name => withCollection({ name }))
  evil('file name', file => withCollection({ file }))
  evil('alias', alias => withMember({ aliases: [{ alias, collection: 'documents_v1' }] }))
  evil('target of an alias', collection => withMember({ aliases: [{ alias: 'documents', collection }] }))
  evil('checksum', sha256 => withMember({ sha256 }))
  evil('checksum of a collection', sha256 => withCollection({ sha256 }))

  suite.test('a name of dots only is refused', async () => {
    for (const name of ['.', '..', '...']) await refused(withCollection({ file: name }), 'must match')
  })
  suite.test('figures are whole and not negative', async () => {
    await refused(withMember({ size_bytes: -1 }), 'size_bytes must be >= 0')
    await refused(withMember({ size_bytes: 1.5 }), 'size_bytes must be integer')
    await refused(withCollection({ points: '5' }), 'points must be integer')
  })
  suite.test('times are times', async () => {
    await refused({ ...manifest(), started: 'yesterday' }, 'started must match')
    await refused(withMember({ started: '2026-11-22' }), 'started must match')
  })
})
