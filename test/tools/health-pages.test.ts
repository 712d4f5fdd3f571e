import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { loadConfig } from '../../lib/config.ts'
import { targetOf } from '../../lib/target.ts'
import { examine } from '../../tools/health/check.ts'
import { platformChecks } from '../../tools/health/platform.ts'
import { assert, describe } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'

const SECRETS = { NEO4J_PASSWORD: '-', POSTGRES_PASSWORD: '-', MINIO_ACCESS_KEY: '-', MINIO_SECRET_KEY: '-' }

describe('the health check of what users call', suite => {
  const dir = tempDir(suite)
  program(dir, 'docker', 'exit 1')
  onPath(suite, dir)
  const asked: string[] = []
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    outgoing.end('{"status":"starting"}')
  })
  suite.before(() => new Promise<void>(listening => server.listen(0, '127.0.0.1', listening)))
  suite.after(() => {
    server.close()
  })

  const look = async (smokeTests: string) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const text = readFileSync('runbook.config.yaml', 'utf8')
    const changed = text.replace(/^smoke_tests:\n( .*\n)+/m, smokeTests.replaceAll('URL', url))
    const file = join(dir, 'runbook.config.yaml')
    writeFileSync(file, changed)
    const target = targetOf(loadConfig(file, SECRETS, { envFile: false }))
    const pages = platformChecks(target).filter(({ name }) => name.startsWith('page '))
    return examine(pages, target)
  }

  suite.test('reads the pages of the smoke tests and judges what they answer; posts nothing', async () => {
    const found = await look(`smoke_tests:
  requests:
    - { name: page one, url: URL/one, expect: { text: starting } }
    - { name: page two, url: URL/two, expect: { text: healthy } }
    - { name: page three, url: URL/three, body: { a: 1 }, expect: { text: starting } }
`)
    assert.equal(
      found.map(({ name, verdict, hint }) => [name, verdict, hint]),
      [
        ['page one', 'proven', undefined],
        ['page two', 'failed', 'npx tsx tools/smoke-tests.ts'],
      ],
    )
    assert.match(found[1]!.found, /HTTP 200 .*without healthy, but \{"status":"starting"\}/)
    assert.equal(asked.sort(), ['GET /one', 'GET /two'])
  })

  suite.test('has none where nobody calls from outside', async () => {
    assert.equal(await look(''), [])
  })
})
