import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Output } from '../../lib/command.ts'
import { renderLine } from '../../lib/render.ts'
import { commandsOf, resolve } from '../../runbook/plan.ts'
import { backUpNeo4j, backUpQdrant } from '../../steps/back-up.ts'
import { idsOf } from '../../stores/qdrant/references.ts'
import { compareKeys, mergeReferences, type References, referenceVerdict } from '../../stores/references.ts'
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

/** Qdrant's scroll over these ids, written as JSON numbers however large they are. */
function scroll(server: { ids: string[]; gone?: boolean }): Server {
  return createServer(async (request, response) => {
    if (server.gone) return void response.writeHead(404).end('{"status":{"error":"gone"}}')
    let body = ''
    for await (const chunk of request) body += chunk
    const offset = /"offset":"?([\w-]+)/.exec(body)?.[1]
    const from = offset === undefined ? 0 : server.ids.indexOf(offset)
    const json = (id: string) => (/^\d+$/.test(id) ? id : JSON.stringify(id))
    const page = server.ids.slice(from, from + PAGE).map(id => `{"id":${json(id)},"payload":null}`)
    const after = server.ids[from + PAGE]
    const next = after === undefined ? 'null' : json(after)
    response.setHeader('content-type', 'application/json')
    response.end(`{"result":{"points":[${page.join(',')}],"next_page_offset":${next}},"status":"ok"}`)
  })
}

describe('rows and points compared', suite => {
  const cwd = tempDir(suite)
  const qdrant: { ids: string[]; gone?: boolean } = { ids: [] }
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

  const { signal } = new AbortController()
  const compare = async (rows: [string, string][], there: string[]): Promise<References> => {
    qdrant.ids = there
    writeFileSync(join(cwd, 'rows.tsv'), rows.map(row => `${row.join('\t')}\n`).join(''))
    const io = { signal, cwd, env: {}, progress: () => undefined }
    const ids = idsOf({ url, apiKey: undefined, signal }, 'documents')
    return mergeReferences('rows.tsv', ids, SINCE, LISTS, io)
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
  suite.test('keys that are not sorted, or there twice, are a problem and no result', async () => {
    for (const ids of [
      ['2', '1'],
      ['1', '1'],
      [UUIDS[0]!, '1'],
    ]) {
      assert.match((await failure(() => compare([], ids))).message, 'came in that order')
      assert.match((await failure(() => compare(old(ids), []))).message, 'came in that order')
    }
  })
  suite.test('the order of keys: numbers by value, then texts by their bytes', () => {
    const sorted = ['-3', '0', '9', '10', '9007199254740993', '007', 'B', 'a', 'ä', '\uffff', '😀']
    assert.equal([...sorted].reverse().sort(compareKeys), sorted)
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
  const verdict = (change: Partial<References>, gap: number | undefined = 0) => verdictOf(change, gap)
  const verdictOf = (change: Partial<References>, gap: number | undefined) => {
    const all = { rows: 9, partners: 9, expected: 0, missing: 0, orphans: 0, samples: [], orphaned: [] }
    const stdout = JSON.stringify({ ...all, ...change })
    return referenceVerdict({ stdout } as Output, 'point', { missing: 'm', orphans: 'o' }, gap)
  }
  suite.test('nothing missing is proven', () => {
    assert.equal(verdict({}), { verdict: 'proven', found: '9 rows, 9 points' })
  })
  suite.test('young rows and orphans are expected loss', () => {
    assert.is(verdict({ expected: 2 }).verdict, 'expected loss')
    const orphan = verdict({ orphans: 1, orphaned: ['88'] })
    assert.is(orphan.verdict, 'expected loss')
    assert.match(orphan.found, '1 point without a row (deleted since the backup; such as 88): o')
    assert.match(verdict({ expected: 2 }).found, '2 rows younger than the backup, to be embedded again: m')
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
    const older = verdictOf({ missing: 3 }, undefined)
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
