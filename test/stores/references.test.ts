import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Output } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { renderLine } from '../../lib/render.ts'
import { commandsOf, resolve } from '../../runbook/plan.ts'
import { backUpNeo4j, backUpQdrant } from '../../steps/back-up.ts'
import { timeIn } from '../../stores/age.ts'
import { compareKeys, sortable } from '../../stores/keys.ts'
import { comparePoints } from '../../stores/qdrant/references.ts'
import { type Known, referenceVerdict } from '../../stores/reference-verdict.ts'
import type { How, References } from '../../stores/references.ts'
import { pageFacts, pageTarget } from '../../tools/page.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const SINCE = '2026-11-22T02:00:00.000Z'
const OLD = '2026-11-21 10:00:00.123456+00'
const YOUNG = '2026-11-22 02:30:00+00'
/** Just before the backup: its point may have come too late for it. */
const GRACE = '2026-11-22 01:59:30+00'
/** Points of one page: small, so that paging is part of every test. */
const PAGE = 3
const LISTS = { missing: 'missing.txt', orphans: 'orphaned.txt' }
const UUIDS = ['00000000-0000-4000-8000-000000000001', '7f3e9d2c-0000-4000-8000-00000000000a']

interface Fake {
  ids: string[]
  /** Payloads by id, as JSON. */
  payloads?: Record<string, string>
  gone?: boolean
}

/** Qdrant's scroll over these ids, written as JSON numbers however large they are. */
function scroll(server: Fake): Server {
  return createServer(async (request, response) => {
    if (server.gone) return void response.writeHead(404).end('{"status":{"error":"gone"}}')
    let body = ''
    for await (const chunk of request) body += chunk
    const offset = /"offset":"?([\w-]+)/.exec(body)?.[1]
    const from = offset === undefined ? 0 : server.ids.indexOf(offset)
    const json = (id: string) => (/^\d+$/.test(id) ? id : JSON.stringify(id))
    const page = server.ids
      .slice(from, from + PAGE)
      .map(id => `{"id":${json(id)},"payload":${server.payloads?.[id] ?? 'null'}}`)
    const after = server.ids[from + PAGE]
    const next = after === undefined ? 'null' : json(after)
    response.setHeader('content-type', 'application/json')
    response.end(`{"result":{"points":[${page.join(',')}],"next_page_offset":${next}},"status":"ok"}`)
  })
}

