import { spawn } from 'node:child_process'
import { assert, describe, failure } from './describe.ts'

interface Ran {
  exitCode: number | null
  printed: string
  last: string | undefined
}

/** The runner as a process of its own, as nothing else shows what it makes of failures. */
function run(...suites: string[]): Promise<Ran> {
  const paths = suites.map(name => `test/fixtures/suites/${name}.ts`)
  const runner = spawn(process.execPath, ['--import', 'tsx', 'test/run.ts', '--jobs', '1', ...paths], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  runner.stdout.on('data', chunk => {
    stdout += chunk
  })
  runner.stderr.on('data', chunk => {
    stderr += chunk
  })
  return new Promise(ran =>
    runner.on('close', exitCode =>
      ran({ exitCode, printed: stdout + stderr, last: stdout.trimEnd().split('\n').at(-1) }),
    ),
  )
}

describe('the test runner', suite => {
  suite.test('good suites are green, and an open handle does not keep it waiting', async () => {
    const { exitCode, last } = await run('good', 'open-handle')
    assert.is(exitCode, 0)
    assert.is(last, '3 passed, 0 failed')
  })

  suite.test('every way to fail is red and told', async () => {
    const { exitCode, last, printed } = await run(
      ...['fails', 'set-up-fails', 'clean-up-fails', 'throws-a-string', 'never-ends', 'cleans-up'],
    )
    assert.is(exitCode, 1)
    assert.is(last, '1 passed, 7 failed')
    for (const [title, counts] of [
      ['fails', '1 / 2'],
      ['set-up fails', '0 / 2'],
      ['clean-up fails', '0 / 1'],
      ['throws a string', '0 / 1'],
      ['never ends', '0 / 1'],
    ]) {
      const line = printed.split('\n').find(text => text.startsWith(` ${title} `))
      assert.match(line ?? '', `(${counts})`)
    }
    for (const told of [
      'does not hold',
      'no ground to stand on',
      'the mess stays',
      'just a string',
      'not finished after 0.05 s',
      'cleaned after the failure\nfirst made, last cleaned',
    ]) {
      assert.match(printed, told)
    }
  })

  const red = (name: string, told: RegExp) =>
    suite.test(`a file that ${name.replaceAll('-', ' ')} is red beside a good one`, async () => {
      const { exitCode, last, printed } = await run(name, 'good')
      assert.is(exitCode, 1)
      assert.match(last ?? '', /^\d passed, 1 failed$/)
      assert.match(printed, told)
    })
  red('has-no-suite', /no suite in .*has-no-suite.ts/)
  suite.test('a file that does not load is red and keeps no other one from running', async () => {
    const { last, printed } = await run('good', 'does-not-load', 'fails')
    assert.is(last, '3 passed, 2 failed')
    assert.match(printed, /does-not-load.ts: Error: cannot be loaded/)
  })
  red('exits', /a worker ended early \(exit code 1\) with .*exits.ts/)

  suite.test('a path that is not there is red', async () => {
    const { exitCode, last, printed } = await run('good', 'nowhere')
    assert.is(exitCode, 1)
    assert.is(last, '0 passed, 1 failed')
    assert.match(printed, 'there is no test/fixtures/suites/nowhere.ts')
  })
})

describe('describe', suite => {
  suite.test('refuses an empty suite', async () => {
    const error = await failure(() => describe('empty', () => undefined))
    assert.match(error.message, 'the suite "empty" has no tests')
  })
  suite.test('refuses an async body, whose tests would come too late', async () => {
    const error = await failure(() => describe('late', async it => it.test('one', () => undefined)))
    assert.match(error.message, 'is async')
  })
  suite.test('refuses two tests of one name', async () => {
    const error = await failure(() =>
      describe('twice', it => {
        it.test('one', () => undefined)
        it.test('one', () => undefined)
      }),
    )
    assert.match(error.message, 'two tests called "one"')
  })
  suite.test('failure() fails when nothing does', async () => {
    assert.match((await failure(() => failure(() => undefined))).message, 'it did not fail')
  })
})
