import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Output } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { EXIT, exitCodeOf } from '../../lib/problem.ts'
import { type Contents, contentVerdict, listSample, sameValue, sampleOf } from '../../stores/content.ts'
import { NodeReader } from '../../stores/neo4j/contents.ts'
import { comparePayloads, compareVectors } from '../../stores/qdrant/contents.ts'
import { alike, tellWrong, type Vectors, vectorVerdict } from '../../stores/vectors.ts'
import { pageFacts, pageTarget } from '../../tools/page.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const UUID = '7f3e9d2c-0000-4000-8000-00000000000a'
const LONG = '9007199254740993'

interface Stored {
  payload?: string
  vector: number[]
}

describe('rows and points compared by content', suite => {
  const cwd = tempDir(suite)
  const points = new Map<string, Stored>()
  /** Those that a search does not find: it is approximate. */
  const unfound = new Set<string>()
  let url = ''
  const json = (id: string) => {
    const { payload = 'null', vector } = points.get(id)!
    return `{"id":${/^\d+$/.test(id) ? id : `"${id}"`},"payload":${payload},"vector":${JSON.stringify(vector)}}`
  }
  /** Points by their ids, and the nearest ones by dot product. */
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const answer = (result: string) => response.end(`{"result":${result},"status":"ok"}`)
    response.setHeader('content-type', 'application/json')
    if (request.url!.endsWith('/query')) {
      const { query } = JSON.parse(body) as { query: number[] }
      const near = (id: string) => points.get(id)!.vector.reduce((sum, x, at) => sum + x * query[at]!, 0)
      const seen = [...points.keys()].filter(id => !unfound.has(id))
      const best = seen.sort((a, b) => near(b) - near(a)).slice(0, 10)
      return void answer(`{"points":[${best.map(json).join(',')}]}`)
    }
    const ids = /"ids":\[([^\]]*)\]/
      .exec(body)![1]!
      .split(',')
      .map(id => id.replaceAll('"', ''))
    answer(
      `[${ids
        .filter(id => points.has(id))
        .map(json)
        .join(',')}]`,
    )
  })
  suite.before(async () => {
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  suite.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const store = () =>
    ({ kind: 'qdrant', name: 'qdrant', service: 'qdrant', url, apiKey: undefined, rtoMinutes: 15 }) as const
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(cwd, name), lines.map(line => `${line}\n`).join(''))
  const different = () => readFileSync(join(cwd, 'different.txt'), 'utf8')

  suite.test('a field that differs is named with the exact id, and only it is listed', async () => {
    points.clear()
    points.set('1', { payload: '{"text":"a\\nb","ord":1}', vector: [] })
    points.set(LONG, { payload: `{"text":"x","ord":${LONG}}`, vector: [] })
    points.set(UUID, { payload: '{"text":"other","ord":"3"}', vector: [] })
    write('sample.tsv', [
      '1\t["a\\\\nb", 1]',
      `${LONG}\t["x", 9007199254740992]`,
      `${UUID}\t["text", 3]`,
      '77\t["gone", 1]',
    ])
    const compare = comparePayloads(store(), 'documents', 'sample.tsv', ['text', 'ord'], 'different.txt', {})
    const found = JSON.parse((await exec(compare, { cwd })).stdout) as Contents
    assert.equal(found, { rows: 4, compared: 3, different: 2, samples: [`${LONG} (ord)`, `${UUID} (text)`] })
    assert.is(different(), `${LONG}\n${UUID}\n`)
  })

  const vectors = async (right: Record<string, number[]>): Promise<Vectors> => {
    write('keys.tsv', [...points.keys()])
    write(
      'given.jsonl',
      Object.entries(right).map(([key, vector]) => JSON.stringify({ key, vector })),
    )
    const compare = compareVectors(store(), 'documents', 'keys.tsv', 'given.jsonl', 'different.txt', {})
    return JSON.parse((await exec(compare, { cwd })).stdout) as Vectors
  }
  const [A, B, C] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ] as [number[], number[], number[]]
  const stored = (all: Record<string, number[]>) => {
    points.clear()
    for (const [id, vector] of Object.entries(all)) points.set(id, { vector })
  }

  suite.test('equal directions are equal, whatever the length', async () => {
    stored({ 5: A, [LONG]: [0, 0.5, 0] })
    const found = await vectors({ 5: [1.0001, 0.001, 0], [LONG]: B })
    assert.equal([found.compared, found.different, different()], [2, 0, ''])
  })
  suite.test('two vectors that are swapped are named with both exact ids', async () => {
    stored({ 5: B, [UUID]: A, 7: C })
    const found = await vectors({ 5: A, [UUID]: B, 7: C })
    assert.equal(found, { keys: 3, given: 3, compared: 3, different: 2, samples: [`5 ↔ ${UUID}`] })
    assert.is(different(), `5\n${UUID}\n`)
  })
  suite.test('where only one of them is in the sample, the other one is found all the same', async () => {
    stored({ 5: B, [LONG]: A, 7: C })
    const found = await vectors({ 5: A })
    assert.equal(found.samples, [`5 (its vector is at ${LONG})`])
    assert.is(different(), `5\n${LONG}\n`)
    assert.is(vectorVerdict({ stdout: JSON.stringify(found) } as Output, 'l').verdict, 'failed')
  })
  suite.test('where a third point has the same text, the two that are swapped are named', async () => {
    stored({ 4: A, 5: B, 6: B, 9: A, 7: C })
    const found = await vectors({ 4: A, 5: A, 6: B, 9: B, 7: C })
    assert.equal([found.different, found.samples, different()], [2, ['5 ↔ 9'], '5\n9\n'])
  })
  suite.test('two that are swapped are named although a search finds only a third one', async () => {
    stored({ 5: B, 6: B, 9: A, 7: C })
    unfound.add('5').add('9')
    const found = await vectors({ 5: A, 6: B, 9: B, 7: C })
    unfound.clear()
    assert.equal([found.different, found.samples, different()], [2, ['5 ↔ 9'], '5\n9\n'])
  })
  suite.test('a vector that is nowhere else is wrong by itself', async () => {
    stored({ 5: C, 7: C })
    assert.equal((await vectors({ 5: A, 7: C })).samples, ['5'])
  })
  suite.test('what the platform did not give is not proven, and what is no vector is a problem', async () => {
    stored({ 5: A, 6: B })
    const found = await vectors({ 5: A })
    assert.is(vectorVerdict({ stdout: JSON.stringify(found) } as Output, 'l').verdict, 'unchecked')
    write('given.jsonl', ['loading the model'])
    const compare = compareVectors(store(), 'documents', 'keys.tsv', 'given.jsonl', 'different.txt', {})
    assert.match((await failure(() => exec(compare, { cwd }))).message, 'gave no vector but: loading')
  })
  suite.test('vectors with names are compared by name; sizes must be equal', () => {
    assert.ok(alike({ a: A, b: B }, { a: A }))
    assert.not.ok(alike({ a: A }, { a: A, b: B }) || alike(A, [1, 0]) || alike([0, 0, 0], A) || alike(A, {}))
  })
  suite.test('of three that went round each is told', () => {
    const round = [
      { id: '1', at: '2' },
      { id: '2', at: '3' },
      { id: '3', at: '1' },
    ]
    assert.equal(tellWrong(round, 5).length, 3)
  })
})

