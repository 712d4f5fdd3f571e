import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from '../../../lab/drills/program.ts'
import { assert, describe } from '../../describe.ts'
import { KEY, type Terminal } from '../../pty.ts'
import { onGround, type Ready } from '../ground.ts'
import { besidesIncidents, worldOf } from '../world.ts'
import { COMMAND, gate } from './gate.ts'
import { assertLeftClean, assertNoSecrets, assertProven, type Damage, damage } from './recovery.ts'
import { answered, reached, SCENARIO, startScenario, typePhrase } from './session.ts'

const LIMIT = { seconds: 600 }

describe('a command that fails', suite => {
  const ready = onGround(suite)
  suite.test(
    'holds: tried again, then everything undone, also after the switch; stopped, then resumed without a terminal',
    async () => {
      const damaged = await damage(ready())
      await retriedThenUndone(ready())
      await switchedThenUndone(ready())
      const incident = await stopped(ready())
      await resumedWithoutTerminal(damaged, incident)
    },
    LIMIT,
  )
})

/** The upload fails twice: after the first time it is tried again, after the second all is taken back. */
async function retriedThenUndone(ready: Ready): Promise<void> {
  const before = collectionsOf(await worldOf(ready.target))
  const failing = gate(...COMMAND.upload, 'fail', 2)
  const session = startScenario(ready.target, answered(), SCENARIO, failing.env)
  const { terminal } = session
  await typePhrase(session)
  for (const shown of ['made to fail', 'Done so far, newest first:', 'Who to call next:', 'What now?'])
    await terminal.sees(shown)
  terminal.type(KEY.down)
  await terminal.sees('● try this command again')
  terminal.type(KEY.enter)
  for (const shown of ['made to fail', 'What now?']) await terminal.sees(shown)
  await chooseUndo(terminal)
  assert.equal(collectionsOf(await worldOf(ready.target)), before)
  const undone = await reached(session, 'undone')
  assert.match(undone.say, 'stop the services that write')
  await assertLeftClean(ready, terminal)
}

/** Everything is recovered and switched, and the services do not start: all of it is taken back, the switch too. */
async function switchedThenUndone(ready: Ready): Promise<void> {
  const before = collectionsOf(await worldOf(ready.target))
  const failing = gate(...COMMAND.start, 'fail')
  const session = startScenario(ready.target, answered(), SCENARIO, failing.env)
  const { terminal } = session
  await typePhrase(session)
  for (const shown of ['made to fail', 'What now?']) await terminal.sees(shown)
  const switched = collectionsOf(await worldOf(ready.target))
  assert.not.equal(switched.aliases, before.aliases, 'the alias must be switched before it is taken back')
  await chooseUndo(terminal)
  assert.equal(collectionsOf(await worldOf(ready.target)), before)
  await assertLeftClean(ready, terminal)
}

async function chooseUndo(terminal: Terminal): Promise<void> {
  terminal.type(KEY.down)
  await terminal.sees('● try this command again')
  terminal.type(KEY.down)
  await terminal.sees('● undo what was done')
  terminal.type(KEY.enter)
  await terminal.sees('everything this run changed has been taken back')
  assert.is(await terminal.ended(), 1, terminal.text())
}

function collectionsOf(world: Awaited<ReturnType<typeof worldOf>>) {
  const { collections, aliases, bucket, leftovers } = besidesIncidents(world)
  return { collections, aliases, bucket, leftovers }
}

/** The upload fails and the person stops: everything stays as it is. */
async function stopped(ready: Ready): Promise<string> {
  const failing = gate(...COMMAND.upload, 'fail')
  const session = startScenario(ready.target, answered(), SCENARIO, failing.env)
  await typePhrase(session)
  await session.terminal.sees('What now?')
  session.terminal.type(KEY.enter)
  await session.terminal.sees('--resume')
  assert.is(await session.terminal.ended(), 1, session.terminal.text())
  await assertLeftClean(ready, session.terminal)
  const incident = await session.incident()
  assertNoSecrets(ready, incident, [session.terminal.raw()])
  return incident
}

/** Piped: one line per event, no control sequence, and the phrase from the command line. */
async function resumedWithoutTerminal(damaged: Damage, incident: string): Promise<void> {
  const { ready } = damaged
  const target = { ...ready.target, env: { ...ready.target.env, NO_COLOR: '1' } }
  const resume = [SCENARIO, '--resume', basename(incident), '--plain'] as const
  const [file, ...args] = resume
  const unconfirmed = await run(target, file, args)
  assert.is(unconfirmed.exitCode, 64, unconfirmed.stderr)
  const phrase = /--confirm '([^']+)'/.exec(unconfirmed.stderr)?.[1] ?? ''
  const ended = await run(target, file, [...args, '--confirm', phrase])
  assert.is(ended.exitCode, 0, ended.stderr)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  assert.not.match(ended.stdout + ended.stderr, /[\x00-\x09\x0b-\x1f\x7f]/)
  const writes = ended.stdout.split('\n').filter(line => line.startsWith('› ! '))
  assert.equal([...new Set(writes)], writes, 'one line per event')
  assert.ok(writes.length > 3, ended.stdout)
  assert.match(readFileSync(join(incident, 'report.md'), 'utf8'), 'recovered and proven')
  assertNoSecrets(ready, incident, [ended.stdout, ended.stderr, unconfirmed.stderr])
  await assertProven(damaged, incident)
}
