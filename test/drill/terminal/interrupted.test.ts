import { docker } from '../../../lab/ground.ts'
import { assert, describe } from '../../describe.ts'
import { eventually } from '../../poll.ts'
import { KEY } from '../../pty.ts'
import { onGround, type Ready } from '../ground.ts'
import { assertProven, damage, lockState, writesBegun } from './recovery.ts'
import {
  answered,
  eventsOf,
  reached,
  resumeScenario,
  type Session,
  startScenario,
  typePhrase,
} from './session.ts'

const LIMIT = { seconds: 600 }
const UPLOAD = 'recover the snapshot under a fresh name'

describe('interrupts', suite => {
  const ready = onGround(suite)
  suite.test('Ctrl-C in the upload ends it well and stops; resumed', () => once(ready()), LIMIT)
})

async function inUpload(ready: Ready) {
  const damaged = await damage(ready)
  const session = startScenario(ready.target, answered())
  await typePhrase(session)
  const upload = await reached(session, 'started', event => event.say.startsWith(UPLOAD))
  return { damaged, session, path: upload.path, incident: await session.incident() }
}

async function once(ready: Ready): Promise<void> {
  const { damaged, session, path, incident } = await inUpload(ready)
  session.terminal.type(KEY.ctrlC)
  assert.is(await session.terminal.ended(), 130, session.terminal.text())
  // npx may end before the program below it has closed its journal.
  await reached(session, 'closed')
  const events = eventsOf(incident)
  assert.ok(
    events.some(event => event.kind === 'finished' && event.path === path),
    'the command in flight must be finished',
  )
  const asked = events.findIndex(event => event.kind === 'interrupted')
  const begun = events.slice(asked).filter(event => event.kind === 'started')
  assert.equal(begun, [], 'nothing further may begin')
  await endsClean(ready, session)
  await resumed(ready, damaged, incident)
  assert.equal(
    [...writesBegun(incident).values()].filter(times => times > 1),
    [],
  )
}

/** The lock is released, the cursor visible, and no container of the run is left. */
async function endsClean(ready: Ready, { terminal }: Session): Promise<void> {
  await eventually(async () => (await lockState(ready)) === undefined)
  assert.ok(terminal.raw().trimEnd().endsWith('\x1b[?25h'), 'the cursor must be visible at the end')
  const oneOff = ['--filter', `label=com.docker.compose.project=${ready.target.project}`]
  const left = await docker(ready.target, [
    'ps',
    '-q',
    ...oneOff,
    '--filter',
    'label=com.docker.compose.oneoff=True',
  ])
  assert.is(left, '', 'nothing may be left running')
}

async function resumed(ready: Ready, damaged: Awaited<ReturnType<typeof damage>>, incident: string) {
  const again = resumeScenario(ready.target, incident)
  await typePhrase(again)
  assert.is(await again.terminal.ended(), 0, again.terminal.text())
  await assertProven(damaged, incident)
}
