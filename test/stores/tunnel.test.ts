import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { compose } from '../../lib/compose.ts'
import type { Target } from '../../lib/target.ts'
import { result } from '../../stores/qdrant/client.ts'
import { accessApart } from '../../stores/qdrant/tunnel.ts'
import { assert, describe, failure } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'

describe('requests to a Qdrant without a network', suite => {
  const cwd = tempDir(suite)
  onPath(suite, cwd)
  let server: Server
  suite.before(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.on('data', chunk => (body += chunk))
      request.on('end', () =>
        response.end(JSON.stringify({ result: { path: request.url, length: body.length } })),
      )
    })
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    // What comes behind `docker exec` and its options runs here, at the port of this server.
    const connect = `while [ "$1" != bash ]; do shift; done; exec bash -c "$(printf %s "$3" | sed s/6333/${port}/)"`
    program(cwd, 'docker', `echo "$@" >> ${join(cwd, 'started')}\n${connect}`)
  })
  suite.after(() => void server.close())
  const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
  const access = () => {
    const io = { cwd, env: {}, signal: new AbortController().signal, progress: () => undefined }
    return accessApart({ runtime } as Target, 'p-qdrant-apart-1', io)
  }

  suite.test('go over one connection, in order, with bodies of any size', async () => {
    const apart = access()
    const body = { text: 'x'.repeat(300_000) }
    for (const path of ['/a', '/b', '/c']) {
      const { path: asked, length } = await result<{ path: string; length: number }>(
        apart,
        'POST',
        path,
        body,
      )
      assert.is(asked, path)
      assert.is(length, JSON.stringify(body).length)
    }
    apart.agent.destroy()
    const started = readFileSync(join(cwd, 'started'), 'utf8').trim().split('\n')
    assert.is(started.length, 1)
    assert.match(started[0] ?? '', /^exec -i p-qdrant-apart-1 timeout -k 15 7200 bash -c /)
  })
  suite.test('fail with a sentence when the container is gone', async () => {
    program(cwd, 'docker', 'echo "Error: No such container" >&2; exit 1')
    const apart = access()
    const error = await failure(() => result(apart, 'GET', '/a'))
    apart.agent.destroy()
    assert.match(error.message, 'Qdrant does not answer')
    assert.ok(existsSync(join(cwd, 'started')))
  })
})
