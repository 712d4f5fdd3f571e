import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PARACHUTE } from '../../../runbook/parachute.ts'
import { assert, describe } from '../../describe.ts'
import { onGround, type Ready } from '../ground.ts'
import { shell } from '../shell.ts'
import { gate } from './gate.ts'
import { assertProven, damage, lockIsDead, writesBegun } from './recovery.ts'
import { answered, eventsOf, reached, SCENARIO, type Session, startScenario, typePhrase } from './session.ts'

const LIMIT = { seconds: 600 }
/** The read after the recovery beside, before any name is switched: it asks what the upload has left. */
const LOOK_BEFORE_SWITCH = ['curl', '--max-time 30 http*__r_*/snapshots'] as const
const SWITCH = 'point the alias at the proven collection'

describe('when Node dies', suite => {
  const ready = onGround(suite)
  suite.test('the script beside the journal alone recovers', () => alone(ready()), LIMIT)
  suite.test('half-way, --adopt takes over what a person has done by hand', () => adopted(ready()), LIMIT)
})

/** Killed when the plan is made: nothing was changed yet, and all of it is done by hand. */
async function alone(ready: Ready): Promise<void> {
  const damaged = await damage(ready)
  const session = startScenario(ready.target, answered(damaged.victim.physical))
  await reached(session, 'planned')
  const incident = await died(ready, session)
  const ended = await shell(ready.target, join(incident, PARACHUTE))
  assert.is(ended.exitCode, 0, ended.printed.slice(-3000))
  await assertProven(damaged, incident)
}

/** Killed once the data lies beside; a person does the switch; then the program goes on. */
async function adopted(ready: Ready): Promise<void> {
  const damaged = await damage(ready)
  const { target } = ready
  const held = gate(...LOOK_BEFORE_SWITCH, 'before')
  const session = startScenario(target, answered(damaged.victim.physical), SCENARIO, held.env)
  await typePhrase(session)
  await held.reached()
  const incident = await died(ready, session)
  held.kill()
  const script = join(incident, PARACHUTE)
  assert.match(readFileSync(script, 'utf8'), '# done already: recover the snapshot under a fresh name')
  const byHand = await shell(target, upTo(script, SWITCH))
  assert.is(byHand.exitCode, 0, byHand.printed.slice(-3000))

  const last = startScenario(target, ['--resume', '--adopt'])
  await typePhrase(last)
  assert.is(await last.terminal.ended(), 0, last.terminal.text())
  const taken = eventsOf(incident).filter(event => event.kind === 'adopted')
  assert.ok(
    taken.some(event => event.say.startsWith(SWITCH)),
    'the switch was done by hand',
  )
  assert.equal(
    taken.filter(event => writesBegun(incident).has(event.path)),
    [],
    'what was done by hand may not be done again',
  )
  await assertProven(damaged, incident)
}

async function died(ready: Ready, session: Session): Promise<string> {
  process.kill(session.terminal.pidOf(SCENARIO), 'SIGKILL')
  await session.terminal.ended()
  await lockIsDead(ready)
  return await session.incident()
}

/** The script with its end cut off after the command for `say`, as somebody works who goes line by line. */
function upTo(file: string, say: string): string {
  const text = readFileSync(file, 'utf8')
  const at = text.indexOf('\n\n', text.indexOf(`# CHANGE: ${say}`))
  const cut = `${file}.part`
  writeFileSync(cut, `${text.slice(0, at)}\n`)
  return cut
}