describe('rows and points compared', suite => {
  const cwd = tempDir(suite)
  const qdrant: Fake = { ids: [] }
  const server = scroll(qdrant)
  let url = ''
  suite.before(async () => {
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  suite.after(() => {
    server.close()
    server.closeAllConnections()
  })

  const compare = async (rows: [string, string][], there: string[], how?: How): Promise<References> => {
    qdrant.ids = there
    writeFileSync(join(cwd, 'rows.tsv'), rows.map(row => `${row.join('\t')}\n`).join(''))
    const store = {
      kind: 'qdrant',
      name: 'qdrant',
      service: 'qdrant',
      url,
      apiKey: undefined,
      rtoMinutes: 15,
    } as const
    const output = await exec(comparePoints(store, 'documents', 'rows.tsv', SINCE, LISTS, how), { cwd })
    return JSON.parse(output.stdout) as References
  }
  const listed = (file = LISTS.missing) => readFileSync(join(cwd, file), 'utf8')
  const figures = ({ rows, partners: points, expected, missing, orphans }: References) => ({
    ...{ rows, points, expected, missing, orphans },
  })
  const old = (ids: string[]) => ids.map((id): [string, string] => [id, OLD])

  suite.test('every row has its point', async () => {
    const ids = ['1', '2', '3', '4', '5', '6', '7']
    const found = await compare(old(ids), ids)
    assert.equal(figures(found), { rows: 7, points: 7, expected: 0, missing: 0, orphans: 0 })
    assert.is(listed(), '')
  })
  suite.test('nothing and nothing', async () => {
    assert.equal(figures(await compare([], [])), { rows: 0, points: 0, expected: 0, missing: 0, orphans: 0 })
  })
  suite.test(
    'rows younger than the backup are expected, older ones are missing; both are listed',
    async () => {
      const rows: [string, string][] = [...old(['1', '2', '3']), ['8', GRACE], ['9', YOUNG]]
      const found = await compare(rows, ['1', '3'])
      assert.equal(figures(found), { rows: 5, points: 2, expected: 2, missing: 1, orphans: 0 })
      assert.equal(found.samples, ['2'])
      assert.is(listed(), '2\n8\n9\n')
    },
  )
  suite.test('points without a row are orphans, at the begin, between and at the end', async () => {
    const found = await compare(old(['2', '4']), ['1', '2', '3', '4', '5', '6'])
    assert.equal(figures(found), { rows: 2, points: 6, expected: 0, missing: 0, orphans: 4 })
    assert.equal(found.orphaned, ['1', '3', '5', '6'])
    assert.is(listed(LISTS.orphans), '1\n3\n5\n6\n')
  })
  suite.test('ids are compared as numbers and not as text', async () => {
    const found = await compare(old(['9', '10', '100']), ['9', '10', '100'])
    assert.is(found.missing + found.orphans, 0)
  })
  suite.test('ids beyond 2^53 are exact, across pages too', async () => {
    const ids = Array.from({ length: 7 }, (_, i) => String(9007199254740992n + BigInt(i)))
    assert.is((await compare(old(ids), ids)).missing, 0)
    const found = await compare(old(ids), [...ids.slice(0, 4), ...ids.slice(5)])
    assert.equal(found.samples, ['9007199254740996'])
    assert.is(found.orphans, 0)
  })
  suite.test('UUIDs come behind numbers, and are compared as they are written', async () => {
    const found = await compare(old(['7', ...UUIDS]), ['7', UUIDS[1]!])
    assert.equal(figures(found), { rows: 3, points: 2, expected: 0, missing: 1, orphans: 0 })
    assert.equal(found.samples, [UUIDS[0]])
  })
  suite.test(
    'points that are not sorted, and rows that are there twice, are a problem and no result',
    async () => {
      for (const ids of [
        ['2', '1'],
        [UUIDS[0]!, '1'],
      ])
        assert.match((await failure(() => compare([], ids))).message, 'came in that order')
      assert.match((await failure(() => compare(old(['1', '1']), []))).message, 'came in that order')
      assert.match((await failure(() => compare(old(['a\\tb']), []))).message, 'no text of one line')
    },
  )
  suite.test('rows in the order of a language, or of texts that are numbers, are put in order', async () => {
    const keys = ['10', 'Doc-1', 'doc-10', 'doc-2', '9', 'doc1', 'doc_3', 'ä', '-7', 'back\\\\slash']
    const found = await compare(old(keys), ['9', '10'])
    assert.equal(figures(found), { rows: 10, points: 2, expected: 0, missing: 8, orphans: 0 })
    assert.is(listed(), '-7\nDoc-1\nback\\slash\ndoc-10\ndoc-2\ndoc1\ndoc_3\nä\n')
  })
  suite.test('the order of keys: numbers by value, then texts by their bytes', () => {
    const sorted = ['-30', '-3', '0', '9', '10', '9007199254740993', '007', 'B', 'a', 'ä', '\uffff', '😀']
    assert.equal([...sorted].reverse().sort(compareKeys), sorted)
    const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(sortable(a)), Buffer.from(sortable(b)))
    assert.equal([...sorted].reverse().sort(bytes), sorted)
  })

  const byField = async (rows: string[], payloads: Record<string, unknown>, how: How) => {
    qdrant.payloads = Object.fromEntries(
      Object.entries(payloads).map(([id, payload]) => [
        id,
        JSON.stringify(payload).replace(/"n(\d+)"/, '$1'),
      ]),
    )
    const found = await compare(old(rows), Object.keys(payloads), how)
    qdrant.payloads = {}
    return found
  }
  suite.test('a row may have several points that carry its key in their payload', async () => {
    const long = '9007199254740993'
    const payloads = { 11: { d: 2 }, 12: { d: 1 }, 13: { d: 2 }, 14: { d: `n${long}` }, 15: { d: 'x' } }
    const found = await byField(['1', '2', '3', long], payloads, { field: 'd', many: true })
    assert.equal(figures(found), { rows: 4, points: 5, expected: 0, missing: 1, orphans: 1 })
    assert.equal([found.samples, found.orphaned, found.doubles], [['3'], ['15'], 0])
    assert.is(listed(LISTS.orphans), '15\tx\n')
  })
  suite.test('where a row has one point, a second one is found by its own id', async () => {
    const found = await byField(['1', '2'], { 11: { d: 1 }, 12: { d: 2 }, 13: { d: 1 } }, { field: 'd' })
    assert.equal([found.missing, found.orphans, found.doubled], [0, 0, ['13']])
  })
  suite.test('a point whose payload has no key is found by its own id', async () => {
    const found = await byField(['1'], { 11: { d: 1 }, 12: {}, 13: { d: [1] } }, { field: 'd' })
    assert.equal([found.unkeyed, found.keyless, found.orphans], [2, ['12', '13'], 0])
  })
  suite.test('orphans that are younger than the backup are told apart where their age is known', async () => {
    const payloads = {
      1: { at: '2026-11-22T03:00:00.000Z' },
      2: { at: '2026-11-20T03:00:00.000Z' },
      3: {},
      4: { at: Date.parse(SINCE) / 1000 },
    }
    const found = await byField([], payloads, { created: 'at' })
    assert.equal([found.orphans, found.young, found.old], [4, 2, 1])
  })
  suite.test('the times of databases are understood', () => {
    const at = Date.parse('2026-11-22T02:00:00Z')
    for (const time of [
      '2026-11-22 02:00:00+00',
      '2026-11-22T04:00+02:00[Europe/Berlin]',
      at,
      at / 1000,
      `${at}`,
    ])
      assert.is(timeIn(time), at)
    assert.ok(Number.isNaN(timeIn(undefined)) && Number.isNaN(timeIn('soon')))
  })
  suite.test('at most five samples are shown', async () => {
    const found = await compare(old(['1', '2', '3', '4', '5', '6', '7']), [])
    assert.is(found.samples.length, 5)
    assert.is(found.missing, 7)
  })
  suite.test('a Qdrant that refuses is a problem and no result', async () => {
    qdrant.gone = true
    assert.match((await failure(() => compare(old(['1']), ['1']))).message, 'answers 404')
  })
})

describe('the verdict over references', suite => {
  const verdict = (change: Partial<References>, gap: number | undefined = 0) =>
    verdictOf(change, { gap, restored: false })
  const verdictOf = (change: Partial<References>, known: Known) => {
    const none = { expected: 0, missing: 0, orphans: 0, young: 0, old: 0, doubles: 0, unkeyed: 0 }
    const lists = { samples: [], orphaned: [], doubled: [], keyless: [] }
    const stdout = JSON.stringify({ rows: 9, partners: 9, ...none, ...lists, ...change })
    return referenceVerdict({ stdout } as Output, 'point', { missing: 'm', orphans: 'o' }, known)
  }
  suite.test('nothing missing is proven', () => {
    assert.equal(verdict({}), { verdict: 'proven', found: '9 rows, 9 points' })
  })
  suite.test('young rows and orphans are expected loss', () => {
    assert.is(verdict({ expected: 2 }).verdict, 'expected loss')
    const orphan = verdict({ orphans: 1, young: 1, orphaned: ['88'] })
    assert.is(orphan.verdict, 'expected loss')
    assert.match(orphan.found, '1 point without a row (younger than the backup; such as 88): o')
    assert.match(verdict({ expected: 2 }).found, '2 rows younger than the backup, to be embedded again: m')
  })
  suite.test('an orphan fails that nothing explains, and is expected of a restore of its own store', () => {
    const orphans = { orphans: 3, young: 1, old: 1, orphaned: ['88'] }
    assert.is(verdict(orphans).verdict, 'failed')
    assert.match(
      verdict(orphans).found,
      '3 points without a row (1 younger than the backup, 1 older than the backup, 1 of unknown age; such as 88): o',
    )
    assert.match(verdict({ ...orphans, young: 0, old: 3 }).found, '(older than the backup; such as 88)')
    const restored = verdictOf(orphans, { gap: 0, restored: true })
    assert.is(restored.verdict, 'expected loss')
    assert.match(restored.found, 'deleted since the backup')
  })
  suite.test('a second point of a row and one with no key fail', () => {
    assert.is(verdict({ doubles: 1, doubled: ['13'] }).verdict, 'failed')
    assert.match(verdict({ unkeyed: 1, keyless: ['12'] }).found, '1 point with no key of a row (such as 12)')
    assert.is(verdict({ unkeyed: 1, keyless: ['12'] }).verdict, 'failed')
  })
  suite.test('one older row without a point fails, whatever else is expected', () => {
    const { verdict: kind, found } = verdict({ missing: 1, expected: 5, samples: ['77'] })
    assert.is(kind, 'failed')
    assert.match(found, '1 older row without a point (such as 77)')
  })
  suite.test('rows that had no point in the backup either are no loss of this night, one more is', () => {
    const known = verdict({ missing: 3 }, 3)
    assert.is(known.verdict, 'expected loss')
    assert.match(known.found, '3 rows had no point in the backup either')
    assert.is(verdict({ missing: 4 }, 3).verdict, 'failed')
    assert.is(verdict({ missing: 0 }, 3).verdict, 'proven')
    const older = verdictOf({ missing: 3 }, { gap: undefined, restored: false })
    assert.is(older.verdict, 'expected loss')
    assert.match(older.found, '3 rows without a point, and the backup does not say how many had none: m')
  })

  suite.test('a backup counts known gaps against its own begin, as a validation does', () => {
    for (const step of [backUpQdrant, backUpNeo4j]) {
      const facts = pageFacts(pageTarget('.'), step.about)
      const lines = [...commandsOf(resolve(step.nodes, facts))].map(({ command }) => renderLine(command))
      const compared = lines.filter(line => / references /.test(line))
      assert.ok(compared.length > 0)
      for (const line of compared) assert.match(line, /rows_\w+\.tsv'? '<memberStarted>' /)
    }
  })
})
