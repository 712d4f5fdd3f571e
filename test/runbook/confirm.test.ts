import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../../lib/command.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import { agreementFor, lookAgain, planSummary, refuseChanged } from '../../runbook/confirm.ts'
import type { Binding, Facts } from '../../runbook/model.ts'
import { Sequence } from '../../runbook/tree.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

describe('the confirmation', suite => {
  const root = tempDir(suite)
  const world = (daemon: string) => writeFileSync(join(root, 'daemon'), daemon)
  const facts = (change: Facts = {}): Facts => ({
    target: { root },
    run: { id: 'RUN1' },
    name: 'documents',
    ...change,
  })
  const binding: Binding<Facts> = {
    say: 'Type it',
    words: () => ['ai-platform', 'qdrant'],
    looks: () => [command(['cat', 'daemon'])],
    derive: ([daemon]) => ({ daemon: daemon!.stdout.trim() }),
    facts: () => [],
    estimate: () => 1,
  }
  const rest = new Sequence<Facts>().write('do', {
    run: f => command(['restore', f.name, f.run.id]),
    probe: { look: () => command(['look']), state: () => 'done' },
    undo: { none: 'x' },
  }).nodes
  const phrase = async (f = facts(), nodes = rest) => (await agreementFor(binding, nodes, f)).phrase

  suite.test('its phrase begins with what is meant and ends with a hash', async () => {
    world('d1')
    assert.match(await phrase(), /^ai-platform qdrant [0-9a-f]{4}-[0-9a-f]{4}$/)
    assert.is(await phrase(), await phrase())
  })
  suite.test('another plan is another phrase', async () => {
    assert.is.not(await phrase(facts({ name: 'packages' })), await phrase())
    assert.is.not(await phrase(facts(), []), await phrase())
  })
  suite.test('another world is another phrase', async () => {
    world('d1')
    const before = await phrase()
    world('d2')
    assert.is.not(await phrase(), before)
  })
  suite.test('another run of the same plan has the same phrase', async () => {
    assert.is(await phrase(facts({ run: { id: 'RUN2' } })), await phrase())
  })
  suite.test('a world that cannot be looked at is no world to confirm', async () => {
    const blind = { ...binding, looks: () => [command(['cat', 'gone'])] }
    await failure(() => agreementFor(blind, rest, facts()))
  })
  suite.test('is refused when the world has changed since, with the difference', async () => {
    world('d1')
    const { state } = await agreementFor(binding, rest, facts())
    refuseChanged(state, await lookAgain(binding, facts()))
    world('d2')
    const now = await lookAgain(binding, facts())
    const error = (await failure(() => refuseChanged(state, now))) as Problem
    assert.is(error.exitCode, EXIT.declined)
    assert.equal(error.tail, ['daemon was: d1', 'daemon is:  d2'])
  })
  suite.test(
    'its summary names the moment to begin by, and is never green when the slowest run would miss it',
    async () => {
      world('d1')
      const known = { ...facts(), target: { root, rtoMinutes: 15 } }
      const agreement = await agreementFor(binding, rest, known)
      const others = [{ run: 'npx other', when: 'rows are missing', seconds: 60 }]
      const steps = new Map([['restore', 100]])
      const text = (elapsedMs: number, high: number) =>
        planSummary(binding, agreement, known, {
          elapsedMs,
          now: Date.parse('2026-11-27T03:00:00Z'),
          prediction: { runs: 3, steps, low: 60, seconds: 100, high },
          others,
        })
      assert.match(
        text(60_000, 240),
        'about 2 min, 3 runs before took 60 s to 4 min; 14:00 left of the RTO of 15:00',
      )
      assert.match(text(60_000, 240), 'begin by 03:10:00 UTC')
      assert.not.match(text(60_000, 240), 'miss it')
      const late = text(720_000, 240)
      assert.match(late, /this will miss it[\s\S]*what still can: npx other/)
      assert.not.match(late, 'begin by')
    },
  )
  suite.test('without earlier runs its summary goes by the estimate, and says so', async () => {
    const known = { ...facts(), target: { root, rtoMinutes: 1 } }
    const against = { elapsedMs: 0, now: 0, prediction: undefined, others: [] }
    const agreement = await agreementFor(binding, rest, known)
    const slow = { ...binding, estimate: () => 61 }
    assert.match(
      planSummary(binding, agreement, known, against),
      'about 1 s (no run of it was ever measured here)',
    )
    assert.match(
      planSummary(slow, agreement, known, against),
      /this will miss it[\s\S]*call the next level now/,
    )
  })
  suite.test('something new in the world is a change too', async () => {
    await failure(() => refuseChanged({ a: '1' }, { a: '1', b: '2' }))
    await failure(() => refuseChanged({ a: '1' }, {}))
  })
})
