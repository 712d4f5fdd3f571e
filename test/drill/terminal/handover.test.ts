import { renameSync } from 'node:fs'
import { basename } from 'node:path'
import { assert, describe } from '../../describe.ts'
import { KEY } from '../../pty.ts'
import { onGround, type Ready } from '../ground.ts'
import { COMMAND, gate } from './gate.ts'
import { assertLeftClean, assertProven, containerNamed, damage, writesBegun } from './recovery.ts'
import { secondTerminal } from './second.ts'
import {
  answered,
  eventsOf,
  reached,
  resumeScenario,
  SCENARIO,
  startScenario,
  typePhrase,
} from './session.ts'

const LIMIT = { seconds: 600 }
const HANDOVER = 'tools/handover.ts'

describe('a handover between two terminals', suite => {
  const ready = onGround(suite)
  suite.test(
    'waits for the write in flight; the first cannot write any more, the second recovers without its files',
    () => handedOver(ready()),
    LIMIT,
  )
  suite.test('holds when the first terminal sleeps through it and wakes up', () => asleep(ready()), LIMIT)
})

async function handedOver(ready: Ready): Promise<void> {
  const damaged = await damage(ready)
  const held = gate(...COMMAND.upload, 'before')
  const first = startScenario(ready.target, answered(), SCENARIO, held.env)
  await typePhrase(first)
  await held.reached()
  const incident = await first.incident()
  const handover = secondTerminal(ready, HANDOVER, ['--to', 'ben'])
  for (const shown of [
    'HANDOVER',
    'happened  a drill',
    'proven',
    'stores    qdrant running',
    'in flight recover',
  ])
    await handover.sees(shown)
  await handover.sees('no log can tell')
  handover.type(`the pump in rack 3 is loud${KEY.enter}`)
  await handover.sees('waiting until this has ended: recover the snapshot')
  held.open()
  assert.is(await first.terminal.ended(), 75, first.terminal.text())
  assert.match(first.terminal.text(), 'was handed over to ben')
  await handover.sees(`--resume ${basename(incident)}`)
  assert.is(await handover.ended(), 0, handover.text())
  assert.is(await containerNamed(ready), 'running')
  await refused(ready)
  // As on another machine: the folder is not there.
  const away = `${incident}.elsewhere`
  renameSync(incident, away)
  const begun = [...writesBegun(away)]
  const second = resumeScenario(ready.target, incident)
  await typePhrase(second)
  assert.is(await second.terminal.ended(), 0, second.terminal.text())
  await assertLeftClean(ready, second.terminal)
  await assertProven(damaged, incident)
  const again = begun.filter(([path, times]) => (writesBegun(incident).get(path) ?? 0) !== times)
  assert.equal(again, [], 'what was finished before the handover may not be done again')
  const { from: _, ...told } = await reached(second, 'handed')
  assert.match(JSON.stringify(told), '"to":"ben","note":"the pump in rack 3 is loud"')
  renameSync(away, `${incident}-first`)
}

/** Anybody who does not go on with the incident is told whose it is. */
async function refused(ready: Ready): Promise<void> {
  const other = startScenario(ready.target, answered())
  await other.terminal.sees('is reserved for ben')
  assert.is(await other.terminal.ended(), 75, other.terminal.text())
}

async function asleep(ready: Ready): Promise<void> {
  const damaged = await damage(ready)
  const first = startScenario(ready.target, answered())
  await first.terminal.sees('Type the phrase to go on:')
  const incident = await first.incident()
  const pid = first.terminal.pidOf(SCENARIO)
  process.kill(pid, 'SIGSTOP')
  const args = ['--to', 'ben', '--note', 'nothing that is not in the log']
  assert.is(await secondTerminal(ready, HANDOVER, args).ended(), 0)
  const second = resumeScenario(ready.target, incident)
  await typePhrase(second)
  await reached(second, 'started', event => event.effect === 'write')
  // The phrase is typed while it sleeps: awake, it would go on at once.
  const phrase = /Type the phrase to go on:\s+(\S+ \S+ [0-9a-f]{4}-[0-9a-f]{4})/.exec(
    first.terminal.text(),
  )?.[1]
  first.terminal.type(phrase + KEY.enter)
  process.kill(pid, 'SIGCONT')
  assert.is(await first.terminal.ended(), 75, first.terminal.text())
  assert.match(first.terminal.text(), 'was handed over to ben')
  assert.is(await second.terminal.ended(), 0, second.terminal.text())
  await assertProven(damaged, incident)
  const closed = eventsOf(incident).filter(event => event.kind === 'closed')
  assert.is(closed.length, 1, 'the one that woke up late adds nothing to the journal')
}
