import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, run } from '../../lab/drills/program.ts'
import { compose } from '../../lab/ground.ts'
import { waitUntilHealthy } from '../../lab/start.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { configLike } from './config.ts'
import { onGround } from './ground.ts'
import { last } from './said.ts'

const LIMIT = { seconds: 300 }

describe('the smoke tests on a running platform', suite => {
  const ready = onGround(suite)
  suite.test('pass on a sound one', () => sound(ready().target), LIMIT)
  suite.test('tell a model that is away from data that is lost', () => modelAway(ready().target), LIMIT)
  suite.test(
    'see what is stopped, slow or wrong, all of it in one run',
    () => eachForItself(ready().target),
    LIMIT,
  )
})

function ask(target: LabTarget, ...args: string[]): Promise<Ended> {
  return run(target, 'tools/smoke-tests.ts', args)
}

/** What was said of a test, from its verdict on. */
function lineOf({ stdout }: Ended, name: string): string {
  return stdout.split('\n').find(line => line.includes(` · ${name}: `)) ?? `nothing of ${name}`
}

async function sound(target: LabTarget): Promise<void> {
  const ended = await ask(target)
  assert.is(ended.exitCode, 0, last(ended))
  assert.match(ended.stdout, 'data: 7 of 7 · inference: 1 of 1')
  assert.match(
    lineOf(ended, 'the gateway finds strip-ansi (readme.md)'),
    /✔ .*strip-ansi \(readme\.md\), number/,
  )
  assert.match(lineOf(ended, 'a tool finds parse-ms (readme.md)'), /✔ .*parse-ms \(readme\.md\), number/)
  assert.match(lineOf(ended, 'listr2 needs 6 packages in the graph'), '6 at rows.0.count')
}

async function modelAway(target: LabTarget): Promise<void> {
  await restartApi(target, 'off')
  try {
    const ended = await ask(target)
    assert.is(ended.exitCode, 2, last(ended))
    const told = 'data: 7 of 7 · inference: 0 of 1: the data is there and answers; what failed is inference'
    assert.match(ended.stderr, told)
    assert.match(lineOf(ended, 'a model answers'), /✖ .*HTTP 503 .*the model backend does not answer/)
  } finally {
    await restartApi(target, 'on')
  }
  assert.is((await ask(target)).exitCode, 0)
}

async function restartApi(target: LabTarget, model: 'on' | 'off'): Promise<void> {
  const other = { ...target, env: { ...target.env, MODEL_BACKEND: model } }
  await compose(other, 'up', '-d', '--no-deps', '--no-build', '--pull', 'never', 'api-server')
  await waitUntilHealthy(other)
}

/** A question that keeps Neo4j busy: the answer is right, and late. */
const LATE = `    - name: a late answer
      url: http://127.0.0.1:$\{PUBLISH_GATEWAY:-8000}/api/graph/query
      body:
        query: UNWIND range(1, 5000000) AS n RETURN count(n) AS count
      expect: { number: { at: rows.0.count, exactly: 5000000 } }
      within_seconds: 0.05
`

async function eachForItself(target: LabTarget): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'smoke-'))
  const config = configLike(target, folder, text =>
    text
      .replace('  queries:\n', `${LATE}  queries:\n`)
      .replace('id: strip-ansi (readme.md)', 'id: strip-ansi (lost.md)')
      .replace('exactly: 6', 'exactly: 7')
      .replace(/(FROM feedback\n +at_least:) 1/, '$1 1000000000'),
  )
  await compose(target, 'stop', 'mcpjungle-gateway')
  try {
    const ended = await ask(target, '--config', config)
    assert.is(ended.exitCode, 2, last(ended))
    for (const [name, sentence] of [
      ['a tool finds parse-ms (readme.md)', /no answer in .*Failed to connect/],
      [
        'the gateway finds strip-ansi (readme.md)',
        /HTTP 200 .*strip-ansi \(lost\.md\) is not among the 10 of/,
      ],
      ['listr2 needs 6 packages in the graph', /HTTP 200 .*, 6 at rows\.0\.count, .*expected: exactly 7/],
      ['a late answer', /HTTP 200 in \d+\.\d\d s, slower than 0\.05 s/],
      ['rows of feedback', /\d+ in .*expected: at least 1000000000/],
    ] as const) {
      assert.match(lineOf(ended, name), /✖/)
      assert.match(lineOf(ended, name), sentence)
    }
    for (const name of ['the gateway is healthy', 'a model answers', 'nodes of the graph'])
      assert.match(lineOf(ended, name), /✔/)
    assert.match(ended.stderr, 'data: 3 of 8 · inference: 1 of 1: what failed is data')
  } finally {
    await compose(target, 'start', 'mcpjungle-gateway')
    await waitUntilHealthy(target)
    rmSync(folder, { recursive: true, force: true })
  }
}
