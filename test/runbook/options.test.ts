import { Readable } from 'node:stream'
import { EXIT, EXIT_MEANING, type Problem } from '../../lib/problem.ts'
import { terminal, whileListRuns } from '../../runbook/ask.ts'
import type { Facts, Question } from '../../runbook/model.ts'
import { helpText, parseOptions } from '../../runbook/options.ts'
import { unanswered, unattended } from '../../runbook/unattended.ts'
import { qdrantCorruption } from '../../scenarios/qdrant-corruption.ts'
import { assert, describe, failure } from '../describe.ts'

const problem = async (run: () => unknown) => (await failure(run)) as Problem

describe('options', suite => {
  suite.test('nothing is an interactive run of the usual target', () => {
    const { plan, resume, set, confirm, config, plain, pair, help } = parseOptions([])
    assert.equal(
      [plan, resume, set.size, confirm, config, plain, pair, help],
      [...[false, undefined, 0, undefined, 'runbook.config.yaml', false, false, false]],
    )
  })
  suite.test('answers are taken apart at the first =', () => {
    const { set } = parseOptions(['--set', 'backup=latest', '--set', 'why=a=b', '--set=empty='])
    assert.equal(
      [...set],
      [
        ['backup', 'latest'],
        ['why', 'a=b'],
        ['empty', ''],
      ],
    )
  })
  suite.test('--adopt goes on after work by hand', () => {
    assert.ok(parseOptions(['--resume', '--adopt']).adopt)
    assert.not.ok(parseOptions(['--resume']).adopt)
  })
  suite.test('--resume takes an incident or none', () => {
    assert.is(parseOptions(['--resume']).resume, '')
    assert.is(parseOptions(['--resume', '20261122_031502-x']).resume, '20261122_031502-x')
  })

  const refused = (args: string[], message: RegExp) =>
    suite.test(`${args.join(' ').slice(0, 40)} is refused`, async () => {
      const error = await problem(() => parseOptions(args))
      assert.is(error.exitCode, EXIT.badInput)
      assert.match(error.message, message)
      assert.ok(error.message.length < 300)
      assert.ok(error.hint)
    })
  refused(['--colour'], /--colour/)
  refused(['backup'], /"backup" is not an option/)
  refused(['--set', 'backup'], /--set backup has no value/)
  refused(['--set', '=x'], /has no value/)
  refused(['--set'], /--set/)
  refused(['--plan=yes'], /--plan/)
  refused(['--resume', 'one', 'two'], /is not an option/)
  refused(['--adopt'], /goes with --resume/)
  refused(['x'.repeat(10_000)], /xxx" is not an option/)
})

describe('the help of a scenario', suite => {
  const text = helpText(qdrantCorruption)
  suite.test('explains every exit code', () => {
    for (const [code, meaning] of Object.entries(EXIT_MEANING)) assert.match(text, `${code}  ${meaning}`)
  })
  suite.test('names every option and every question, with those that have no default', () => {
    for (const option of ['--plan', '--resume', '--set', '--confirm', '--config', '--plain', '--help']) {
      assert.match(text, option)
    }
    assert.match(text, /^ {2}backup .*\(no default\)$/m)
  })
})

describe('answers without a terminal', suite => {
  const question = (change: Partial<Question<Facts>> = {}): Question<Facts> => ({
    id: 'backup',
    say: 'Which?',
    ...change,
  })
  const choices = () => ['a', 'b'].map(value => ({ value, label: value }))
  const asker = (given: Record<string, string> = {}, confirm?: string) =>
    unattended(new Map(Object.entries(given)), confirm)

  suite.test('come from --set', async () => {
    assert.is(await asker({ backup: 'b' }).answer(question({ choices }), {}), 'b')
  })
  suite.test('that are not offered are refused with those that are', async () => {
    for (const evil of ['../../etc', '; rm -rf /', 'x'.repeat(10_000), '']) {
      const error = await problem(() => asker({ backup: evil }).answer(question({ choices }), {}))
      assert.is(error.exitCode, EXIT.badInput)
      assert.match(error.hint ?? '', 'a, b')
      assert.ok(error.message.length < 200)
    }
  })
  suite.test('that the question refuses are refused with its reason', async () => {
    const error = await problem(() =>
      asker({ backup: 'b' }).answer(question({ refuse: answer => `${answer} is damaged` }), {}),
    )
    assert.match(error.message, '--set backup: b is damaged')
  })
  suite.test('are never guessed: a suggestion counts only where it may be assumed', async () => {
    const suggest = () => 'a'
    const error = await problem(() => asker().answer(question({ suggest }), {}))
    assert.is(error.exitCode, EXIT.badInput)
    assert.match(error.message, '--set backup=…')
    const assume = { because: 'it is safe' }
    assert.is(await asker().answer(question({ suggest, assume }), {}), 'a')
    assert.is(await asker().answer(question({ assume: { ...assume, answer: 'z' } }), {}), 'z')
  })
  suite.test('that are missing are listed together', () => {
    const { message, exitCode } = unanswered([question(), question({ id: 'owner', say: 'Who?' })])
    assert.match(message, '--set backup=…   Which?\n  --set owner=…   Who?')
    assert.is(exitCode, EXIT.badInput)
  })
  suite.test('the phrase has to be given, and to be the right one', async () => {
    const right = 'ai-platform qdrant 7f3a-91c2'
    await asker({}, right).phrase('Type', right)
    const missing = await problem(() => asker().phrase('Type', right))
    assert.is(missing.exitCode, EXIT.badInput)
    assert.match(missing.hint ?? '', `--confirm '${right}'`)
    for (const wrong of ['', 'yes', right.toUpperCase(), `${right} `, 'ai-platform qdrant 0000-0000']) {
      assert.is((await problem(() => asker({}, wrong).phrase('Type', right))).exitCode, EXIT.declined)
    }
  })
  suite.test('the phrase may be typed once it was shown, and nothing else will do', async () => {
    const right = 'ai-platform qdrant 7f3a-91c2'
    const typing = (text: string, leave?: AbortSignal) =>
      unattended(new Map(), '-', () => leave, Readable.from([text])).phrase('Type', right)
    await typing(`${right}\nand more\n`)
    for (const wrong of ['', 'yes\n', `yes\n${right}\n`, '-\n']) {
      assert.is((await problem(() => typing(wrong))).exitCode, EXIT.declined)
    }
  })
  suite.test('an interrupt ends the wait for the phrase', async () => {
    const silent = new Readable({ read: () => undefined })
    const leave = new AbortController()
    const waiting = unattended(new Map(), '-', () => leave.signal, silent).phrase('Type', 'x')
    leave.abort()
    assert.is((await problem(() => waiting)).exitCode, EXIT.declined)
  })
  suite.test('nothing is asked while a list runs, where it would be invisible and still listen', async () => {
    const { message } = await failure(() => whileListRuns(() => terminal(new Map()).answer(question(), {})))
    assert.match(message, 'a question was asked while a list is running')
  })
  suite.test('a list that runs ends marked as ended, also when it fails', async () => {
    await failure(() => whileListRuns(() => Promise.reject(new Error('x'))))
    assert.is(await whileListRuns(async () => 'done'), 'done')
  })
})
