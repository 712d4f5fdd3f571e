import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Output } from '../../lib/command.ts'
import type { Restoring } from '../../stores/qdrant/facts.ts'
import type { Point } from '../../stores/qdrant/fingerprint.ts'
import { type Inspection, inspectCollection } from '../../stores/qdrant/inspect.ts'
import { content } from '../../stores/qdrant/restore.ts'
import { readShape } from '../../stores/qdrant/shape.ts'
import { isAsNear, isSound, spacesOf } from '../../stores/qdrant/vectors.ts'
import { assert, describe } from '../describe.ts'

const NAMED = { title: { size: 2, distance: 'Cosine' }, body: { size: 3, distance: 'Dot' } }

/** Letters with a vector for the title and one for the body, both their own; every fifth has no body. */
const LETTERS: Point[] = Array.from({ length: 20 }, (_, i) => ({
  id: i + 1,
  payload: { n: i },
  vector: {
    title: [Math.cos(i), Math.sin(i)],
    ...(i % 5 === 4 ? {} : { body: [i + 1, 2, 3] }),
  },
}))

/** A Qdrant with one collection: scroll in one page, exact searches by dot product. */
function qdrant(points: readonly Point[], vectors: unknown, deaf?: string) {
  const searched: string[] = []
  const answer = (path: string, body: { query?: number[]; using?: string }): unknown => {
    if (path.endsWith('/count')) return { count: points.length }
    if (path.endsWith('/scroll')) return { points, next_page_offset: null }
    if (!path.endsWith('/query'))
      return { status: 'green', config: { params: { vectors } }, payload_schema: {} }
    searched.push(body.using ?? '')
    return {
      points:
        deaf !== undefined && body.using === deaf ? [] : nearest(points, body.query ?? [], body.using ?? ''),
    }
  }
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      const result = answer(request.url ?? '', text === '' ? {} : JSON.parse(text))
      response.end(JSON.stringify({ result }))
    })
  })
  return { server, searched }
}

function nearest(points: readonly Point[], query: readonly number[], name: string) {
  const of = (vector: unknown) => (name === '' ? vector : (vector as Record<string, unknown>)[name])
  return points
    .flatMap(({ id, vector }) => {
      const own = of(vector) as number[] | undefined
      return own ? [{ id, score: own.reduce((sum, x, i) => sum + x * (query[i] ?? 0), 0) }] : []
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, 10)
}

async function inspected(points: readonly Point[], vectors: unknown = NAMED, deaf?: string) {
  const { server, searched } = qdrant(points, vectors, deaf)
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const access = { url, apiKey: undefined, signal: new AbortController().signal }
  try {
    const seen = await inspectCollection(access, 'letters', () => undefined)
    const { searches } = await readShape(access, 'letters')
    return { seen, searched, samples: searches }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const verdict = (seen: Inspection) =>
  content({ stdout: JSON.stringify(seen) } as Output, { fingerprint: seen.fingerprint } as Restoring)

/** The letters with one vector of the third exchanged. */
const changed = (name: string, vector: unknown) =>
  LETTERS.map(point =>
    point.id === 3 ? { ...point, vector: { ...(point.vector as object), [name]: vector } } : point,
  )

describe('a collection with named vectors', suite => {
  suite.test('is searched by every name, and finds itself', async () => {
    const { seen, searched } = await inspected(LETTERS)
    assert.is(seen.vectors, 36)
    assert.equal(seen.searches, { tried: 10, found: 10 })
    assert.equal([...new Set(searched)].sort(), ['body', 'title'])
    assert.is(verdict(seen).verdict, 'proven')
  })
  suite.test('shows the same in its sample searches, also where a longer vector is nearer', async () => {
    const { samples } = await inspected(LETTERS)
    assert.equal(samples, { tried: 36, missed: [] })
    const { samples: deaf } = await inspected(LETTERS, NAMED, 'body')
    assert.is(deaf.missed.length, 16)
    assert.is(deaf.missed[0], '1 (by body)')
  })
  suite.test('of which one name finds nothing is not proven', async () => {
    const { seen } = await inspected(LETTERS, NAMED, 'body')
    assert.equal(seen.searches, { tried: 10, found: 5 })
    assert.is(verdict(seen).verdict, 'failed')
  })
  for (const [what, name, vector] of [
    ['a length that is not 1', 'title', [3, 4]],
    ['a size that is not its own', 'body', [1, 2]],
    ['no number', 'body', [null, 2, 3]],
    ['nothing', 'title', null],
  ] as const) {
    suite.test(`a vector with ${what} is damage, whichever name it has`, async () => {
      const { seen } = await inspected(changed(name, vector))
      assert.is(seen.bad_vectors, 1)
      assert.equal(seen.bad_samples, ['3'])
    })
  }
  suite.test('whose vectors were not searched with is not proven', async () => {
    const { seen } = await inspected(LETTERS)
    const { verdict: said } = verdict({ ...seen, searches: { tried: 0, found: 0 } })
    assert.is(said, 'unchecked')
  })
  suite.test('without a vector is proven by its content, and says so', async () => {
    const { seen } = await inspected(
      LETTERS.map(point => ({ ...point, vector: {} })),
      {},
    )
    assert.is(seen.bad_vectors, 0)
    assert.match(verdict(seen).found, /no vector to search with/)
    assert.is(verdict(seen).verdict, 'proven')
  })
})

describe('a collection with one vector', suite => {
  const points = LETTERS.map(({ id, payload, vector }) => ({
    id,
    payload,
    vector: (vector as { title: number[] }).title,
  }))
  suite.test('is searched without a name', async () => {
    const { seen, searched } = await inspected(points, NAMED.title)
    assert.equal(seen.searches, { tried: 5, found: 5 })
    assert.equal([...new Set(searched)], [''])
  })
  suite.test('and without any for a point is damaged', async () => {
    const { seen } = await inspected([...points.slice(1), { ...points[0]!, vector: null }], NAMED.title)
    assert.is(seen.bad_vectors, 1)
  })
})

describe('vectors of other kinds', suite => {
  const spaces = spacesOf({
    rows: { size: 2, distance: 'Cosine' },
    bytes: { size: 2, distance: 'Cosine', datatype: 'uint8' },
  })
  suite.test('a multivector is checked row by row, a sparse one by its numbers', () => {
    assert.ok(
      isSound(
        {
          rows: [
            [0.6, 0.8],
            [1, 0],
          ],
          words: { indices: [7], values: [0.5] },
        },
        spaces,
      ),
    )
    assert.not.ok(
      isSound(
        {
          rows: [
            [0.6, 0.8],
            [6, 8],
          ],
        },
        spaces,
      ),
    )
    assert.not.ok(isSound({ words: { indices: [7], values: [null] } }, spaces))
  })
  suite.test('bytes are not normalised', () => assert.ok(isSound({ bytes: [3, 4] }, spaces)))
  suite.test('a duplicate is as near as the vector itself, by every distance', () => {
    const near = (distance: string, score: number) => isAsNear(score, [3, 4], { size: 2, distance })
    for (const [distance, own, further] of [
      ['Cosine', 1, 0.9],
      ['Dot', 25, 20],
      ['Euclid', 0, 3],
      ['Manhattan', 0, 3],
    ] as const) {
      assert.ok(near(distance, own), distance)
      assert.not.ok(near(distance, further), distance)
    }
    assert.ok(near('Dot', 50))
  })
})
