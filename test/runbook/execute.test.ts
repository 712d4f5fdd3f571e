import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, command, type Output } from '../../lib/command.ts'
import type { Event, Recorded } from '../../lib/journal.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import { direct, Failure, Pause, type Surroundings } from '../../runbook/activity.ts'
import { Execution } from '../../runbook/execute.ts'
import { Memory } from '../../runbook/memory.ts'
import type { Facts, StepText, Verdict, WorldState } from '../../runbook/model.ts'
import { Sequence, step } from '../../runbook/tree.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

/** One run over a world that is a folder: a file there is a thing that was done. */
class World {
  readonly dir: string
  events: Event[] = []
  preview = false
  attended = true
  adopt = false
  lines: string[] = []
  beforeWrite: () => Promise<void> = async () => undefined
  mayContinue: () => void = () => undefined
  kill = new AbortController()

  constructor(dir: string) {
    this.dir = dir
  }

  has(name: string): boolean {
    return existsSync(join(this.dir, name))
  }

  /** An execution that remembers these events. */
  execution(memory = new Memory(this.events as Recorded[])): Execution {
    const around: Surroundings = {
      cwd: this.dir,
      memory,
      record: event => {
        this.events.push(event)
        memory.remember(event)
      },
      observe: {
        activity: () => undefined,
        progress: () => undefined,
        ended: () => undefined,
        line: text => void this.lines.push(text),
      },
      kill: this.kill.signal,
      mayContinue: () => this.mayContinue(),
      beforeWrite: () => this.beforeWrite(),
      exec: direct,
      preview: this.preview,
      attended: this.attended,
      adopt: this.adopt,
    }
    return new Execution(around)
  }

  run(sequence: Sequence<never>, execution = this.execution(), facts: Facts = {}): Promise<Facts> {
    return execution.sequence(sequence.nodes, facts, '')
  }

  /** The commands that were begun, in their order. */
  get begun(): string[] {
    return this.events.flatMap(event => (event.kind === 'started' ? [event.say] : []))
  }
}

type Any = Sequence<Facts>
const tree = (build: (s: Any) => Sequence<unknown>) => build(new Sequence<Facts>()) as Sequence<never>
const echo = (text: string) => command(['echo', text])
const learn = (o: Output) => ({ learned: o.stdout.trim() })

function state(o: Output): WorldState {
  return o.stdout.includes('half') ? 'partial' : o.exitCode === 0 ? 'done' : 'absent'
}

/** A write that makes a file; its probe reads the file, its undo removes it. */
function makes(name: string, run: Command = command(['sh', '-c', `echo whole > ${name}`])) {
  return {
    run: () => run,
    probe: { look: () => command(['cat', name], { ok: [1] }), state },
    undo: () => command(['rm', name]),
  }
}

const proven = (found: string): Verdict => ({ verdict: 'proven', found })

