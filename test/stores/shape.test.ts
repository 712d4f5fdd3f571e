import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Secret } from '../../lib/secret.ts'
import { readShape } from '../../stores/qdrant/shape.ts'
import { assert, describe, failure } from '../describe.ts'

type Query = { query: unknown; using?: string }

const INFO = {
  status: 'green',
  config: {
    params: { vectors: { text: { size: 2, distance: 'Cosine' }, image: { size: 3, distance: 'Dot' } } },
  },
  payload_schema: { title: { data_type: 'keyword' } },
}
/** Beyond 2^53, and of two named vectors. */
const BIG = '18446744073709551615'
const POINTS = `[{"id":${BIG},"vector":{"text":[1,0],"image":[1,2,3]}},{"id":7,"vector":{"text":[0,1],"image":[4,5,6]}}]`

describe('the shape of a collection', suite => {
  let server: Server
  let nearest: (query: Query) => string = () => '[]'
  let key = ''
  const access = () => ({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: new Secret('SHAPE_KEY', 'shape-key'),
    signal: new AbortController().signal,
  })
  suite.before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      const { url = '' } = request
      key = String(request.headers['api-key'])
      const answer = (result: string, status = 200) => response.writeHead(status).end(`{"result":${result}}`)
      if (url.includes('/gone')) answer('null', 404)
      else if (url.includes('/locked')) answer('null', 401)
      else if (url.endsWith('/points/count')) answer('{"count":2}')
      else if (url.endsWith('/points/scroll')) answer(`{"points":${POINTS},"next_page_offset":null}`)
      else if (url.endsWith('/points/query')) answer(`{"points":${nearest(JSON.parse(text) as Query)}}`)
      else answer(JSON.stringify(INFO))
    })
    await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  })
  suite.after(() => void server.close())

  suite.test('is read with the key, and every named vector of a point is searched with', async () => {
    nearest = ({ query }) =>
      String(query) === '1,0' || String(query) === '1,2,3'
        ? `[{"id":${BIG},"score":1}]`
        : '[{"id":7,"score":1}]'
    const { there, points, schema, searches } = await readShape(access(), 'documents')
    assert.is(key, 'shape-key')
    assert.equal([there, points, schema], [true, 2, { title: 'keyword' }])
    assert.equal(searches, { tried: 4, missed: [] })
  })
  suite.test('names the points that do not find themselves, and by which vector', async () => {
    nearest = ({ using }) =>
      using === 'image' ? '[{"id":1,"score":0.9}]' : `[{"id":${BIG},"score":1},{"id":7,"score":1}]`
    const { searches } = await readShape(access(), 'documents')
    assert.equal(searches, { tried: 4, missed: [`${BIG} (by image)`, '7 (by image)'] })
  })
  suite.test('a duplicate that is as near is no miss', async () => {
    const self = (vector: number[]) => vector.reduce((sum, x) => sum + x * x, 0)
    nearest = ({ query, using }) => `[{"id":99,"score":${using === 'image' ? self(query as number[]) : 1}}]`
    assert.equal((await readShape(access(), 'documents')).searches.missed, [])
  })
  suite.test('of one that is not there says so, and a refusal is no answer', async () => {
    assert.not((await readShape(access(), 'gone')).there)
    assert.match((await failure(() => readShape(access(), 'locked'))).message, /answers 401/)
  })
})
