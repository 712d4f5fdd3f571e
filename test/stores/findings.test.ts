import type { Finding } from '../../stores/base.ts'
import { findings, type Look, missingIndexes } from '../../stores/qdrant/findings.ts'
import type { Point } from '../../stores/qdrant/fingerprint.ts'
import type { Inspection } from '../../stores/qdrant/inspect.ts'
import { assert, describe } from '../describe.ts'
import { collectionBackup, fingerprintOf, points, qdrantMember } from './samples.ts'

const ALL = points(200)
const BACKUP = qdrantMember([collectionBackup('documents_v1', ALL), collectionBackup('packages', points(50))])
const ALIASES = { documents: 'documents_v1' }

function inspection(collection: string, all: readonly Point[], change: Partial<Inspection> = {}): Inspection {
  const { whole, buckets } = fingerprintOf(all)
  return {
    collection,
    points: all.length,
    read: all.length,
    fingerprint: whole,
    buckets,
    bad_vectors: 0,
    bad_samples: [],
    unreadable: '',
    vectors: all.length,
    searches: { tried: 5, found: 5 },
    ...change,
  }
}

/** A collection as it looks when nothing is wrong, changed as wanted. */
function look(all: readonly Point[] = ALL, change: Partial<Inspection> = {}, name = 'documents_v1'): Look {
  return { name, schema: { text: 'keyword' }, inspection: inspection(name, all, change) }
}

const PACKAGES = look(points(50), {}, 'packages')
const found = (documents: Look, aliases: Record<string, string> = ALIASES) =>
  findings(BACKUP, [documents, PACKAGES], aliases)

describe('findings', suite => {
  const finds = (title: string, all: () => Finding[], kind: Finding['kind'], sentence: RegExp) =>
    suite.test(title, () => {
      const list = all()
      assert.equal(
        list.map(f => f.kind),
        [kind],
      )
      assert.match(list[0]!.sentence, sentence)
    })
  const findsNothing = (title: string, all: () => Finding[]) =>
    suite.test(title, () => assert.equal(all(), []))

  findsNothing('nothing is wrong with what the backup has', () => found(look()))
  findsNothing('points added since the backup are no finding', () =>
    found(look([...ALL, ...points(260).slice(200)])),
  )
  findsNothing('a collection that the backup does not know is no finding', () =>
    findings(BACKUP, [look(), PACKAGES, look(points(3), {}, 'new')], ALIASES),
  )
  findsNothing('without a backup a sound collection is no finding', () => findings(undefined, [look()], {}))
  findsNothing('a recovered copy stands for its collection', () =>
    found(look(ALL, {}, 'documents_v1__r_20261122_031502'), {
      documents: 'documents_v1__r_20261122_031502',
    }),
  )

  const missing: Look = { name: 'documents_v1', schema: undefined, inspection: undefined }
  finds(
    'a missing collection',
    () => found(missing),
    'content',
    /documents_v1 is missing; the backup has 200/,
  )
  finds('an empty collection', () => found(look([])), 'content', /is empty; the backup has 200/)
  finds(
    'points that cannot be read',
    () => found(look(ALL, { unreadable: '500: task panicked' })),
    'content',
    /200 points counted, but they cannot be read \(500: task panicked/,
  )
  finds('damaged vectors', () => found(look(ALL, { bad_vectors: 31 })), 'content', /31 with a damaged vector/)
  finds(
    'damaged vectors without any backup',
    () => findings(undefined, [look(ALL, { bad_vectors: 1 })], {}),
    'content',
    /1 with a damaged vector/,
  )
  finds('points counted but not given', () => found(look(ALL, { read: 199 })), 'content', /only 199 readable/)
  finds('many points gone', () => found(look(ALL.slice(5))), 'content', /at least 5 of 200 .* are gone/)
  finds(
    'a few points gone are a question',
    () => found(look(ALL.slice(4))),
    'suspect',
    /4 points .* deleted on purpose/,
  )
  finds(
    'changed payloads are a question',
    () => found(look([{ ...ALL[0]!, payload: { text: 'changed' } }, ...ALL.slice(1)])),
    'suspect',
    /content differs .* in 1 places/,
  )
  finds('a lost index', () => found({ ...look(), schema: {} }), 'index', /lost its payload index on text/)
  finds(
    'an index of another type',
    () => found({ ...look(), schema: { text: 'integer' } }),
    'index',
    /index on text/,
  )
  finds(
    'a missing alias',
    () => found(look(), {}),
    'alias',
    /documents is missing; it belongs to documents_v1/,
  )
  finds(
    'an alias on the wrong collection of the backup',
    () => found(look(), { documents: 'packages' }),
    'alias',
    /points to packages; in the backup it belongs to documents_v1/,
  )
  finds(
    'an alias on a collection that is not there',
    () => found(look(), { documents: 'gone' }),
    'alias',
    /points to gone/,
  )
  finds(
    'an alias on a newer collection is a question',
    () =>
      findings(BACKUP, [look(), PACKAGES, look(points(3), {}, 'documents_v2')], {
        documents: 'documents_v2',
      }),
    'suspect',
    /points to documents_v2/,
  )

  suite.test('two things at once are two findings', () => {
    const list = found({ ...look(ALL.slice(4)), schema: {} }, {})
    assert.equal(list.map(f => f.kind).sort(), ['alias', 'index', 'suspect'])
  })
  suite.test('missing indexes are those of the backup that are not there', () => {
    const was = { ...collectionBackup('c', []), payload_schema: { a: 'keyword', b: 'integer' } }
    assert.equal(missingIndexes(was, { a: 'keyword' }), ['b'])
    assert.equal(missingIndexes(was, undefined), ['a', 'b'])
    assert.equal(missingIndexes(was, { a: 'keyword', b: 'integer', c: 'bool' }), [])
  })
})
