import { noMoreThan, splitArguments } from '../../lib/arguments.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import { assert, describe, failure } from '../describe.ts'

describe('arguments', suite => {
  const options = { scale: { type: 'string' }, yes: { type: 'boolean' } } as const
  const problem = async (run: () => unknown) => (await failure(run)) as Problem

  suite.test('are split into values and words', () => {
    const { values, positionals } = splitArguments(['a', '--scale=3', '--yes', 'b'], options, '')
    assert.equal([values.scale, values.yes, positionals], ['3', true, ['a', 'b']])
  })
  suite.test('that nobody knows cost one sentence', async () => {
    for (const wrong of [['--nope'], ['--scale'], ['--yes=1'], [`--${'x'.repeat(10_000)}`]]) {
      const { message, hint, exitCode } = await problem(() => splitArguments(wrong, options, 'see there'))
      assert.is(exitCode, EXIT.badInput)
      assert.is(hint, 'see there')
      assert.ok(message.length <= 200 && /^[a-z]/.test(message) && !message.includes('\n'), message)
    }
  })
  suite.test('may not be more than are understood', async () => {
    noMoreThan(1, ['a'], '')
    assert.match((await problem(() => noMoreThan(1, ['a', 'b'], ''))).message, '"b" is one word too many')
  })
})
