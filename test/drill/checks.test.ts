import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { run } from '../../lab/drills/program.ts'
import { compose } from '../../lab/ground.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { eventually } from '../poll.ts'
import { checksOf, VALIDATE } from './checked.ts'
import { onGround } from './ground.ts'
import { makeMemberTwin } from './member-twin.ts'
import { last } from './said.ts'

const LIMIT = { seconds: 600 }

/** What a look at the whole store finds first is drilled in integrity.test.ts; these come to light only when asked for. */
describe('checks that fail by themselves', suite => {
  const ready = onGround(suite)
  suite.test('Qdrant, once it begins to answer wrongly', () => answersWrongly(ready().target), LIMIT)
  suite.test(
    'Neo4j with an index that failed, and without a user of the backup',
    () => poorer(ready().target),
    LIMIT,
  )
  suite.test('Neo4j whose name leads nowhere', () => misled(ready().target), LIMIT)
})

async function answersWrongly(target: LabTarget): Promise<void> {
  await withLiar(target.urls.qdrant, async port => {
    const env = { ...target.env, PUBLISH_QDRANT: String(port) }
    const found = await validated({ ...target, env }, ['--type', 'qdrant'])
    assert.match(found('Qdrant is ready'), /^failed: /)
    assert.match(found('it lets the platform in'), /^failed: it refuses: .*api key/)
    assert.match(found('every collection is there'), /^unchecked: /)
    assert.match(found('it is not degraded · packages'), /^failed: red/)
    assert.match(found('its vector parameters are those of the backup · packages'), /^failed: .*"size":385/)
    assert.match(found('sample searches find themselves · packages'), /^failed: /)
  })
}

/**
 * Hands everything on to a real Qdrant until somebody asks whether it is ready. From then on it is not, lets nobody
 * list collections, calls each of them red and one dimension larger, and finds nothing.
 */
async function withLiar(url: string, work: (port: number) => Promise<void>): Promise<void> {
  let lying = false
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/' } = incoming
    const answer = (status: number, body: object) => outgoing.writeHead(status).end(JSON.stringify(body))
    lying ||= path === '/readyz'
    if (path === '/readyz') return answer(503, {})
    if (lying && path === '/collections') return answer(401, { status: { error: 'invalid api key' } })
    if (lying && path.endsWith('/points/query')) return answer(200, { result: { points: [] } })
    const asked = request(url + path, { method, headers: incoming.headers }, given => {
      if (!lying || method !== 'GET' || !/^\/collections\/\w+$/.test(path)) {
        outgoing.writeHead(given.statusCode ?? 502, given.headers)
        return given.pipe(outgoing)
      }
      let text = ''
      given.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      given.on('end', () => outgoing.writeHead(given.statusCode ?? 502).end(larger(text)))
    })
    incoming.pipe(asked)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  try {
    await work((server.address() as AddressInfo).port)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

function larger(text: string): string {
  return text.replace(/"status":"(green|yellow|grey)"/, '"status":"red"').replace('"size":384', '"size":385')
}

const FAILED = "SHOW INDEXES YIELD name, state WHERE name = 'wide_text' AND state = 'FAILED' RETURN name"

async function poorer(target: LabTarget): Promise<void> {
  const neo4j = connectNeo4j(settingsOf(target).neo4j)
  const twin = await makeMemberTwin(target, 'neo4j', {
    member: member => ({ ...member, users: [...member.users, 'alice'] }),
  })
  // Longer than a key of an index may be (8 kB).
  await neo4j.run("CREATE (:Wide {text: reduce(s = '', i IN range(1, 1000) | s + '0123456789')})")
  await neo4j.run('CREATE INDEX wide_text FOR (n:Wide) ON (n.text)')
  try {
    await eventually(async () => (await neo4j.run(FAILED)).length > 0)
    const set = twin.replace(/^[a-z0-9]+_/, 'set_')
    const found = await validated(target, ['--type', 'neo4j', '--set', set])
    assert.match(found('its database is online'), /^proven: /)
    assert.match(found('every index is online'), /^failed: wide_text is FAILED/)
    assert.match(found('every user of the backup is there'), /^failed: alice is missing/)
  } finally {
    await neo4j.run('DROP INDEX wide_text')
    await neo4j.run('MATCH (n:Wide) DELETE n')
  }
}

/** Services connect by name; what they would be led to is no address of anybody. */
async function misled(target: LabTarget): Promise<void> {
  const asRoot = (script: string) => compose(target, 'exec', '-T', '-u', '0', 'neo4j', 'sh', '-c', script)
  await asRoot('cp /etc/hosts /tmp/hosts && echo 255.255.255.255 neo4j >> /etc/hosts')
  try {
    const found = await validated(target, ['--type', 'neo4j'])
    assert.match(found('its database is online'), /^proven: /)
    assert.match(found('it can be reached over Bolt'), /^failed: /)
    assert.match(found('sample paths lead from end to end'), /^unchecked: /)
  } finally {
    await asRoot('cat /tmp/hosts > /etc/hosts')
  }
}

/** What a validation that must fail says of each check. */
async function validated(target: LabTarget, args: readonly string[]): Promise<(check: string) => string> {
  const ended = await run(target, VALIDATE, args)
  assert.is(ended.exitCode, 2, last(ended))
  const seen = checksOf(target, ended)
  return check => {
    const one = seen.find(each => each.check === check)
    return `${one?.verdict}: ${one?.found}`
  }
}
