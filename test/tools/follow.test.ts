import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { compose } from '../../lib/compose.ts'
import type { Event } from '../../lib/journal.ts'
import { type Holder, told } from '../../lib/lock.ts'
import { messageIn, Records } from '../../lib/records.ts'
import type { Target } from '../../lib/target.ts'
import { screen } from '../../tools/follow/draw.ts'
import { Navigator } from '../../tools/follow/navigator.ts'
import { newRun, still, tell, writesInFlight } from '../../tools/follow/state.ts'
import { followLock } from '../../tools/follow/stream.ts'
import { assert, describe } from '../describe.ts'
import { onPath, tempDir } from '../fakes.ts'
import { eventually } from '../poll.ts'
import { BEGUN, EVENTS, OPENED, recorded, SWITCH, UPLOAD } from './events.ts'

const SIZE = { columns: 80, rows: 24 }
const FINISHED: readonly Event[] = [
  { kind: 'finished', ...UPLOAD, effect: 'write', ms: 1 },
  { kind: 'checked', path: 'r/2', say: 'count', verdict: 'proven', found: '3,701 points', ms: 1 },
]

function runOf(events: readonly Event[]) {
  const run = newRun()
  for (const event of recorded(events)) tell(run, event)
  return run
}

const shown = (events: readonly Event[], minutes: number, size = SIZE) =>
  screen(runOf(events), BEGUN + minutes * 60_000, size).join('\n')

describe('a run as its followers see it', suite => {
  suite.test('says where it is, the clock, what comes next and what can be undone', () => {
    const text = shown(EVENTS, 6)
    assert.match(text, 'held by ann on h1')
    assert.match(text, 'clock: 08:00 of the RTO of 15:00, 07:00 left')
    assert.match(text, /now: ! recover the snapshot {2}\(r\) {2}01:00\n {5}curl upload/)
    assert.match(text, /next:\n {2}\$ count\n {2}! switch the alias/)
    assert.match(text, 'recover the snapshot: curl remove')
    assert.is(writesInFlight(runOf(EVENTS)).length, 1)
  })
  suite.test('forgets what has ended, and remembers what was found', () => {
    const run = runOf([...EVENTS, ...FINISHED])
    assert.equal(
      still(run).map(({ path }) => path),
      ['r/3'],
    )
    assert.is(writesInFlight(run).length, 0)
    assert.match(shown([...EVENTS, ...FINISHED], 9), 'proven: count: 3,701 points')
  })
  suite.test('says that the RTO is missed, that it waits, that two must talk, and how it ended', () => {
    assert.match(shown(EVENTS, 20), 'RTO MISSED by 07:00')
    const asked: Event = { kind: 'asked', ...SWITCH, command: 'c', touches: 'q', undo: 'u', why: 'w' }
    assert.match(shown([...EVENTS, ...FINISHED, asked], 9), 'waits for the navigator: switch the alias')
    const compared: Event = { kind: 'compared', ...UPLOAD, expects: '9', outcome: ['done'], agrees: false }
    assert.match(
      shown([...EVENTS, ...FINISHED, compared], 9),
      /NOT AS PREDICTED.*\n {2}expected: 9\n {2}seen: {5}done/,
    )
    const closed: Event = { kind: 'closed', outcome: 'recovered', exitCode: 0 }
    assert.match(shown([...EVENTS, ...FINISHED, closed], 9), 'ended: recovered (exit code 0)')
  })
  suite.test('fits the screen', () => {
    const long: Event = {
      kind: 'started',
      path: 'r/9',
      say: 'x'.repeat(300),
      effect: 'read',
      command: 'y\nz',
    }
    const lines = shown([...EVENTS, ...FINISHED, long], 9, { columns: 40, rows: 16 }).split('\n')
    assert.ok(lines.length <= 16 && lines.every(line => line.length < 40))
  })
})

