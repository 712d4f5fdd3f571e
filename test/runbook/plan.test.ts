import { type Command, command, type Output } from '../../lib/command.ts'
import { badInput } from '../../lib/problem.ts'
import { renderLine } from '../../lib/render.ts'
import { quietSurroundings } from '../../runbook/activity.ts'
import { Execution } from '../../runbook/execute.ts'
import { Memory } from '../../runbook/memory.ts'
import type { Facts } from '../../runbook/model.ts'
import { partial, placeholder, Unknown } from '../../runbook/placeholder.ts'
import { commandsOf, type Item, planHash, resolve } from '../../runbook/plan.ts'
import { Sequence, step, stepsOf, walk } from '../../runbook/tree.ts'
import { assert, describe, failure } from '../describe.ts'

const echo = (...words: string[]) => command(['echo', ...words])
const learn = (o: Output) => ({ learned: o.stdout })
const tree = (build: (s: Sequence<Facts>) => Sequence<unknown>) => build(new Sequence<Facts>()).nodes
const write = (word: (f: Facts) => string) => ({
  run: (f: Facts) => echo('do', word(f)),
  probe: { look: () => echo('look'), state: () => 'done' as const },
  undo: (f: Facts) => echo('undo', word(f)),
})
const lines = (items: readonly Item[]) => [...commandsOf(items)].map(item => renderLine(item.command))

describe('a plan', suite => {
  suite.test('shows what is known, and the rest by its name', () => {
    const nodes = tree(s =>
      s.read('look', f => echo(f.known), learn).read('use', f => echo(`x-${f.unknown}`, f.unknown.part.name)),
    )
    assert.equal(lines(resolve(nodes, { known: 'value' })), [
      'echo value',
      "echo 'x-<unknown>' '<unknown.part.name>'",
    ])
  })
  suite.test(
    'makes nothing of a leaf in a loop that may never be, where it needs a name that is not known',
    () => {
      const named = (name: unknown): Command => {
        if (typeof name !== 'string') throw badInput(`there is no store ${name}`)
        return echo(name)
      }
      const loop = tree(s =>
        s.each(
          'name',
          f => f.names,
          s => s.read('use', f => named(f.name)),
        ),
      )
      assert.equal(lines(resolve(loop, {})), ["'<not known yet>'"])
      assert.equal(lines(resolve(loop, { names: ['a'] })), ['echo a'])
      assert.throws(() => resolve(loop, { names: [7] }), /there is no store 7/)
    },
  )
  suite.test('knows that nothing was gathered where there is nothing to gather', () => {
    const nodes = tree(s =>
      s
        .gather(
          'name',
          f => f.names,
          s => s.read('look', f => echo(f.name), learn),
          'looks',
          f => f.learned,
        )
        .let('conclude', f => ({ some: f.looks.length > 0 }))
        .when(
          'there are some',
          f => f.some,
          s => s.read('yes', () => echo('some')),
          s => s.read('no', () => echo('none')),
        ),
    )
    assert.equal(lines(resolve(nodes, { names: [] })), ['echo none'])
    assert.equal(lines(resolve(nodes, { names: ['a'] })), ['echo a', 'echo some', 'echo none'])
  })
  suite.test('runs nothing and asks nothing', () => {
    const nodes = tree(s =>
      s.read('look', () => command(['no-such-program']), learn).ask({ id: 'q', say: 'Q?' }),
    )
    assert.equal(
      resolve(nodes, {}).map(item => item.kind),
      ['command', 'question'],
    )
  })
  suite.test('unrolls a loop that is known, and shows another one once', () => {
    const nodes = tree(s =>
      s.each(
        'name',
        f => f.names,
        s => s.read('look', f => echo(f.name)),
      ),
    )
    assert.equal(lines(resolve(nodes, { names: ['a', 'b'] })), ['echo a', 'echo b'])
    const [loop] = resolve(nodes, {})
    assert.is(loop?.kind, 'loop')
    assert.equal(lines([loop!]), ["echo '<name>'"])
  })
  suite.test('names the element in what is said', () => {
    const nodes = tree(s =>
      s.each(
        'c',
        f => f.all,
        s => s.read('look', f => echo(f.c.name)),
      ),
    )
    const items = [...commandsOf(resolve(nodes, { all: [{ name: 'documents' }] }))]
    assert.is(items[0]?.say, 'look · documents')
  })
  suite.test('takes the side of a branch that is known, and shows both of another one', () => {
    const nodes = tree(s =>
      s.when(
        'so',
        f => f.n > 3,
        s => s.read('yes', () => echo('yes')),
        s => s.read('no', () => echo('no')),
      ),
    )
    assert.equal(lines(resolve(nodes, { n: 4 })), ['echo yes'])
    assert.equal(lines(resolve(nodes, { n: 2 })), ['echo no'])
    assert.equal(lines(resolve(nodes, {})), ['echo yes', 'echo no'])
  })
  suite.test('never decides by a placeholder', () => {
    for (const holds of [
      (f: Facts) => f.unknown === 'x',
      (f: Facts) => 'unknown' in f,
      (f: Facts) => f.list.length > 0,
      (f: Facts) => f.map[f.key] !== undefined,
    ]) {
      const nodes = tree(s => s.when('so', holds, s => s.read('yes', () => echo('yes'))))
      assert.is(resolve(nodes, {})[0]?.kind, 'branch')
    }
  })
  suite.test('concludes from what is known', () => {
    const nodes = tree(s => s.let('so', f => ({ twice: f.n * 2 })).read('use', f => echo(f.twice)))
    assert.equal(lines(resolve(nodes, { n: 2 })), ['echo 4'])
    assert.equal(lines(resolve(nodes, {})), ["echo '<twice>'"])
  })
  suite.test('an error that is no missing fact is not swallowed', async () => {
    const nodes = tree(s => s.let('so', () => JSON.parse('{')))
    assert.instance(await failure(() => resolve(nodes, {})), SyntaxError)
  })
  suite.test('what is learned in a loop or step does not leak', () => {
    const inner = step<Facts>({
      id: 's',
      title: 'S',
      why: '',
      body: s => s.let('so', () => ({ x: 'inside' })),
    })
    const nodes = tree(s => s.step(inner).read('use', f => echo(f.x ?? 'none')))
    assert.equal(lines(resolve(nodes, {})).length, 1)
  })
})

