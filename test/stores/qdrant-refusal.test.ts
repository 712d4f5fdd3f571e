import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Command } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { Problem, problemLines } from '../../lib/problem.ts'
import { renderLine } from '../../lib/render.ts'
import { Secret } from '../../lib/secret.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { collections, info, readInfo, request, uploadSnapshot } from '../../stores/qdrant/commands.ts'
import { notRefused } from '../../stores/qdrant/explain.ts'
import { assert, describe, failure } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

const error = (reason: string) => JSON.stringify({ status: { error: reason }, time: 0.01 })
const FULL = 'Service internal error: No space left on device (os error 28)'
const MISMATCH = 'Checksum mismatch: expected eb62, actual 0000'

/** What a Qdrant answers, by path; texts are those that a real one was seen to give. */
const ANSWERS: Record<string, [status: number, body: string]> = {
  '/collections': [500, error(FULL)],
  '/collections/fresh/snapshots/upload': [400, error(MISMATCH)],
  '/collections/gone': [404, error("Not found: Collection `gone` doesn't exist!")],
  '/collections/d/snapshots/s': [500, error('Service internal error: File IO error')],
  '/locked': [401, 'Invalid API key or JWT'],
  '/proxy': [502, '<html><h1>Bad gateway</h1></html>'],
  '/list': [200, '{"result":{"collections":[]}}'],
  '/odd': [500, '{"status":"ok"}'],
  '/long': [400, error('x'.repeat(5000))],
}

describe('a Qdrant that refuses', suite => {
  const cwd = tempDir(suite)
  const file = program(cwd, 'd.snapshot', 'not a snapshot')
  const server = createServer((asked, answer: ServerResponse) => {
    const [status, body] = ANSWERS[new URL(asked.url!, 'http://qdrant').pathname]!
    // Closed after each: curl gives its next request a connection of its own.
    asked.resume().on('end', () => answer.writeHead(status, { connection: 'close' }).end(body))
  })
  const store = { name: 'qdrant', kind: 'qdrant', service: 'vectors' } as QdrantStore

  suite.before(async () => {
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    Object.assign(store, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })
  suite.after(() => void server.close())

  const problem = async (command: Command): Promise<Problem> => {
    const thrown = await failure(() => exec(command, { cwd }))
    assert.instance(thrown, Problem)
    return thrown as Problem
  }

  suite.test(
    'is told with its own reason, what to do, the command, and the number of the status',
    async () => {
      const command = collections(store)
      const [message, hint, asked, ...tail] = problemLines(await problem(command))
      assert.is(message, `Qdrant refuses: ${FULL}`)
      assert.is(hint, 'HINT: make room, then retry: npx tsx tools/diagnose.ts space shows which disk is full')
      assert.is(asked, `command: ${renderLine(command)}  (exit code 22)`)
      assert.match(tail.join('\n'), /^ {2}\| curl: \(22\) .* 500/)
    },
  )

  suite.test('says why it takes no snapshot, beside the progress of its upload', async () => {
    const { message, hint } = await problem(uploadSnapshot(store, 'fresh', file, '0000'))
    assert.is(message, `Qdrant refuses: ${MISMATCH}`)
    assert.is(hint, 'does its log say more? docker compose logs --tail=60 vectors')
  })

  suite.test('has told it to the file when its answer was to be one', async () => {
    const path = '/collections/d/snapshots/s'
    const { message, hint } = await problem(request(store, 'GET', path, { into: 'got.snapshot' }))
    assert.is(message, 'Qdrant refuses')
    assert.match(hint ?? '', 'why it does stands in got.snapshot')
    assert.match(readFileSync(join(cwd, 'got.snapshot'), 'utf8'), 'File IO error')
  })

  suite.test('for its key is told so, also where an error is an answer', async () => {
    const keyed = { ...store, apiKey: new Secret('QDRANT_KEY', 'qdrant-key-value') }
    const { message, hint } = await problem(request(keyed, 'GET', '/locked'))
    assert.is(message, 'Qdrant refuses the key of QDRANT_KEY')
    assert.match(hint ?? '', /^set QDRANT_KEY to /)
    const answered = await exec(request(keyed, 'GET', '/locked', { ok: [22] }), { cwd })
    assert.match((await failure(() => notRefused(keyed, answered))).message, 'refuses the key')
  })

  suite.test('because there is no such collection is an answer where that is one', async () => {
    const output = await exec(info(store, 'gone'), { cwd })
    assert.is(readInfo(output), undefined)
    notRefused(store, output)
    assert.match((await problem(request(store, 'GET', '/collections/gone'))).message, 'Not found: Collection')
  })

  suite.test('with an answer that is not its own is told by the number of the status', async () => {
    for (const path of ['/proxy', '/odd']) {
      const { message, tail } = await problem(request(store, 'GET', path))
      assert.is(message, 'curl ended with exit code 22')
      assert.match(tail.join('\n'), / 50[02]/)
    }
  })

  suite.test('with a reason of pages is told by its beginning', async () => {
    const { message } = await problem(request(store, 'GET', '/long'))
    assert.is(message.length, 'Qdrant refuses: '.length + 300)
  })

  suite.test('shows its reason to whoever types the printed command', async () => {
    const typed = (command: Command) =>
      new Promise<{ code: unknown; stdout: string }>(ended =>
        execFile('sh', ['-c', renderLine(command)], (failed, stdout) =>
          ended({ code: failed?.code, stdout }),
        ),
      )
    assert.equal(await typed(collections(store)), { code: 22, stdout: error(FULL) })
    const { code, stdout } = await typed(request(store, 'GET', '/list'))
    assert.equal([code, stdout], [undefined, ANSWERS['/list']![1]])
  })
})

describe('a Qdrant that is not there', suite => {
  const cwd = tempDir(suite)
  suite.test('is not told as one that refuses', async () => {
    const store = { url: 'http://127.0.0.1:9', service: 'vectors' } as QdrantStore
    const error = (await failure(() => exec(collections(store), { cwd }))) as Problem
    assert.is(error.message, 'Qdrant does not answer at http://127.0.0.1:9')
    assert.match(error.hint ?? '', 'docker compose ps -a vectors')
  })
})