describe('an execution', suite => {
  const dir = tempDir(suite)
  let next = 0
  const world = () => {
    const folder = join(dir, `${next++}`)
    mkdirSync(folder)
    return new World(folder)
  }

  suite.test('learns facts and passes them on', async () => {
    const w = world()
    const facts = await w.run(
      tree(s =>
        s
          .read('look', () => echo('seen'), learn)
          .let('conclude', f => ({ twice: f.learned + f.learned }))
          .read(
            'use',
            f => echo(f.twice),
            (o, f) => ({ at: [f.learned, o.stdout.trim()] }),
          ),
      ),
    )
    assert.equal(facts, { learned: 'seen', twice: 'seenseen', at: ['seen', 'seenseen'] })
  })

  suite.test('keeps of a conclusion what it names, once however often it is drawn', async () => {
    const w = world()
    const nodes = tree(s =>
      s
        .let('conclude', () => ({ findings: ['gone'], more: 1 }), ['findings'])
        .let('quietly', () => ({ rest: 2 })),
    )
    assert.equal(await w.run(nodes), { findings: ['gone'], more: 1, rest: 2 })
    await w.run(nodes)
    const kept = {
      kind: 'finished',
      path: '0',
      say: 'conclude',
      effect: 'read',
      ms: 0,
      learned: { findings: ['gone'] },
    }
    assert.equal(
      w.events.filter(event => event.kind === 'finished'),
      [kept],
    )
    const preview = world()
    preview.preview = true
    await preview.run(nodes)
    assert.equal(preview.events, [])
  })

  suite.test('records the intent before and the outcome after', async () => {
    const w = world()
    await w.run(tree(s => s.write('make a', makes('a'))))
    assert.equal(
      w.events.map(event => event.kind).filter(kind => kind !== 'command'),
      ['started', 'finished'],
    )
    const started = w.events[0] as Event & { kind: 'started' }
    assert.is(started.command, "sh -c 'echo whole > a'")
    assert.is(started.undo, 'rm a')
  })

  suite.test('repeats nothing that the memory knows', async () => {
    const w = world()
    const nodes = tree(s =>
      s
        .read('count', () => command(['sh', '-c', 'echo x >> counted; wc -l < counted']), learn)
        .check(
          'so',
          () => command(['sh', '-c', 'echo x >> checked']),
          () => proven('yes'),
        )
        .write('make a', makes('a')),
    )
    assert.equal(await w.run(nodes), { learned: '1' })
    assert.equal(await w.run(nodes), { learned: '1' })
    assert.is(readFileSync(join(w.dir, 'checked'), 'utf8'), 'x\n')
    assert.equal(w.begun, ['count', 'so', 'make a'])
  })

  suite.test('a loop runs its body for each element and gathers', async () => {
    const facts = await world().run(
      tree(s =>
        s.gather(
          'name',
          () => ['a', 'b'],
          s => s.read('look', f => echo(f.name), learn),
          'all',
          f => (f as Facts).learned,
        ),
      ),
    )
    assert.equal(facts.all, ['a', 'b'])
    assert.not.ok('name' in facts)
  })

  suite.test('the elements of a loop are remembered apart', async () => {
    const w = world()
    const nodes = tree(s =>
      s.each(
        'name',
        f => f.names,
        s => s.write('make', { ...makes(''), ...perName }),
      ),
    )
    await w.run(nodes, w.execution(), { names: ['a'] })
    await w.run(nodes, w.execution(), { names: ['a', 'b'] })
    assert.equal(w.begun, ['make · a', 'make · b'])
    assert.ok(w.has('a') && w.has('b'))
  })
  const perName = {
    run: (f: Facts) => command(['touch', f.name]),
    probe: { look: (f: Facts) => command(['cat', f.name], { ok: [1] }), state },
    undo: (f: Facts) => command(['rm', f.name]),
  }

  suite.test('a branch takes one side only, and what it learns stays inside', async () => {
    const w = world()
    const nodes = tree(s =>
      s.when(
        'so',
        f => f.so,
        s => s.read('yes', () => echo('y'), learn),
        s => s.read('no', () => echo('n'), learn),
      ),
    )
    assert.equal(await w.run(nodes, w.execution(), { so: true }), { so: true })
    assert.equal(await w.run(nodes, w.execution(), { so: false }), { so: false })
    assert.equal(w.begun, ['yes', 'no'])
  })

  suite.test('lanes run side by side, and what each learns is known afterwards', async () => {
    const here = world()
    // A pipe opens when both of its ends do: one after the other the lanes would never end.
    execFileSync('mkfifo', [join(here.dir, 'pipe')])
    const meets = (script: string) => command(['sh', '-c', script], { limits: { total: 30 } })
    const lanes = tree(s =>
      s.lanes({
        left: s =>
          s.read(
            'meet',
            () => meets('echo left > pipe; echo left'),
            o => ({ a: o.stdout.trim() }),
          ),
        right: s =>
          s.read(
            'meet',
            () => meets('cat pipe > /dev/null; echo right'),
            o => ({ b: o.stdout.trim() }),
          ),
      }),
    )
    assert.equal(await here.run(lanes), { a: 'left', b: 'right' })
    const paths = here.events.flatMap(event => (event.kind === 'started' ? [event.path] : []))
    assert.equal(paths.sort(), ['0{left}/0', '0{right}/0'])
  })

  suite.test(
    'a lane that fails does not stop the others; a resume repeats only what is missing',
    async () => {
      const here = world()
      const lanes = (run?: Command) =>
        tree(s =>
          s.lanes({
            bad: s => s.write('make one', makes('one', run)),
            good: s => s.write('make two', makes('two')).write('make three', makes('three')),
          }),
        )
      const failed = await failure(() => here.run(lanes(command(['false']))))
      assert.instance(failed, Failure)
      assert.ok(here.has('two') && here.has('three'), 'the other lane must end')
      assert.not(here.has('one'))
      here.events.push({ kind: 'resumed', host: 'h', operator: 'o' })
      const before = here.begun.length
      await here.run(lanes())
      assert.equal(here.begun.slice(before), ['make one'])
      assert.ok(here.has('one'))
    },
  )

  suite.test('stops at a question and goes on with its answer', async () => {
    const w = world()
    const nodes = tree(s => s.ask({ id: 'which', say: 'Which?' }).read('use', f => echo(f.which), learn))
    let pause: unknown
    await w.run(nodes).catch(thrown => {
      pause = thrown
    })
    assert.instance(pause, Pause)
    assert.is((pause as Pause).path, 'which')
    assert.equal(w.begun, [])
    w.events.push({ kind: 'answered', path: 'which', question: 'Which?', answer: 'this', ms: 1 })
    assert.equal(await w.run(nodes), { which: 'this', learned: 'this' })
  })

  suite.test('nothing after the confirmation runs before it is given, nor after a resume', async () => {
    const w = world()
    const binding = {
      say: '',
      words: () => [],
      looks: () => [],
      derive: () => ({}),
      facts: () => [],
      estimate: () => 0,
    }
    const nodes = tree(s => s.confirm(binding).write('make a', makes('a')))
    const stopped = async () => {
      const thrown = await w.run(nodes).then(
        () => undefined,
        error => error,
      )
      assert.instance(thrown, Pause)
      assert.not.ok(w.has('a'))
    }
    await stopped()
    w.events.push({ kind: 'confirmed', phrase: 'p', binding: {} })
    w.events.push({ kind: 'resumed', host: 'h', operator: 'o' })
    await stopped()
    w.events.push({ kind: 'confirmed', phrase: 'p', binding: {} })
    await w.run(nodes)
    assert.ok(w.has('a'))
  })

  suite.test('a preview reads and does nothing else', async () => {
    const w = world()
    w.preview = true
    const facts = await w.run(
      tree(s =>
        s
          .read('look', () => echo('seen'), learn)
          .keep('keep', () => command(['touch', 'kept']))
          .check(
            'so',
            () => command(['touch', 'checked']),
            () => proven('yes'),
          )
          .until(
            'wait',
            () => command(['touch', 'waited']),
            () => true,
            { total: 1, every: 0.01 },
          )
          .write('make a', makes('a')),
      ),
    )
    assert.equal(facts, { learned: 'seen' })
    for (const name of ['kept', 'checked', 'waited', 'a']) assert.not.ok(w.has(name))
  })

  const verdict = (kind: Verdict['verdict'], passes: boolean) =>
    suite.test(
      `a check that says ${kind} ${passes ? 'lets the run go on' : 'ends it with exit code 2'}`,
      async () => {
        const w = world()
        const nodes = tree(s =>
          s
            .check(
              'all there',
              () => echo('x'),
              () => ({ verdict: kind, found: '3 of 4' }),
            )
            .write('make a', makes('a')),
        )
        const error = await w.run(nodes).then(
          () => undefined,
          thrown => thrown as Failure,
        )
        assert.is(w.has('a'), passes)
        const checked = w.events.find(event => event.kind === 'checked')
        assert.is(checked?.kind === 'checked' && checked.verdict, kind)
        if (passes) return assert.is(error, undefined)
        const problem = error?.cause as Problem
        assert.is(problem.exitCode, EXIT.checkFailed)
        assert.match(problem.message, '3 of 4')
      },
    )
  verdict('proven', true)
  verdict('expected loss', true)
  verdict('failed', false)
  verdict('unchecked', false)

  suite.test('a check that failed is asked again in the next run', async () => {
    const w = world()
    const nodes = tree(s =>
      s.check(
        'there',
        () => command(['cat', 'thing'], { ok: [1] }),
        o => (o.exitCode ? { verdict: 'failed', found: 'no' } : proven('yes')),
      ),
    )
    await failure(() => w.run(nodes))
    writeFileSync(join(w.dir, 'thing'), '')
    await w.run(nodes)
  })

  suite.test('waits until a state is there, errors on the way included', async () => {
    const w = world()
    // Fails, then answers something else, then what is waited for.
    const counts = 'echo x >> n; n=$(wc -l < n); [ $n -gt 1 ] && echo $n'
    await w.run(
      tree(s =>
        s.until(
          'ready',
          () => command(['sh', '-c', counts]),
          o => o.stdout.trim() === '3',
          { total: 20, every: 0.01 },
        ),
      ),
    )
    assert.is(readFileSync(join(w.dir, 'n'), 'utf8'), 'x\nx\nx\n')
  })

  const byHand = (run: string) =>
    tree(s =>
      s.manual('the bucket is there', {
        doing: 'copy it back.',
        run: () => command(['sh', '-c', run]),
        holds: o => o.stdout === 'there',
        limits: { total: 20, every: 0.01 },
      }),
    )

  suite.test('says what a person has to do, and goes on when it was done', async () => {
    const w = world()
    await w.run(byHand('echo x >> n; [ $(wc -l < n) -gt 2 ] && printf there || echo gone >&2'))
    assert.equal(w.lines, ['by hand: copy it back.'])
  })

  suite.test('asks for nothing that was done before', async () => {
    const w = world()
    await w.run(byHand('printf there'))
    assert.equal(w.lines, [])
  })

  suite.test('does not wait for a person where there is none', async () => {
    const w = world()
    w.attended = false
    const problem = (await failure(() => w.run(byHand('echo "access denied" >&2; exit 1')))).cause as Problem
    assert.match(problem.message, 'nobody is at the terminal: the bucket is there')
    assert.is(problem.hint, 'copy it back.')
    assert.is(problem.exitCode, 2)
    assert.match(problem.tail.join('\n'), 'access denied')
  })

  suite.test('gives up waiting after its limit, with the last error', async () => {
    const w = world()
    const waiting = w.run(
      tree(s =>
        s.until(
          'ready',
          () => command(['sh', '-c', 'echo still down >&2; exit 1']),
          () => true,
          { total: 0.1, every: 0.01 },
        ),
      ),
    )
    const problem = (await failure(() => waiting)).cause as Problem
    assert.match(problem.message, 'gave up after 0.1 s: ready')
    assert.match(problem.tail.join('\n'), 'still down')
  })
})

