import { assert, describe } from '../../describe.ts'
import { KEY } from '../../pty.ts'
import { onGround, type Ready } from '../ground.ts'
import { COMMAND, gate } from './gate.ts'
import { assertLeftClean, assertProven, damage, writesBegun } from './recovery.ts'
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

describe('interrupts', suite => {
  const ready = onGround(suite)
  suite.test(
    'one recovery, interrupted in every way, ends proven and does nothing finished twice',
    () => interrupted(ready()),
    LIMIT,
  )
})

async function interrupted(ready: Ready): Promise<void> {
  const damaged = await damage(ready)
  const { incident, upload } = await killedByTheSecond(ready)
  await finishedByTheFirst(ready, incident)
  await terminated(ready, incident)
  await hungUp(ready, incident)
  await assertProven(damaged, incident)
  const repeated = [...writesBegun(incident)].filter(([path, times]) => times > 1 && path !== upload)
  assert.equal(repeated, [], 'nothing that was finished may be done again')
}

/** Two Ctrl-C in the upload: the command is killed. */
async function killedByTheSecond(ready: Ready) {
  const held = gate(...COMMAND.upload, 'before')
  const session = startScenario(ready.target, answered(), SCENARIO, held.env)
  await typePhrase(session)
  await held.reached()
  session.terminal.type(KEY.ctrlC)
  await session.terminal.sees('stopping after the command in flight')
  session.terminal.type(KEY.ctrlC)
  await session.terminal.sees('killing the command in flight')
  assert.is(await session.terminal.ended(), 130, session.terminal.text())
  const incident = await session.incident()
  const { say, path: upload } = await reached(session, 'failed')
  assert.match(say, 'recover the snapshot')
  assert.not(isFinished(incident, upload), 'it was killed, so its end is not known')
  await assertLeftClean(ready, session.terminal)
  return { incident, upload }
}

/** One Ctrl-C in the upload: it is finished, and nothing further begins. */
async function finishedByTheFirst(ready: Ready, incident: string): Promise<void> {
  const held = gate(...COMMAND.upload, 'before')
  const session = resumeScenario(ready.target, incident, SCENARIO, held.env)
  await typePhrase(session)
  await held.reached()
  session.terminal.type(KEY.ctrlC)
  await session.terminal.sees('stopping after the command in flight')
  held.open()
  assert.is(await session.terminal.ended(), 130, session.terminal.text())
  assertStopped(incident)
  await assertLeftClean(ready, session.terminal)
}

/** SIGTERM, then Ctrl-C, in the switch, which is critical: it is finished all the same. */
async function terminated(ready: Ready, incident: string): Promise<void> {
  const held = gate(...COMMAND.switch, 'before')
  const session = resumeScenario(ready.target, incident, SCENARIO, held.env)
  await typePhrase(session)
  await held.reached()
  process.kill(session.terminal.pidOf(SCENARIO), 'SIGTERM')
  await session.terminal.sees('stopping after the command in flight')
  session.terminal.type(KEY.ctrlC)
  await session.terminal.sees('killing the command in flight')
  held.open()
  assert.is(await session.terminal.ended(), 130, session.terminal.text())
  assertStopped(incident)
  await assertLeftClean(ready, session.terminal)
}

/** The window is closed while the services start: the run goes on to its end. */
async function hungUp(ready: Ready, incident: string): Promise<void> {
  const held = gate(...COMMAND.start, 'before')
  const session = resumeScenario(ready.target, incident, SCENARIO, held.env)
  await typePhrase(session)
  await held.reached()
  session.terminal.close()
  await reached(session, 'interrupted', event => event.how.startsWith('SIGHUP'))
  held.open()
  await reached(session, 'closed', event => event.exitCode === 0)
}

/** The write that stood when the interrupt came is finished; none was begun after it; the journal is closed. */
function assertStopped(incident: string): void {
  const events = eventsOf(incident)
  const begun = events.findLastIndex(event => event.kind === 'resumed')
  const asked = events.findIndex((event, index) => index > begun && event.kind === 'interrupted')
  const inFlight = events.slice(0, asked).findLast(event => event.kind === 'started')
  const after = events.slice(asked)
  assert.ok(inFlight?.kind === 'started' && after.some(event => event.kind === 'finished'), 'not finished')
  assert.equal(
    after.filter(event => event.kind === 'started'),
    [],
    'nothing further may begin',
  )
  const last = events.at(-1)
  assert.ok(last?.kind === 'closed' && last.exitCode === 130, 'the journal must be closed')
}

function isFinished(incident: string, path: string): boolean {
  return eventsOf(incident).some(event => event.kind === 'finished' && event.path === path)
}
