import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../../lib/command.ts'
import type { Event, Recorded } from '../../lib/journal.ts'
import type { Target } from '../../lib/target.ts'
import { type Measured, otherPaths, RtoClock, stillCan } from '../../runbook/clock.ts'
import { aheadOf, pastRun, pastRuns, predict } from '../../runbook/history.ts'
import type { AnyScenario } from '../../runbook/model.ts'
import { resolve } from '../../runbook/plan.ts'
import { Sequence, step } from '../../runbook/tree.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const at = (second: number) => new Date(second * 1000).toISOString()
const events = (...all: [second: number, event: Event][]): Recorded[] =>
  all.map(([second, event]) => ({ at: at(second), ...event }))

const probe = { look: () => command(['look']), state: () => 'done' as const }
const copying = (bytes: number) =>
  step({
    id: 'restore',
    title: 'Restore',
    why: '',
    body: s =>
      s.write('copy', { run: () => command(['copy']), probe, undo: { none: '' }, size: () => bytes }),
  })
const plan = (bytes = 100) => aheadOf(resolve(new Sequence().step(copying(bytes)).nodes, {}))

/** A run whose restore took so many seconds for 100 bytes, in two lanes side by side. */
function ran(seconds: number, more: [second: number, event: Event][] = []): Recorded[] {
  const restore = (lane: string, ms: number, bytes: number): Event => ({
    kind: 'finished',
    path: `restore/0{${lane}}/0`,
    say: 'copy',
    effect: 'write',
    ms,
    bytes,
  })
  const opened = { scenario: 's', incident: 'i', project: 'p', host: 'h', operator: 'o', version: '1' }
  return events(
    [0, { kind: 'opened', ...opened }],
    [50, { kind: 'answered', path: 'incident/description', question: '?', answer: 'x', ms: 40_000 }],
    [100, { kind: 'confirmed', phrase: 'x', binding: {} }],
    [100 + seconds / 2, restore('a', (seconds / 2) * 1000, 40)],
    [100 + seconds, restore('b', seconds * 1000, 60)],
    ...more,
    [100 + seconds, { kind: 'closed', outcome: 'recovered', exitCode: 0 }],
  )
}

describe('what earlier runs foretell', suite => {
  const dir = tempDir(suite)
  const target = { incidents: dir, runtime: { project: 'p' } } as Target
  const keep = (name: string, journal: readonly Recorded[]) => {
    mkdirSync(join(dir, name))
    writeFileSync(
      join(dir, name, 'journal.jsonl'),
      journal.map(event => `${JSON.stringify(event)}\n`).join(''),
    )
  }

  suite.test('stores side by side count once, on the wall clock, and nobody’s thinking does', () => {
    assert.equal(pastRun(ran(30), 'p')?.get('restore'), { seconds: 30, bytes: 100 })
  })

  suite.test('a run that failed, was interrupted or is of another installation says nothing', () => {
    assert.is(pastRun(ran(30), 'other'), undefined)
    assert.is(pastRun(ran(30, [[110, { kind: 'interrupted', how: 'SIGINT' }]]), 'p'), undefined)
    const failed = ran(30).map(event => (event.kind === 'closed' ? { ...event, exitCode: 2 } : event))
    assert.is(pastRun(failed, 'p'), undefined)
  })

  suite.test('the plan is as long as the one in the middle, and may be as long as the slowest', () => {
    const prediction = predict(
      [30, 10, 20].map(seconds => pastRun(ran(seconds), 'p')!),
      plan(),
    )
    assert.equal([prediction?.runs, prediction?.low, prediction?.seconds, prediction?.high], [3, 10, 20, 30])
  })

  suite.test('more data takes longer in proportion, less is not promised to be faster', () => {
    const runs = [pastRun(ran(30), 'p')!]
    assert.is(predict(runs, plan(200))?.seconds, 60)
    assert.is(predict(runs, plan(50))?.seconds, 30)
  })

  suite.test('nothing is foretold from nothing', () => {
    assert.is(predict([], plan()), undefined)
    assert.is(predict([new Map()], plan()), undefined)
  })

  suite.test('is read from the incidents of that scenario', () => {
    keep('20261101_000000-s', ran(30))
    keep('20261102_000000-s', ran(40, [[110, { kind: 'resumed', host: 'h', operator: 'o' }]]))
    keep('20261103_000000-other', ran(50))
    assert.equal(
      pastRuns(target, 's').map(run => run.get('restore')?.seconds),
      [30],
    )
    const others = [
      { run: 'npx x', scenario: 'other', when: 'a' },
      { run: 'npx y', scenario: 'never', when: 'b' },
    ]
    assert.equal(
      otherPaths(target, { others } as unknown as AnyScenario).map(({ seconds }) => seconds),
      [50, undefined],
    )
  })
})