describe('a survey', suite => {
  const dir = tempDir(suite)
  let next = 0
  const world = () => {
    const folder = join(dir, `${next++}`)
    mkdirSync(folder)
    return new World(folder)
  }
  const text = { id: 'all', title: 'Check it all', why: '', survey: true } as const
  const survey = (body: (s: Any) => Any, more: Partial<StepText<Facts, unknown>> = {}) =>
    tree(s => s.step(step<Facts>({ ...text, ...more, body })))
  const there = (name: string) => command(['cat', name], { ok: [1] })
  const holds = (o: Output): Verdict =>
    o.exitCode ? { verdict: 'failed', found: 'it is gone' } : proven('it is there')
  /** Two checks of files, one whose command fails, one that passes. */
  const four = (s: Any) =>
    s
      .check('one is there', () => there('one'), holds)
      .check('it can be asked', () => command(['sh', '-c', 'echo cannot >&2; exit 3']), holds)
      .check('two is there', () => there('two'), holds)
      .check('three is there', () => echo('three'), holds)
  const verdicts = (w: World) =>
    w.events.flatMap(event => (event.kind === 'checked' ? [`${event.verdict}: ${event.say}`] : []))

  suite.test('makes all its checks, then fails with those that failed or could not be made', async () => {
    const w = world()
    const error = (await failure(() => w.run(survey(four, { trouble: 'Undo it.' })))) as Failure
    assert.equal(verdicts(w), [
      'failed: one is there',
      'unchecked: it can be asked',
      'failed: two is there',
      'proven: three is there',
    ])
    const problem = error.cause as Problem
    assert.is(problem.exitCode, EXIT.checkFailed)
    assert.is(problem.message, 'check failed: one is there: it is gone (3 checks did not pass)')
    assert.is(problem.hint, 'Undo it.')
    assert.equal(problem.tail[0], 'failed: one is there: it is gone')
    assert.match(problem.tail[1]!, /^unchecked: it can be asked: .*exit code 3/)
    assert.is(problem.tail[2], 'failed: two is there: it is gone')
    assert.is(error.path, 'all')
  })

  suite.test('says in its own words what did not pass, and the list of it all the same', async () => {
    const missed: StepText<Facts, unknown>['missed'] = (all, f) =>
      `${all.length} of ${f.whose}: ${all.map(({ verdict }) => verdict).join(', ')}`
    const error = (await failure(() => {
      const w = world()
      return w.run(survey(four, { missed }), w.execution(), { whose: 'us' })
    })) as Failure
    const { message, tail, exitCode } = error.cause as Problem
    assert.match(message, /^3 of us: failed, unchecked, failed$/)
    assert.is(tail.length, 3)
    assert.is(exitCode, EXIT.checkFailed)
  })

  suite.test('passes when all its checks do, and gives what it learned', async () => {
    const w = world()
    for (const name of ['one', 'two']) writeFileSync(join(w.dir, name), '')
    const passing = (s: Any) =>
      s
        .check('one is there', () => there('one'), holds)
        .read('look', () => echo('seen'), learn)
        .check('two is there', () => there('two'), holds)
    assert.equal(await w.run(survey(passing)), { learned: 'seen' })
    assert.equal(verdicts(w), ['proven: one is there', 'proven: two is there'])
  })

  suite.test('one that could not be made is no pass, when it is the only one', async () => {
    const w = world()
    const error = await failure(() => w.run(survey(s => s.check('x', () => command(['false']), holds))))
    assert.is(((error as Failure).cause as Problem).exitCode, EXIT.checkFailed)
    assert.equal(verdicts(w), ['unchecked: x'])
  })

  suite.test('an answer that cannot be judged is no pass either', async () => {
    const w = world()
    const judge = (o: Output) => proven(JSON.parse(o.stdout))
    await failure(() => w.run(survey(s => s.check('x', () => echo('half an {'), judge))))
    assert.equal(verdicts(w), ['unchecked: x'])
  })

  suite.test('behind a look that failed nothing is called checked; other elements are', async () => {
    const w = world()
    writeFileSync(join(w.dir, 'b'), '')
    const each = (s: Any) =>
      s
        .each(
          'name',
          () => ['a', 'b'],
          s =>
            s
              .keep('list', f => command(['cat', f.name]))
              .check('right', () => echo('x'), holds)
              .when(
                'so',
                () => true,
                s => s.check('inside', () => echo('x'), holds),
              ),
        )
        .check('behind', () => echo('x'), holds)
    const error = (await failure(() => w.run(survey(each)))) as Failure
    assert.equal(verdicts(w), [
      'unchecked: right · a',
      'unchecked: inside · a',
      'proven: right · b',
      'proven: inside · b',
      'proven: behind',
    ])
    assert.match((error.cause as Problem).tail[0]!, /^unchecked: list · a: /)
  })

  suite.test('fails when a look failed and no check stands behind it', async () => {
    const error = (await failure(() =>
      world().run(survey(s => s.keep('list', () => command(['false'])))),
    )) as Failure
    assert.is((error.cause as Problem).exitCode, EXIT.checkFailed)
  })

  suite.test('is made again as a whole after it failed, and once it has passed is not', async () => {
    const w = world()
    await failure(() => w.run(survey(four)))
    const two = (s: Any) =>
      s.check('one is there', () => there('one'), holds).check('two is there', () => there('two'), holds)
    const memory = () => w.execution()
    const again = survey(two)
    w.events = []
    writeFileSync(join(w.dir, 'one'), '')
    await failure(() => w.run(again, memory()))
    assert.equal(w.begun, ['one is there', 'two is there'])
    writeFileSync(join(w.dir, 'two'), '')
    await w.run(again, memory())
    assert.equal(w.begun, ['one is there', 'two is there', 'one is there', 'two is there'])
    await w.run(again, memory())
    assert.is(w.begun.length, 4)
  })

  suite.test('in a lane does not stop the other one, whose change does not save its proofs', async () => {
    const w = world()
    const lanes = tree(s =>
      s.lanes({
        bad: s =>
          s.step(
            step<Facts>({
              ...text,
              body: s =>
                s
                  .check('passes', () => echo('x'), holds)
                  .check(
                    'one is there',
                    // Not before the other lane has changed something.
                    () => command(['sh', '-c', 'while ! [ -e other ]; do :; done; cat one'], { ok: [1] }),
                    holds,
                  ),
            }),
          ),
        good: s => s.write('make other', makes('other')),
      }),
    )
    await failure(() => w.run(lanes))
    assert.ok(w.has('other'))
    const before = w.begun.length
    writeFileSync(join(w.dir, 'one'), '')
    await w.run(lanes)
    assert.equal(w.begun.slice(before), ['passes', 'one is there'])
  })

  suite.test(
    'judges several things by one look, each for itself, and skips what does not apply',
    async () => {
      const w = world()
      const all = (fails: boolean) =>
        survey(s =>
          s
            .checks('count', () => command(['sh', '-c', 'echo x >> looks; echo 3']), {
              'enough there': o => ({ verdict: 'proven', expected: '3 or more', found: o.stdout.trim() }),
              'none too many': o => ({ verdict: fails ? 'failed' : 'proven', found: o.stdout.trim() }),
              'as usual': () => ({ skip: 'nobody knows what is usual' }),
            })
            .checks('ask', () => command([fails ? 'false' : 'true']), {
              one: () => proven('x'),
              two: () => proven('x'),
            }),
        )
      await failure(() => w.run(all(true)))
      assert.equal(verdicts(w), [
        'proven: enough there',
        'failed: none too many',
        'unchecked: one',
        'unchecked: two',
      ])
      const [first, second] = w.events.filter(event => event.kind === 'checked')
      assert.is(first?.kind === 'checked' && first.expected, '3 or more')
      assert.is(second?.kind === 'checked' && second.ms, 0, 'one look takes its time once')
      const skipped = w.events.find(event => event.kind === 'skipped')
      assert.is(skipped?.kind === 'skipped' && skipped.why, 'nobody knows what is usual')
      await w.run(all(false))
      await w.run(all(false))
      assert.is(readFileSync(join(w.dir, 'looks'), 'utf8'), 'x\nx\n', 'again as a whole, and then remembered')
    },
  )

  suite.test('ends at once when it is interrupted', async () => {
    const w = world()
    const nodes = survey(s =>
      s
        .check(
          'one is there',
          () => there('one'),
          o => {
            w.kill.abort()
            return holds(o)
          },
        )
        .check('long', () => command(['cat', '/dev/zero'], { stdout: '/dev/null' }), holds)
        .check('behind', () => echo('x'), holds),
    )
    const error = (await failure(() => w.run(nodes))) as Failure
    assert.is((error.cause as Problem).exitCode, EXIT.interrupted)
    assert.equal(verdicts(w), ['failed: one is there'])
  })

  suite.test('a preview makes none of its checks', async () => {
    const w = world()
    w.preview = true
    await w.run(survey(four))
    assert.equal(w.begun, [])
  })

  suite.test('that changes something cannot be built', () => {
    assert.throws(() => survey(s => s.write('make a', makes('a'))), /all is a survey and changes something/)
  })
})

