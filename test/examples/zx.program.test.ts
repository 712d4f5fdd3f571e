import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { assert, describe } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

const ROOT = join(import.meta.dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/smoke-test-from-zx.mjs')

/** What a sound installation answers; `$FAKE` names the part that is broken. */
const DOCKER = `
case "$FAKE $*" in
  'no-docker '*) echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;;
  *' ps '*) printf 'gateway-1 (Up)\\nqdrant-1 (Up)\\n' ;;
  *psql*) echo 12 ;;
  *cypher-shell*) printf 'count(n)\\n15005\\n' ;;
  *) echo "docker is asked for $*" >&2; exit 99 ;;
esac`

const CURL = `
for url; do :; done
case "$FAKE $url" in
  *'/health') echo '{"status":"healthy"}' ;;
  'no-chat '*chat/completions) printf '{"error":"no model"}\\n503 0.020000\\n'; exit 22 ;;
  *chat/completions) echo '{"choices":[{"message":{"content":"with chalk"}}]}' ;;
  'no-hits '*rag/query) echo '{"hits":[]}' ;;
  *rag/query) echo '{"hits":[{"title":"strip-ansi (readme.md)"}]}' ;;
  *tools/call) echo '{"hits":[{"title":"parse-ms (readme.md)"}]}' ;;
  *graph/query) echo '{"rows":[{"count":6}]}' ;;
  *points/count) echo '{"result":{"count":3699}}'; exit ;;
  *) echo "curl is asked for $url" >&2; exit 99 ;;
esac
echo '200 0.020000'`

describe('the example with zx', suite => {
  const dir = tempDir(suite)
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  program(bin, 'docker', DOCKER)
  program(bin, 'curl', CURL)
  copyFileSync(join(ROOT, 'runbook.config.yaml'), join(dir, 'runbook.config.yaml'))

  const run = (fake: string, config = join(dir, 'runbook.config.yaml')) => {
    const secrets = { MINIO_ACCESS_KEY: 'a-key', MINIO_SECRET_KEY: 'a-secret' }
    const passwords = { NEO4J_PASSWORD: 'a-password', POSTGRES_PASSWORD: 'another-password' }
    const PATH = `${bin}${delimiter}${process.env.PATH}`
    const env = { ...process.env, ...secrets, ...passwords, PATH, FAKE: fake, COMPOSE_PROJECT_NAME: 'shop' }
    const ended = spawnSync(process.execPath, ['--import', 'tsx', EXAMPLE, config], {
      cwd: ROOT,
      env,
      encoding: 'utf8',
    })
    return { code: ended.status, out: ended.stdout, err: ended.stderr }
  }

  suite.test('a platform that answers: exit code 0 and a clear line', () => {
    const { code, out, err } = run('nothing')
    assert.is(code, 0, err)
    assert.match(out, '2 containers of shop run')
    assert.match(out, 'shop is usable: data: 7 of 7 · inference: 1 of 1')
    assert.is(err, '')
  })

  suite.test('a check that fails: exit code 2, the check is named, no stack', () => {
    const { code, out, err } = run('no-hits')
    assert.is(code, 2, err)
    assert.match(out, 'shop runs, but is not usable; the newest of its containers: gateway-1 (Up)')
    assert.match(err, 'failed: data · the gateway finds strip-ansi (readme.md): HTTP 200')
    assert.not.match(err, /^\s+at /m)
    assert.not.match(out, 'is usable:')
  })

  suite.test('a model that is away: exit code 2, and the data is said to be there', () => {
    const { code, err } = run('no-chat')
    assert.is(code, 2, err)
    assert.match(err, 'data: 7 of 7 · inference: 0 of 1: the data is there and answers')
  })

  suite.test('its own command that fails: exit code 1 with a hint', () => {
    const { code, err } = run('no-docker')
    assert.is(code, 1, err)
    assert.match(err, 'Cannot connect to the Docker daemon')
    assert.match(err, 'HINT: ')
  })

  suite.test('a configuration that is not there: exit code 64 with a hint', () => {
    const { code, err } = run('nothing', join(dir, 'other.yaml'))
    assert.is(code, 64, err)
    assert.match(err, 'HINT: ')
  })
})