describe('the clock against the RTO', suite => {
  const others: Measured[] = [
    { run: 'npx slow', when: 'x', seconds: 500 },
    { run: 'npx quick', when: 'rows are missing', seconds: 60 },
  ]
  const started = (second: number, name: string): Recorded => ({
    at: at(second),
    kind: 'started',
    path: `${name}/0`,
    say: '',
    effect: 'read',
    command: '',
  })

  suite.test('says once, when the moment comes, what this path cannot hold, and what still can', () => {
    const rto = new RtoClock(15, 0, others)
    rto.expect(new Map([['restore', 300]]))
    assert.equal(rto.look(599_000), [])
    const lines = rto.look(601_000)
    assert.match(
      lines[0]!,
      'cannot hold the RTO of 15:00: about 5 min are still needed, 04:59 of the RTO are left',
    )
    assert.equal(lines.slice(1), ['what still can: npx quick, when rows are missing (60 s at most so far)'])
    assert.equal(rto.look(602_000), [])
  })

  suite.test('counts from the detection, which is earlier than the run', () => {
    const rto = new RtoClock(15, 600_000, [])
    rto.hear({ at: at(600), kind: 'answered', path: 'incident/detected', question: '', answer: at(0), ms: 0 })
    assert.is(rto.left(600_000), 300)
  })

  suite.test('work that is going on as foretold is no reason to speak', () => {
    const rto = new RtoClock(15, 0, [])
    rto.expect(
      new Map([
        ['restore', 300],
        ['validate', 100],
      ]),
    )
    rto.hear(started(450, 'restore'))
    assert.equal(rto.look(740_000), [])
    rto.hear(started(760, 'validate'))
    assert.equal(rto.look(790_000), [])
    // It should have ended a while ago: what is over its time is not counted, what is ahead is.
    const late = new RtoClock(15, 0, [])
    late.expect(
      new Map([
        ['restore', 300],
        ['validate', 100],
      ]),
    )
    late.hear(started(500, 'restore'))
    assert.is(late.look(801_000).length, 2)
  })

  suite.test('goes by the estimate where nothing was ever measured, from the confirmation on', () => {
    const rto = new RtoClock(15, 0, [])
    rto.expect(600)
    assert.equal(rto.look(299_000), [])
    rto.hear({ at: at(299), kind: 'confirmed', phrase: '', binding: {} })
    assert.equal(rto.look(800_000), [])
    const undecided = new RtoClock(15, 0, [])
    undecided.expect(600)
    assert.is(undecided.look(301_000).length, 2)
  })

  suite.test('knows nothing and says nothing before it was told what to expect', () => {
    assert.equal(new RtoClock(15, 0, []).look(10_000_000), [])
  })

  suite.test('sends to the next level when no other path holds it', () => {
    assert.equal(stillCan([{ run: 'x', when: 'y', seconds: 100 }], 50), [
      'no other path is known that still holds it: call the next level now',
    ])
    assert.match(stillCan([{ run: 'x', when: 'y', seconds: undefined }], 50)[0]!, 'never measured here')
  })
})