describe('a write', suite => {
  const dir = tempDir(suite)
  let next = 0
  const world = () => {
    const folder = join(dir, `w${next++}`)
    mkdirSync(folder)
    return new World(folder)
  }

  suite.test('that ends well but changed nothing is a failure', async () => {
    const w = world()
    const error = await failure(() => w.run(tree(s => s.write('make a', makes('a', command(['true']))))))
    const problem = error.cause as Problem
    assert.is(problem.exitCode, EXIT.checkFailed)
    assert.match(problem.message, 'the world says "absent"')
  })

  suite.test('is not begun when the world is not the confirmed one', async () => {
    const w = world()
    w.beforeWrite = () => Promise.reject(new Problem('changed', { exitCode: EXIT.declined }))
    const error = await failure(() => w.run(tree(s => s.write('make a', makes('a')))))
    assert.is((error.cause as Problem).exitCode, EXIT.declined)
    assert.not.ok(w.has('a'))
    assert.equal(w.begun, [])
  })

  suite.test('that was done by hand is taken as done, and can be taken back', async () => {
    const w = world()
    w.adopt = true
    writeFileSync(join(w.dir, 'a'), 'by hand\n')
    const execution = w.execution()
    await w.run(
      tree(s => s.write('make a', makes('a')).write('make b', makes('b'))),
      execution,
    )
    assert.is(readFileSync(join(w.dir, 'a'), 'utf8'), 'by hand\n')
    assert.ok(w.has('b'), 'what was not done by hand is done')
    const adopted = w.events.filter(event => event.kind === 'adopted')
    assert.equal(
      adopted.map(event => event.kind === 'adopted' && [event.path, event.undo]),
      [['0', 'rm a']],
    )
    await execution.undoAll(() => undefined)
    assert.not.ok(w.has('a') || w.has('b'))
  })

  suite.test('is not believed to be done by hand where nobody says so', async () => {
    const w = world()
    writeFileSync(join(w.dir, 'a'), 'somebody else made it\n')
    await w.run(tree(s => s.write('make a', makes('a'))))
    assert.is(readFileSync(join(w.dir, 'a'), 'utf8'), 'whole\n')
    assert.not.ok(w.events.some(event => event.kind === 'adopted'))
  })

  suite.test('of which half was done by hand is left to the person', async () => {
    const w = world()
    w.adopt = true
    writeFileSync(join(w.dir, 'a'), 'half\n')
    const problem = (await failure(() => w.run(tree(s => s.write('make a', makes('a')))))).cause as Problem
    assert.is(problem.exitCode, EXIT.checkFailed)
    assert.match(problem.message, 'make a: what is there is not what this step makes')
    assert.match(problem.hint ?? '', 'take it back (rm a)')
    assert.is(readFileSync(join(w.dir, 'a'), 'utf8'), 'half\n')
  })

  suite.test('is not begun after an interrupt or without the lock', async () => {
    const w = world()
    const nodes = tree(s => s.write('make a', makes('a')).write('make b', makes('b')))
    w.mayContinue = () => {
      if (w.has('a')) throw new Problem('interrupted', { exitCode: EXIT.interrupted })
    }
    await failure(() => w.run(nodes))
    assert.ok(w.has('a'))
    assert.not.ok(w.has('b'))
  })

  suite.test('a critical one is not killed, another one is', async () => {
    const w = world()
    w.kill.abort()
    const slow = command(['sh', '-c', 'echo whole > a'])
    await failure(() => w.run(tree(s => s.write('make a', makes('a', slow)))))
    assert.not.ok(w.has('a'))
    const critical = { ...makes('a', slow), critical: true as const }
    const other = world()
    other.kill.abort()
    await other.run(tree(s => s.write('make a', critical)))
    assert.ok(other.has('a'))
    assert.ok(
      other.events.some(event => event.kind === 'finished'),
      'the journal must know that it was done',
    )
  })

  suite.test('a failure names the step, its trouble text, and the command', async () => {
    const w = world()
    const breaks = makes('a', command(['sh', '-c', 'echo disk full >&2; exit 3']))
    const step = { id: 'restore', title: 'Restore', why: '', trouble: 'Call level 2.' }
    const { nodes } = tree(s => s.write('make a', breaks))
    const error = (await failure(() =>
      w.execution().sequence([{ kind: 'step', step: { ...step, nodes } }], {}, ''),
    )) as Failure
    assert.instance(error, Failure)
    assert.is(error.path, 'restore/0')
    assert.is(error.trouble, 'Call level 2.')
    assert.equal((error.cause as Problem).tail, ['disk full'])
    assert.ok(w.events.some(event => event.kind === 'failed'))
  })

  suite.test('undo takes back the newest first, and only what is there', async () => {
    const w = world()
    const execution = w.execution()
    await w.run(
      tree(s =>
        s
          .write('make a', makes('a'))
          .write('make b', { ...makes('b'), undo: { none: 'it harms nobody' } })
          .write('make c', makes('c'))
          .write('make d', makes('d')),
      ),
      execution,
    )
    rmSync(join(w.dir, 'c'))
    const told: string[] = []
    await execution.undoAll(line => told.push(line))
    assert.equal(told, [
      'undo: make d',
      'did not happen: make c',
      'nothing to undo: make b: it harms nobody',
      'undo: make a',
    ])
    assert.equal([w.has('a'), w.has('b'), w.has('d')], [false, true, false])
    assert.equal(execution.done, [])
  })

  suite.test('one that failed half-way is undone too', async () => {
    const w = world()
    const execution = w.execution()
    const half = makes('a', command(['sh', '-c', 'echo half > a; exit 1']))
    await failure(() =>
      w.run(
        tree(s => s.write('make a', half)),
        execution,
      ),
    )
    await execution.undoAll(() => undefined)
    assert.not.ok(w.has('a'))
  })

  /** What a dead run has left: the intent of the write, and a world in this state. */
  const resumed = (left: WorldState, then: (w: World) => void) =>
    suite.test(`begun by a run that died and ${left}: is settled by its probe`, async () => {
      const w = world()
      w.events.push({
        kind: 'started',
        path: '0',
        say: 'make a',
        effect: 'write',
        command: 'x',
        undo: 'rm a',
      })
      if (left !== 'absent')
        writeFileSync(join(w.dir, 'a'), left === 'partial' ? 'half\n' : 'by the dead run\n')
      const execution = w.execution()
      await w.run(
        tree(s => s.write('make a', makes('a'))),
        execution,
      )
      then(w)
      assert.is(execution.done.length, 1)
      await execution.undoAll(() => undefined)
      assert.not.ok(w.has('a'))
    })
  const content = (w: World) => readFileSync(join(w.dir, 'a'), 'utf8')
  resumed('absent', w => assert.is(content(w), 'whole\n'))
  resumed('partial', w => assert.is(content(w), 'whole\n'))
  resumed('done', w => {
    assert.is(content(w), 'by the dead run\n')
    assert.equal(w.begun, ['make a'])
  })

  suite.test('finished by a dead run and gone since: is done again', async () => {
    const w = world()
    const nodes = tree(s => s.write('make a', makes('a')))
    await w.run(nodes)
    rmSync(join(w.dir, 'a'))
    await w.run(nodes)
    assert.ok(w.has('a'))
  })

  suite.test('finished by a dead run and in use since: is neither taken back nor done again', async () => {
    const w = world()
    const nodes = tree(s => s.write('make a', makes('a')))
    await w.run(nodes)
    // People have written to it since, so its probe no longer sees what was made.
    writeFileSync(join(w.dir, 'a'), 'half of it is new\n')
    const execution = w.execution()
    await w.run(nodes, execution)
    assert.is(readFileSync(join(w.dir, 'a'), 'utf8'), 'half of it is new\n')
    assert.equal(w.begun, ['make a'])
    assert.is(execution.done.length, 1, 'a person can still take it back')
  })

  suite.test(
    'finished by a dead run and half undone since: one that may be repeated is, without its undo',
    async () => {
      const w = world()
      const nodes = tree(s =>
        s.write('stop all', { ...makes('a'), undo: () => command(['touch', 'undone']), repeatable: true }),
      )
      await w.run(nodes)
      writeFileSync(join(w.dir, 'a'), 'half\n')
      await w.run(nodes)
      assert.is(readFileSync(join(w.dir, 'a'), 'utf8'), 'whole\n')
      assert.not.ok(w.has('undone'))
    },
  )

  suite.test('finished and reversed by a later one: is history', async () => {
    const w = world()
    const nodes = tree(s =>
      s.write('stop', makes('stopped')).write('start', {
        run: () => command(['rm', 'stopped']),
        probe: {
          look: () => command(['cat', 'stopped'], { ok: [1] }),
          state: o => (o.exitCode === 1 ? 'done' : 'absent'),
        },
        undo: { none: 'running is how it was' },
      }),
    )
    await w.run(nodes)
    await w.run(nodes)
    assert.equal(w.begun, ['stop', 'start'])
    assert.not.ok(w.has('stopped'))
  })

  suite.test('spent by a later one: is not missed, although its own undo is another command', async () => {
    const w = world()
    const remove = () => command(['rm', 'a'])
    const nodes = tree(s =>
      s.write('make a', { ...makes('a'), undo: () => command(['true']), spent: remove }).write('remove a', {
        run: remove,
        probe: {
          look: () => command(['cat', 'a'], { ok: [1] }),
          state: o => (o.exitCode === 1 ? 'done' : 'absent'),
        },
        undo: { none: 'it has served its end' },
      }),
    )
    await w.run(nodes)
    await w.run(nodes)
    assert.equal(w.begun, ['make a', 'remove a'])
  })

  suite.test('undone and done again: what was proven of it is proven again', async () => {
    const w = world()
    const nodes = tree(s =>
      s.write('make a', makes('a')).check(
        'a is whole',
        () => command(['cat', 'a']),
        o => proven(o.stdout.trim()),
      ),
    )
    const execution = w.execution()
    await w.run(nodes, execution)
    await execution.undoAll(() => undefined)
    await w.run(nodes)
    assert.equal(w.begun, ['make a', 'a is whole', 'make a', 'a is whole'])
  })

  suite.test('gone since and done again: what was proven of it is proven again', async () => {
    const w = world()
    const nodes = tree(s =>
      s.write('make a', makes('a')).check(
        'a is whole',
        () => command(['cat', 'a']),
        o => proven(o.stdout.trim()),
      ),
    )
    await w.run(nodes)
    rmSync(join(w.dir, 'a'))
    await w.run(nodes)
    assert.equal(w.begun.slice(-2), ['make a', 'a is whole'])
  })
})

