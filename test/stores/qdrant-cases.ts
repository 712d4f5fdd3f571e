import { Secret } from '../../lib/secret.ts'
import { addressesOf } from '../../stores/qdrant/checks.ts'
import type { Restoring } from '../../stores/qdrant/facts.ts'
import type { Shape } from '../../stores/qdrant/shape.ts'
import { restored } from '../../stores/qdrant/validate.ts'
import type { Case } from '../steps/validation.test.ts'
import { said } from './postgres/samples.ts'
import { collectionBackup, points, qdrantMember } from './samples.ts'

const member = qdrantMember([collectionBackup('documents_v1', points(500))])
const backup = { id: member.id, member }
const collection = { name: 'documents_v1', live: 'documents_v1' }
const store = { name: 'qdrant', apiKey: undefined }
const f = { store, backup, addresses: [collection], collection }
const alone = { ...f, backup: undefined }
const critical = { ...alone, store: { ...store, critical: { collections: { documents_v1: 10 } } } }

const listed = (...names: string[]) =>
  said(JSON.stringify({ result: { collections: names.map(name => ({ name })) } }))
const aliases = (all: Record<string, string>) => {
  const pairs = Object.entries(all).map(([alias_name, collection_name]) => ({ alias_name, collection_name }))
  return said(JSON.stringify({ result: { aliases: pairs } }))
}
const shape = (changes: Partial<Shape> = {}) =>
  said(
    JSON.stringify({
      there: true,
      status: 'green',
      points: 520,
      params: { vectors: { distance: 'Cosine', size: 2 }, shard_number: 1 },
      schema: { text: 'keyword', more: 'integer' },
      searches: { tried: 5, missed: [] },
      ...changes,
    } satisfies Shape),
  )
/** A restored copy is a collection of its own, and an alias of the configuration leads to one. */
const recovered = {
  ...f,
  addresses: restored({ restoring: [{ name: 'documents_v1', fresh: 'documents_v1__r_x' }] as Restoring[] }),
}
const byAlias = { ...critical, addresses: addressesOf(critical as never, { documents_v1: 'real' }) }
const refused = said('{"status":{"error":"Must provide an API key"}}', { exitCode: 22 })
const gone = shape({ there: false })

/** What the validation of Qdrant asks, with the answers that pass and those that do not. */
export const qdrantCases: Record<string, Case> = {
  'Qdrant is ready': {
    passes: [said('all shards are ready'), f],
    fails: [[said('some shards are not ready', { exitCode: 22 }), f, 'failed', /some shards are not ready/]],
  },
  'it lets the platform in': {
    passes: [listed(), f],
    fails: [
      [refused, f, 'failed', /it refuses: .*API key/],
      [refused, { ...f, store: { ...store, apiKey: new Secret('KEY', 'k-e-y') } }, 'failed', /it refuses/],
    ],
  },
  'every collection is there': {
    passes: [listed('documents_v1', 'other'), f],
    also: [
      [listed('documents_v1', 'documents_v1__r_x'), recovered],
      [listed('real'), byAlias],
    ],
    fails: [
      [listed('other'), f, 'failed', /documents_v1 is missing/],
      [listed('other'), critical, 'failed', /documents_v1 is missing/],
      [listed('documents_v1'), recovered, 'failed', /documents_v1 is missing/],
      [listed('other'), byAlias, 'failed', /documents_v1 is missing/],
      [listed('other'), alone, 'unchecked', /other; no usable backup and no `critical`/],
      [refused, f, 'unchecked', /refuses/],
    ],
  },
  'every alias leads where it belongs': {
    passes: [aliases({ documents: 'documents_v1__r_20261122_031502' }), f],
    fails: [
      [aliases({ offline: 'documents_v1' }), f, 'failed', /documents → nothing/],
      [aliases({ documents: 'other' }), f, 'failed', /documents → other/],
      [
        aliases({ documents: 'documents_v1' }),
        alone,
        'unchecked',
        /documents → documents_v1; no usable backup/,
      ],
    ],
  },
  'it is not degraded': {
    passes: [shape({ status: 'yellow' }), f],
    fails: [
      [shape({ status: 'red' }), f, 'failed', /red/],
      [gone, f, 'failed', /does not exist/],
    ],
  },
  'it has the points of the backup': {
    passes: [shape({ points: 495 }), f],
    fails: [
      [shape({ points: 480 }), f, 'failed', /documents_v1 480, 20 fewer/],
      [gone, f, 'failed', /documents_v1 0, 500 fewer/],
      [shape({ points: 9 }), critical, 'failed', /documents_v1 9, 1 fewer/],
      [shape(), alone, 'unchecked', /documents_v1 520; no usable backup/],
    ],
  },
  'its vector parameters are those of the backup': {
    passes: [shape(), f],
    fails: [
      [shape({ params: { vectors: { size: 3, distance: 'Cosine' } } }), f, 'failed', /"size":3/],
      [gone, f, 'failed', /does not exist/],
      [shape(), alone, 'unchecked', /"size":2.*no usable backup/],
    ],
  },
  'its payload indexes are there': {
    passes: [shape(), f],
    fails: [
      [shape({ schema: {} }), f, 'failed', /text \(keyword\) is missing/],
      [shape({ schema: { text: 'text' } }), f, 'failed', /text \(keyword\) is missing/],
      [gone, f, 'failed', /does not exist/],
      [shape(), alone, 'unchecked', /text \(keyword\).*no usable backup/],
    ],
  },
  'sample searches find themselves': {
    passes: [shape(), f],
    fails: [
      [
        shape({ searches: { tried: 5, missed: ['7 (by text)'] } }),
        f,
        'failed',
        /7 \(by text\) does not find itself/,
      ],
      [
        shape({ searches: { tried: 0, missed: [] } }),
        f,
        'unchecked',
        /none of the first points has a vector/,
      ],
      [gone, f, 'failed', /does not exist/],
    ],
  },
}
