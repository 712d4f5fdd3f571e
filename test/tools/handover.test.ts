import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compose } from '../../lib/compose.ts'
import type { Event } from '../../lib/journal.ts'
import { type Holder, holderOf, told } from '../../lib/lock.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import { messageIn, Records } from '../../lib/records.ts'
import type { Target } from '../../lib/target.ts'
import { handoverPage } from '../../tools/handover/page.ts'
import { passOn } from '../../tools/handover/pass.ts'
import { assert, describe, failure } from '../describe.ts'
import { onPath, tempDir } from '../fakes.ts'
import { eventually } from '../poll.ts'
import { EVENTS, recorded, UPLOAD } from './events.ts'

const STORES = [{ name: 'qdrant', state: 'running', health: 'healthy' }] as const
const LATER: readonly Event[] = [
  { kind: 'finished', ...UPLOAD, effect: 'write', ms: 1 },
  { kind: 'checked', path: 'r/2', say: 'count', verdict: 'proven', found: '3,701 points', ms: 1 },
  { kind: 'checked', path: 'v/1', say: 'rows', verdict: 'expected loss', found: '66 rows', ms: 1 },
]
const REFUSED: Event = {
  kind: 'finished',
  path: 'a/6',
  say: 'list the backups',
  effect: 'read',
  ms: 1,
  learned: { candidates: [{ id: 'q_1', refused: 'no manifest' }, { id: 'q_2' }] },
}

const pageOf = (events: readonly Event[]) =>
  handoverPage(recorded(events), STORES, Date.parse('2026-11-22T03:08:00Z'))

describe('the screen of a handover', suite => {
  suite.test('has all that the next engineer needs, on 80 columns and 24 rows', () => {
    const page = pageOf([REFUSED, ...EVENTS, ...LATER])
    for (const line of [
      'HANDOVER  20261122_030000-qdrant-corruption on p',
      'held by   ann on h1; 10:00 of the RTO of 15:00, 05:00 left',
      'happened  points are gone',
      'proven    count: 3,701 points',
      'ruled out backup q_1: no manifest',
      'stores    qdrant running (healthy)',
      'changed   recover the snapshot',
      'next      switch the alias',
      'no undo   switch the alias',
      'kept      nothing',
      'open      to be repaired: rows: 66 rows',
    ])
      assert.ok(page.includes(line), `${line}\nis not in\n${page.join('\n')}`)
    assert.ok(page.length <= 24 && page.every(line => line.length <= 80))
  })
  suite.test('says what is in flight, what has failed and what nobody has confirmed', () => {
    assert.match(pageOf(EVENTS).join('\n'), 'in flight recover the snapshot')
    const failed: Event = { kind: 'failed', ...UPLOAD, problem: ['curl ended with exit code 7'] }
    const page = pageOf([...EVENTS, failed]).join('\n')
    assert.match(page, 'ruled out recover the snapshot: curl ended with exit code 7')
    assert.match(page, 'open      failed: recover the snapshot')
    assert.match(pageOf(EVENTS.slice(0, 3)).join('\n'), 'next      no plan is confirmed yet')
  })
  suite.test('stays on one screen, however much there is to say', () => {
    const many = Array.from({ length: 50 }, (_, n): Event[] => [
      {
        kind: 'checked',
        path: `c/${n}`,
        say: `check\n${n}`,
        verdict: 'proven',
        found: 'x'.repeat(200),
        ms: 1,
      },
      { kind: 'checked', path: `u/${n}`, say: `u ${n}`, verdict: 'unchecked', found: 'x', ms: 1 },
      { kind: 'failed', path: `f/${n}`, say: `f ${n}`, problem: ['x'] },
      { kind: 'started', path: `w/${n}`, say: `w ${n}`, effect: 'write', command: 'c' },
    ]).flat()
    const page = pageOf([...EVENTS, ...many])
    assert.ok(page.length <= 24, `${page.length} lines`)
    assert.ok(page.every(line => line.length <= 80 && !line.includes('\n')))
  })
})

describe('passing the lock on', suite => {
  const dir = tempDir(suite)
  suite.before(() => {
    process.env.FAKE_DOCKER = dir
  })
  onPath(suite, resolve('test/fixtures/bin'))
  const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
  const target = { root: dir, runtime } as Target
  const handing = { kind: 'handing', from: 'ann', to: 'ben', note: 'n' } as const
  const hold = (state: string, events: readonly Event[]) => {
    for (const old of ['lock', 'next']) rmSync(join(dir, old), { recursive: true, force: true })
    mkdirSync(join(dir, 'lock'))
    for (const [name, text] of Object.entries({ id: 'one', state, labels: 'recovery.incident=i' }))
      writeFileSync(join(dir, 'lock', name), text)
    writeFileSync(join(dir, 'log'), recorded(events).map(told).join(''))
  }
  const pass = (said: string[] = []) => {
    const say = (text: string) => void said.push(text)
    return passOn(target, { holder: { id: 'one' } as Holder, incident: 'i', handing, seconds: 900, say })
  }
  const log = () => new Records().add(readFileSync(join(dir, 'log')))

  suite.test('tells the first run, and puts a place with the whole log and the handover there', async () => {
    const closed: Event = { kind: 'closed', outcome: 'x', exitCode: 75 }
    hold('running', [...EVENTS, ...LATER, closed])
    await pass()
    const holder = await holderOf(runtime, dir)
    assert.ok(holder?.running)
    assert.equal([holder.reservedFor, holder.incident], ['ben', 'i'])
    assert.is(log().length, EVENTS.length + LATER.length + 2)
    assert.match(JSON.stringify(log().at(-1)), '"kind":"handed","from":"ann","to":"ben","note":"n"')
  })

  suite.test('waits as long as a write is in flight', async () => {
    hold('running', EVENTS)
    const said: string[] = []
    const passed = pass(said)
    await eventually(() => said.length > 0)
    assert.match(said[0] ?? '', 'waiting until this has ended: recover the snapshot')
    assert.equal(log().map(messageIn).at(-1), handing, 'the run must have been told')
    assert.not(existsSync(join(dir, 'next')), 'nothing may be passed on yet')
    const end: Event[] = [...EVENTS, ...LATER, { kind: 'closed', outcome: 'x', exitCode: 75 }]
    writeFileSync(join(dir, 'log'), recorded(end).map(told).join(''))
    await passed
    assert.is((await holderOf(runtime, dir))?.reservedFor, 'ben')
  })

  suite.test('does not wait for one that died in the middle of a write', async () => {
    hold('exited', EVENTS)
    await pass()
    assert.is((await holderOf(runtime, dir))?.reservedFor, 'ben')
  })

  suite.test('is refused when somebody else holds it by then', async () => {
    hold('running', EVENTS)
    writeFileSync(join(dir, 'lock/id'), 'two')
    const error = (await failure(() => pass())) as Problem
    assert.is(error.exitCode, EXIT.locked)
    assert.is((await holderOf(runtime, dir))?.id, 'two')
  })
})
