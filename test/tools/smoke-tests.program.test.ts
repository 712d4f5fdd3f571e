import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { assert, describe } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

const TOOL = join(import.meta.dirname, '../../tools/smoke-tests.ts')
const EXAMPLE = readFileSync('runbook.config.yaml', 'utf8')
const SECRETS = {
  MINIO_ACCESS_KEY: 'smoke-access',
  MINIO_SECRET_KEY: 'smoke-secret',
  NEO4J_PASSWORD: 'smoke-neo4j',
  POSTGRES_PASSWORD: 'smoke-postgres',
  API_TOKEN: 'smoke-token',
}

/** Rows and nodes; `$FAKE` says what is wrong with the stores. */
const DOCKER = `
case "$FAKE $*" in
  *'FROM gone'*) printf 'ERROR:  relation "gone" does not exist\\nLINE 1: ...\\n   ^\\n' >&2; exit 1 ;;
  *psql*) echo 12 ;;
  'stopped '*cypher-shell*) echo 'service "neo4j" is not running' >&2; exit 1 ;;
  *cypher-shell*) printf 'count(n)\\n42\\n' ;;
  *) echo "docker is asked for $*" >&2; exit 99 ;;
esac`

/** What the platform answers, by path. */
const ANSWERS: Record<string, unknown> = {
  '/health': { status: 'healthy' },
  '/search': { hits: [{ title: 'other' }, { title: 'handbook' }] },
  '/graph': { rows: [{ count: 6 }] },
  '/none': { rows: [{ count: 0 }] },
  '/chat': { choices: [{ message: { content: 'with chalk' } }] },
  '/collections': { result: { collections: [{ name: 'documents' }] } },
  '/collections/documents/points/count': { result: { count: 500 } },
}

/** A test of the configuration; `expect` as it stands there. */
const request = (path: string, expect: string, more = '') =>
  `    - { name: ${`${path} ${more.replace(/\W/g, '')}`.trim()}, url: URL/${path}, expect: ${expect}${more} }\n`