describe('following the lock', suite => {
  const dir = tempDir(suite)
  suite.before(() => {
    process.env.FAKE_DOCKER = dir
  })
  onPath(suite, resolve('test/fixtures/bin'))
  const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
  const target = { root: dir, runtime } as Target
  const signal = new AbortController().signal
  const hold = (id: string, state: string, events: readonly Event[], labels = 'recovery.incident=i') => {
    rmSync(join(dir, 'lock'), { recursive: true, force: true })
    mkdirSync(join(dir, 'lock'))
    for (const [name, text] of Object.entries({ id, state, labels }))
      writeFileSync(join(dir, 'lock', name), text)
    writeFileSync(join(dir, 'log'), recorded(events).map(told).join(''))
  }
  const follow = async (seen: string[] = []) => {
    await followLock(target, { wait: false, signal }, heard => {
      seen.push('holder' in heard ? heard.holder.id : heard.event.kind)
    })
    return seen
  }

  suite.test('ends at once when there is no run, or only a backup', async () => {
    assert.equal(await follow(), [])
    hold('b', 'running', [], 'recovery.incident=backup x')
    assert.equal(await follow(), [])
    rmSync(join(dir, 'lock'), { recursive: true })
  })
  suite.test('tells a run from its begin to its end', async () => {
    hold('one', 'exited', [...EVENTS, { kind: 'closed', outcome: 'x', exitCode: 1 }])
    assert.equal(await follow(), ['one', ...EVENTS.map(({ kind }) => kind), 'closed'])
  })
  suite.test('goes on with whoever took it over, from the begin again', async () => {
    const handed: Event = { kind: 'handed', from: 'ann', to: 'ben', note: 'n' }
    hold('one', 'exited', [OPENED, handed])
    const seen: string[] = []
    const followed = follow(seen)
    await eventually(() => seen.includes('handed'))
    hold('two', 'exited', [OPENED, handed, { kind: 'resumed', host: 'h2', operator: 'ben' }])
    await followed
    assert.equal(seen.slice(-4), ['two', 'opened', 'handed', 'resumed'])
  })
})

describe('the navigator', suite => {
  const dir = tempDir(suite)
  suite.before(() => {
    process.env.FAKE_DOCKER = dir
  })
  onPath(suite, resolve('test/fixtures/bin'))
  const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
  const asked = (path: string, at: string) =>
    [path, { at, kind: 'asked', path, say: path, command: 'c', touches: 't', undo: 'u', why: 'w' }] as const

  suite.test(
    'answers one question after the other, again when it is asked again, and says goodbye',
    async () => {
      mkdirSync(join(dir, 'lock'))
      writeFileSync(join(dir, 'log'), '')
      const input = new PassThrough()
      const output = new PassThrough()
      let text = ''
      output.on('data', chunk => {
        text += chunk
      })
      const navigator = new Navigator({ input, output, by: 'ann' })
      process.env.FAKE_DOCKER = dir
      await navigator.join({ root: dir, runtime } as Target, { id: 'x' } as Holder)
      navigator.open(new Map([asked('a', 't1'), asked('b', 't2')]))
      input.write('yes\n')
      await eventually(() => text.includes('say what you expect'))
      input.write('3 rows\n')
      await eventually(() => text.includes('! b'))
      input.write('done\n')
      const predictions = () =>
        said(dir).flatMap(each =>
          each?.kind === 'prediction' ? [`${each.path} ${each.asked} ${each.expects}`] : [],
        )
      await eventually(() => predictions().length === 2)
      navigator.open(new Map([asked('b', 't3')]))
      await eventually(() => predictions().length === 3)
      assert.equal(predictions(), ['a t1 3 rows', 'b t2 done', 'b t3 done'])
      await navigator.end()
      assert.is(said(dir).at(-1)?.kind, 'left')
      assert.is(said(dir)[0]?.kind, 'here')
    },
  )
})

function said(dir: string) {
  return new Records().add(readFileSync(join(dir, 'log'))).map(messageIn)
}
