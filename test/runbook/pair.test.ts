import type { Event, Recorded } from '../../lib/journal.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import type { Message } from '../../lib/records.ts'
import type { Intent } from '../../runbook/activity.ts'
import { Pair, type Patience, Talk } from '../../runbook/pair.ts'
import { assert, describe, failure } from '../describe.ts'
import { eventually } from '../poll.ts'

const NEVER: Patience = { come: 1e9, sign: 1e9, answer: 1e9 }
const ANN = { kind: 'here', id: '1', by: 'ann' } as const

/** A run with a pair, and a navigator who says what a test lets them say. */
class Run {
  readonly events: Recorded[] = []
  readonly lines: string[] = []
  readonly waits = new Set<string>()
  readonly pair: Pair
  say: (message: Message) => void = () => undefined
  check: () => void = () => undefined

  constructor(patience = NEVER, before: Recorded[] = []) {
    const around = {
      record: (event: Event) => this.record(event),
      hear: (listener: (message: Message) => void) => {
        this.say = listener
      },
      line: (text: string) => void this.lines.push(text),
    }
    this.pair = new Pair(around, before, patience)
  }

  record(event: Event): Recorded {
    const recorded = { at: `t${this.events.length}`, ...event }
    this.events.push(recorded)
    this.pair?.remember(recorded)
    return recorded
  }

  before(path: string): Promise<void> {
    return this.pair.before(intent(path), {
      check: () => this.check(),
      waiting: say => void this.waits.add(say),
    })
  }

  /** Waits for the question and answers it. */
  async answer(path: string, expects: string): Promise<void> {
    const asked = await eventually(() =>
      this.events.findLast(each => each.kind === 'asked' && each.path === path),
    )
    this.say({ kind: 'prediction', path, asked: asked.at, by: 'ann', expects })
  }

  async predicted(path: string, expects: string): Promise<void> {
    await Promise.all([this.before(path), this.answer(path, expects)])
  }

  /** The write runs, and a check after it finds this. */
  done(path: string, found: string, check = `${path}-check`): void {
    this.record({ kind: 'finished', path, say: path, effect: 'write', ms: 1 })
    this.record({ kind: 'checked', path: check, say: 'count', verdict: 'proven', found, ms: 1 })
  }

  compared() {
    return this.events.flatMap(event => (event.kind === 'compared' ? [[event.path, event.agrees]] : []))
  }
}

function intent(path: string): Intent {
  return { path, say: `write ${path}`, command: 'c', touches: 'qdrant', undo: 'u', why: 'w' }
}

describe('a pair', suite => {
  suite.test('waits for what is expected, and compares it before the next write', async () => {
    const run = new Run()
    await run.predicted('a/1', '3,701 points')
    run.done('a/1', '3701 points')
    await run.predicted('a/2', 'done')
    assert.equal(run.compared(), [['a/1', true]])
    run.done('a/2', 'x')
    run.pair.compare()
    assert.equal(run.compared().at(-1), ['a/2', true])
    assert.equal(
      run.events.map(({ kind }) => kind).filter(kind => /asked|predicted|compared/.test(kind)),
      ['asked', 'predicted', 'compared', 'asked', 'predicted', 'compared'],
    )
  })

  suite.test('stops for a talk when they differ, once, with both sentences', async () => {
    const run = new Run()
    await run.predicted('a/1', '12,345')
    run.done('a/1', '3,701 points')
    const talk = (await failure(() => run.before('a/2'))) as Talk
    assert.ok(talk instanceof Talk && talk.about === 'difference')
    const problem = talk.cause as Problem
    assert.is(problem.exitCode, EXIT.checkFailed)
    assert.match(problem.tail.join('\n'), /expected: 12,345\nseen: {5}done; proven: 3,701 points/)
    assert.not(
      run.events.some(event => event.kind === 'asked' && event.path === 'a/2'),
      'not before the talk',
    )
    await run.predicted('a/2', 'done')
    assert.equal(run.compared(), [['a/1', false]])
  })

  suite.test(
    'a retry of a write needs no second prediction, and a resumed run remembers the first',
    async () => {
      const run = new Run()
      await run.predicted('a/1', 'done')
      await run.before('a/1')
      assert.is(run.events.filter(event => event.kind === 'asked').length, 1)
      const resumed = new Run(NEVER, run.events)
      await resumed.before('a/1')
      resumed.done('a/1', 'x')
      resumed.pair.compare()
      assert.equal(resumed.compared(), [['a/1', true]])
    },
  )

  suite.test('in lanes only that lane waits, and only its outcome is compared', async () => {
    const run = new Run()
    await Promise.all([run.predicted('r/0{q}/1', 'wrong'), run.predicted('r/0{n}/1', 'done')])
    run.done('r/0{q}/1', 'x', 'r/0{q}/2')
    run.done('r/0{n}/1', 'y', 'r/0{n}/2')
    await run.predicted('r/0{n}/3', 'done')
    assert.equal(run.compared(), [['r/0{n}/1', true]])
    const talk = (await failure(() => run.before('r/0{q}/3'))) as Talk
    assert.match((talk.cause as Problem).tail.join('\n'), /seen: {5}done; proven: x$/)
  })

  suite.test('an answer to an earlier question, or one that says nothing, is not taken', async () => {
    const run = new Run()
    let waits = true
    const before = run.before('a/1').finally(() => {
      waits = false
    })
    run.say({ kind: 'prediction', path: 'a/1', asked: 'earlier', by: 'ann', expects: 'done' })
    await run.answer('a/1', 'yes')
    await eventually(() => run.waits.size > 0)
    assert.ok(waits)
    await run.answer('a/1', 'done')
    await before
    assert.match([...run.waits].join('\n'), 'waiting for the navigator')
  })

  const missed = (title: string, patience: Partial<Patience>, messages: Message[], told: string) =>
    suite.test(title, async () => {
      const run = new Run({ ...NEVER, ...patience })
      for (const message of messages) run.say(message)
      const talk = (await failure(() => run.before('a/1'))) as Talk
      assert.ok(talk instanceof Talk && talk.about === 'absence')
      const problem = talk.cause as Problem
      assert.match(problem.message, told)
      assert.is(problem.exitCode, EXIT.declined)
      run.pair.goOnAlone()
      await run.before('a/1')
      assert.match(JSON.stringify(run.events.at(-1)), 'alone')
    })
  missed('notices that nobody comes', { come: 0 }, [], 'no navigator has come')
  missed('notices who has left', {}, [ANN, { kind: 'left', id: '1' }], 'the navigator has left')
  missed('notices who gives no sign', { sign: 0 }, [ANN], 'gives no sign')
  missed('notices who does not answer', { answer: 0 }, [ANN], 'has not answered')

  suite.test('who has left is waited for again, and may come back', async () => {
    const run = new Run()
    run.say(ANN)
    run.say({ kind: 'left', id: '1' })
    await failure(() => run.before('a/1'))
    const again = run.before('a/1')
    run.say({ ...ANN, id: '2' })
    await run.answer('a/1', 'done')
    await again
  })

  suite.test('an interrupt ends the wait', async () => {
    const run = new Run()
    run.check = () => {
      throw new Error('interrupted')
    }
    assert.match(String(await failure(() => run.before('a/1'))), 'interrupted')
  })
})