describe('tools/smoke-tests.ts', suite => {
  const dir = tempDir(suite)
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  program(bin, 'docker', DOCKER)
  const asked: string[] = []
  const server = createServer(async (incoming, outgoing) => {
    const { url = '', method, headers } = incoming
    let body = ''
    for await (const chunk of incoming) body += chunk
    asked.push(`${method} ${url} ${headers.authorization ?? ''} ${body}`.trim())
    if (url === '/secret' && headers.authorization !== 'Bearer smoke-token') outgoing.writeHead(401)
    const answer = ANSWERS[url]
    if (url === '/away') outgoing.writeHead(503).end('{"error":"the model backend does not answer"}')
    else if (url === '/collections/gone/points/count')
      outgoing.writeHead(404).end('{"status":{"error":"Not found"}}')
    else if (url === '/cut')
      outgoing.writeHead(200, { 'content-length': 99 }).end('come in', () => incoming.socket.destroy())
    else if (url === '/moved') outgoing.writeHead(302, { location: '/health' }).end('moved')
    else outgoing.end(answer ? JSON.stringify(answer) : 'come in')
  })
  let url = ''
  suite.before(async () => {
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  suite.after(() => {
    server.close()
  })

  const run = (smokeTests: string, fake = 'sound') => {
    const text = EXAMPLE.replace(/^smoke_tests:\n( .*\n)+/m, `smoke_tests:\n${smokeTests}`)
    const file = join(dir, 'runbook.config.yaml')
    const qdrant = `http://127.0.0.1:$\{PUBLISH_QDRANT:-6333}`
    writeFileSync(file, text.replaceAll('URL', url).replace(qdrant, url))
    const PATH = `${bin}${delimiter}${process.env.PATH}`
    const child = spawn(process.execPath, ['--import', 'tsx', TOOL, '--config', file], {
      env: { ...process.env, ...SECRETS, PATH, FAKE: fake },
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', chunk => {
      out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', chunk => {
      err += chunk
    })
    return new Promise<{ code: number | null; out: string; err: string }>(ended =>
      child.on('close', code => ended({ code, out, err })),
    )
  }

  suite.test(
    'all of them pass: exit code 0, each with verdict, figures, expectation and duration',
    async () => {
      const requests = [
        request('health', '{ text: healthy }'),
        request('search', '{ document: { at: hits.*.title, id: handbook } }', ', body: { query: days off }'),
        request('graph', '{ number: { at: rows.0.count, exactly: 6 } }'),
        request('secret', '{ text: come in }', ', token_from: API_TOKEN'),
        request('chat', `{ matches: '"content": *"[^"]' }`, ', kind: inference, body: { model: m }'),
      ]
      const { code, out, err } = await run(`  requests:\n${requests.join('')}`)
      assert.is(code, 0, err)
      assert.match(out, 'data: 7 of 7 · inference: 1 of 1')
      const figures = String.raw`in \d+\.\d\d s`
      for (const line of [
        `data · search.*: HTTP 200 ${figures}, handbook, number 2 of 2 \\(expected: handbook among hits\\.\\*\\.title, within 10 s\\)`,
        `data · graph.*: HTTP 200 ${figures}, 6 at rows\\.0\\.count \\(expected: exactly 6 at rows\\.0\\.count, within 10 s\\)`,
        `inference · chat.*: HTTP 200 ${figures}, .* within 60 s\\)`,
        `data · tables in postgres: 12 ${figures} \\(expected: at least 1\\)`,
        `data · collections in qdrant: 1 ${figures}`,
        `data · nodes in neo4j: 42 ${figures}`,
      ])
        assert.match(out, new RegExp(`✔ ${line}`))
      assert.ok(asked.includes('POST /search  {"query":"days off"}'), asked.join('\n'))
      assert.not.match(out + err, 'smoke-token')
    },
  )

  suite.test('each fails for its own reason, all of them are made: exit code 2', async () => {
    const requests = [
      request('health', '{ text: "no such text" }'),
      request('health', '{ matches: "^healthy$" }', ', method: PUT'),
      request('search', '{ document: { at: hits.*.title, id: lost } }'),
      request('search', '{ document: { at: results.*.title, id: handbook } }', ', method: POST'),
      request('graph', '{ number: { at: rows.0.count, exactly: 7 } }'),
      request('none', '{ number: { at: rows.0.count } }'),
      request('none', '{ number: { at: rows.0.sum } }', ', method: PUT'),
      request('text', '{ number: { at: rows.0.count } }'),
      request('moved', '{ text: moved }'),
      request('cut', '{ text: come in }'),
      request('secret', '{ text: come in }'),
      request('health', '{ text: healthy }', ', within_seconds: 0.000001'),
      request('graph', '{ number: { at: rows.0.count } }', ', kind: inference'),
      '    - { name: closed, url: "http://127.0.0.1:1/health", expect: { text: healthy } }\n',
      request('away', '{ text: content }', ', kind: inference'),
    ]
    const queries = [
      '    - { name: a lost table, store: postgres, query: SELECT count(*) FROM gone }\n',
      '    - { name: too few points, store: qdrant, collection: documents, at_least: 501 }\n',
      '    - { name: too many points, store: qdrant, collection: documents, exactly: 499 }\n',
      '    - { name: a lost collection, store: qdrant, collection: gone }\n',
    ]
    const { code, out, err } = await run(
      `  requests:\n${requests.join('')}  queries:\n${queries.join('')}`,
      'stopped',
    )
    assert.is(code, 2, err)
    for (const line of [
      'data · health: .*without no such text, but {"status":"healthy"}',
      'data · health methodPUT: .*without \\^healthy\\$',
      'data · search: .*lost is not among the 2 of hits',
      'data · search methodPOST: .*handbook is not among the 0 of results',
      'data · graph: .*6 at rows.0.count, but .*exactly 7',
      'data · none: .*, 0 at rows.0.count, .*expected: at least 1',
      'data · none methodPUT: .*no number at rows.0.sum',
      'data · text: .*not JSON, but come in',
      'data · moved: HTTP 302 .*, moved',
      'data · cut: HTTP 200 .*curl: \\(18\\)',
      'data · secret: HTTP 401',
      'data · health within_seconds0000001: HTTP 200 .*slower than 0.000001 s',
      'data · closed: no answer in .*Failed to connect',
      'data · a lost table: ERROR: +relation "gone" does not exist in .* s',
      'data · too few points: 500 in .*at least 501',
      'data · too many points: 500 in .*exactly 499',
      'data · a lost collection: .*Not found.* in .* s',
      'data · nodes in neo4j: service "neo4j" is not running',
      'inference · away kindinference: HTTP 503 .*the model backend does not answer',
    ])
      assert.match(out, new RegExp(`✖ ${line}`))
    assert.match(out, '✔ inference · graph kindinference')
    assert.match(err, 'data: 0 of 18 · inference: 1 of 2: both failed')
  })

  suite.test(
    'a model that is away does not hide the data: exit code 2, and the sentence says so',
    async () => {
      const away = request('away', '{ text: content }', ', kind: inference')
      const { code, out, err } = await run(`  requests:\n${request('health', '{ text: healthy }')}${away}`)
      assert.is(code, 2, err)
      assert.match(out, '✔ data · health')
      assert.match(
        err,
        'data: 4 of 4 · inference: 0 of 1: the data is there and answers; what failed is inference, which needs its model',
      )
      assert.match(err, 'HINT: When only inference failed, the data is back')
      assert.match(err, 'failed: inference · away kindinference: HTTP 503')
    },
  )
})