describe('the content of a sample', suite => {
  suite.test('values mean the same in every database, or do not', () => {
    for (const [a, b] of [
      ['x', 'x'],
      [1, '1'],
      [1.5, '1.50'],
      [true, 'true'],
      [null, undefined],
      ['2026-01-01T00:00:01+00:00', '2026-01-01T00:00:01.000Z'],
      ['2026-01-01T00:00:01+00:00', '2026-01-01T00:00:01Z'],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ])
      assert.ok(sameValue(a, b), `${JSON.stringify(a)} is ${JSON.stringify(b)}`)
    for (const [a, b] of [
      ['x', 'y'],
      ['', null],
      [9007199254740992, LONG],
      ['2026-01-01T00:00:01+00:00', '2026-01-01T00:00:02Z'],
    ])
      assert.not.ok(sameValue(a, b), `${JSON.stringify(a)} is not ${JSON.stringify(b)}`)
  })
  suite.test('a node is read with texts of any content', () => {
    const reader = new NodeReader()
    reader.add(
      Buffer.from(
        '"head", key, told\n"node", "5", [["STRING NOT NULL", ["a \\"b\\"\nand \\\\ c"]], ["NULL", [NULL]]]\n"end"\n',
      ),
    )
    reader.end()
    assert.equal(reader.of('5'), [['a "b"\nand \\ c', null]])
    assert.is(reader.of('6'), undefined)
  })
  suite.test('is chosen by the key alone, one of so many or all', async () => {
    assert.equal([sampleOf(undefined), sampleOf('all'), sampleOf('1/20')], [undefined, 1, 20])
    for (const odd of ['0', '1/0', '2/3', 'some'])
      assert.is(exitCodeOf(await failure(() => sampleOf(odd))), EXIT.badInput)
    const target = pageTarget('.')
    const facts = { ...pageFacts(target, 'qdrant'), target, run: { id: '20260101_000000', folder: 'f' } }
    const [chunks] = target.relations
    const query = (sample?: number) => listSample({ ...facts, sample }, chunks!, 'point').argv.at(-1)!
    assert.match(query(), 'jsonb_build_array(text, ord, created_at)')
    assert.match(query(8), "WHERE ('x' || left(md5(id::text), 7))::bit(28)::int % 8 = 0 ORDER BY id")
    assert.not.match(query(1), 'WHERE')
  })
  suite.test('the verdict names what differs', () => {
    const told = (one: Partial<Contents>) =>
      contentVerdict(
        { stdout: JSON.stringify({ rows: 4, compared: 4, different: 0, samples: [], ...one }) } as Output,
        'node',
        'l',
      )
    assert.is(told({}).verdict, 'proven')
    assert.is(told({ different: 1, samples: ['5 (text)'] }).verdict, 'failed')
    assert.match(told({ different: 1, samples: ['5 (text)'] }).found, '(such as 5 (text)): l')
  })
})