describe('proofs of earlier steps', suite => {
  const memory = () => {
    const events = [
      { kind: 'started', path: 'restore/0', say: 'restore', effect: 'write', command: 'r' },
      { kind: 'finished', path: 'restore/0', say: 'restore', effect: 'write', ms: 1 },
      { kind: 'started', path: 'restore/1', say: 'equal', effect: 'check', command: 'c' },
      { kind: 'checked', path: 'restore/1', say: 'equal', verdict: 'proven', found: '', ms: 1 },
      { kind: 'started', path: 'restart/0', say: 'start', effect: 'write', command: 's' },
      { kind: 'finished', path: 'restart/0', say: 'start', effect: 'write', ms: 1 },
      { kind: 'started', path: 'smoke/0', say: 'health', effect: 'check', command: 'h' },
      { kind: 'checked', path: 'smoke/0', say: 'health', verdict: 'proven', found: '', ms: 1 },
    ]
    return new Memory(events as Recorded[])
  }
  const known = (m: Memory) => ['restore/1', 'smoke/0'].filter(path => m.of(path)?.state === 'finished')

  suite.test('stay after a resume: the data has moved on since, only the last step checks again', () => {
    const resumed = memory()
    assert.equal(known(resumed), ['restore/1', 'smoke/0'])
    resumed.remember({ kind: 'resumed', host: 'h', operator: 'o' })
    assert.equal(known(resumed), ['restore/1'])
  })
  suite.test('do not stay when their step is undone or done again', () => {
    const undone = memory()
    undone.remember({ kind: 'undone', path: 'restore/0', say: 'restore', ms: 1 })
    assert.equal(known(undone), [])
    const again = memory()
    again.remember({ kind: 'started', path: 'restore/0', say: 'restore', effect: 'write', command: 'r' })
    assert.equal(known(again), [])
  })
  suite.test('that a finished write was built upon stay in its step too', () => {
    const stopped = memory()
    const events = [
      { kind: 'started', path: 'smoke/1', say: 'stop', effect: 'write', command: 's' },
      { kind: 'finished', path: 'smoke/1', say: 'stop', effect: 'write', ms: 1 },
      { kind: 'resumed', host: 'h', operator: 'o' },
    ]
    for (const event of events) stopped.remember(event as Recorded)
    assert.equal(known(stopped), ['restore/1', 'smoke/0'])
  })
})