describe('the hash of a plan', suite => {
  const hash = (nodes: ReturnType<typeof tree>, facts: Facts = {}, run = 'RUN') =>
    planHash(resolve(nodes, facts), run)
  const base = tree(s =>
    s.write(
      'do',
      write(f => f.name),
    ),
  )

  suite.test('changes with what is written and how it is undone', () => {
    assert.is.not(hash(base, { name: 'a' }), hash(base, { name: 'b' }))
    const otherUndo = tree(s => s.write('do', { ...write(f => f.name), undo: { none: 'x' } }))
    assert.is.not(hash(base, { name: 'a' }), hash(otherUndo, { name: 'a' }))
  })
  suite.test('changes with the order of writes', () => {
    const ab = tree(s =>
      s
        .write(
          'x',
          write(() => 'a'),
        )
        .write(
          'x',
          write(() => 'b'),
        ),
    )
    const ba = tree(s =>
      s
        .write(
          'x',
          write(() => 'b'),
        )
        .write(
          'x',
          write(() => 'a'),
        ),
    )
    assert.is.not(hash(ab), hash(ba))
  })
  suite.test('does not change with reads, titles and the number of the run', () => {
    const other = tree(s =>
      s
        .read('look', () => echo('x'))
        .write(
          'said otherwise',
          write(f => f.name),
        ),
    )
    assert.is(hash(base, { name: 'a' }), hash(other, { name: 'a' }))
    assert.is(hash(base, { name: 'c__r_RUN1' }, 'RUN1'), hash(base, { name: 'c__r_RUN2' }, 'RUN2'))
  })
})

describe('a placeholder', suite => {
  suite.test('reads as its name wherever it ends up', () => {
    const p = placeholder('backup') as Facts
    assert.is(`${p}`, '<backup>')
    assert.is(`${p.member.key}`, '<backup.member.key>')
    assert.is(JSON.stringify({ p }), '{"p":"<backup>"}')
    assert.equal([...(p as unknown as Iterable<string>)], ['<backup>'])
  })
  suite.test('a decision that touches one is unknown', async () => {
    const f = partial({ known: 1 }, true)
    assert.is(f.known, 1)
    assert.instance(await failure(() => f.other), Unknown)
    assert.instance(await failure(() => 'other' in f), Unknown)
  })
})

describe('a tree', suite => {
  const inner = step<Facts>({ id: 'inner', title: 'I', why: '', body: s => s.read('r', () => echo('x')) })
  const nodes = tree(s =>
    s
      .step(inner)
      .when(
        'so',
        () => true,
        s => s.read('a', () => echo('a')),
        s => s.read('b', () => echo('b')),
      )
      .each(
        'x',
        () => [],
        s =>
          s.write(
            'w',
            write(() => 'w'),
          ),
      )
      .ask({ id: 'q', say: 'Q?' }),
  )
  suite.test('is walked whole, both sides of branches and bodies of loops included', () => {
    const said = [...walk(nodes)].map(({ node }) => ('say' in node ? node.say : node.kind))
    assert.equal(said, ['step', 'r', 'so', 'a', 'b', 'each', 'w', 'ask'])
  })
  suite.test('gives every node of a level its own path', () => {
    const paths = [...walk(nodes)].filter(({ path }) => !path.includes('/')).map(({ path }) => path)
    assert.equal(paths, ['inner', '1', '2', 'q'])
  })
  suite.test('knows its steps', () =>
    assert.equal(
      stepsOf(nodes).map(s => s.id),
      ['inner'],
    ),
  )
})

describe('the plan and the run', suite => {
  suite.test('call every activity by the same name, so that a resume can show what is left', async () => {
    const echo = () => command(['true'])
    const probe = { look: echo, state: () => 'done' as const }
    const part = step<object>({
      id: 'part',
      title: 'Part',
      why: '',
      body: s =>
        s
          .each(
            'one',
            () => ['a', 'b'],
            s => s.write('do', { run: echo, probe, undo: { none: 'harmless' } }),
          )
          .when(
            'so',
            () => false,
            s => s.keep('yes', echo),
            s => s.keep('no', echo),
          )
          .lanes({ left: s => s.read('look', echo), right: s => s.read('look', echo) }),
    })
    const { nodes } = new Sequence<object>().step(part)
    const started: string[] = []
    const execution = new Execution({
      ...quietSurroundings('.', new Memory()),
      record: event => event.kind === 'started' && started.push(event.path),
    })
    await execution.sequence(nodes, {}, '')
    const planned = [...commandsOf(resolve(nodes, {}))].map(item => item.path)
    assert.equal(planned, ['part/0[a]/0', 'part/0[b]/0', 'part/1/no/0', 'part/2{left}/0', 'part/2{right}/0'])
    assert.equal(started.sort(), planned.sort())
  })
})
