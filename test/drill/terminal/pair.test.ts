import { aliasesOf } from '../../../lab/drills/reads.ts'
import { assert, describe } from '../../describe.ts'
import { KEY, type Terminal } from '../../pty.ts'
import { onGround, type Ready } from '../ground.ts'
import { assertLeftClean, assertNoSecrets, assertProven, damage } from './recovery.ts'
import { predict, secondTerminal } from './second.ts'
import { answered, eventsOf, reached, type Session, startScenario, typePhrase } from './session.ts'

const LIMIT = { seconds: 600 }
const FOLLOW = 'tools/follow.ts'
const UPLOAD = 'recover the snapshot under a fresh name'
const SWITCH = 'point the alias at the proven collection'

describe('two people at two terminals', suite => {
  const ready = onGround(suite)
  suite.test(
    'recover Qdrant; a navigator who is gone is missed, a wrong prediction is caught before the switch',
    () => paired(ready()),
    LIMIT,
  )
})

async function paired(ready: Ready): Promise<void> {
  const damaged = await damage(ready)
  const live = await aliasesOf(ready.target)
  const driver = startScenario(ready.target, [...answered(), '--pair'])
  await typePhrase(driver)
  await leaves(ready, driver)
  const navigator = secondTerminal(ready, FOLLOW, ['--navigate', '--name', 'ann'])
  await predict(navigator, UPLOAD, '12,345 points')
  for (const shown of ['is not as predicted', 'expected: 12,345 points', 'seen:', 'What now?'])
    await driver.terminal.sees(shown)
  assert.equal(await aliasesOf(ready.target), live, 'nothing that the platform sees may have changed')
  await navigator.sees('NOT AS PREDICTED')
  await talk(driver.terminal)
  const ended = driver.terminal.ended()
  await answerTheRest(driver, navigator, ended)
  assert.is(await ended, 0, driver.terminal.text())
  await navigator.sees('the run has ended: recovered and proven')
  assert.is(await navigator.ended(), 0, navigator.text())
  await assertLeftClean(ready, driver.terminal)
  const incident = await driver.incident()
  await assertProven(damaged, incident)
  assertJournal(incident)
  assertNoSecrets(ready, incident, [driver.terminal.raw(), navigator.raw()])
}

/** The first navigator answers once, is killed at the next question, and is missed at once. */
async function leaves(ready: Ready, driver: Session): Promise<void> {
  const first = secondTerminal(ready, FOLLOW, ['--navigate', '--name', 'ben'])
  const { say } = await reached(driver, 'asked')
  await first.sees(`! ${say}`)
  first.type(`yes${KEY.enter}`)
  await first.sees('say what you expect to see')
  first.type(`done${KEY.enter}`)
  await reached(driver, 'predicted', event => event.by === 'ben')
  await first.sees(`! ${UPLOAD}`)
  process.kill(first.pidOf(FOLLOW), 'SIGKILL')
  for (const shown of ['the navigator has left', 'What now?', '● wait for the navigator again'])
    await driver.terminal.sees(shown)
  driver.terminal.type(KEY.enter)
  assert.is.not(await first.ended(), 0)
}

async function talk(driver: Terminal): Promise<void> {
  driver.type(KEY.down)
  await driver.sees('● we have talked about it: go on')
  driver.type(KEY.enter)
  await driver.sees('What did you find')
  driver.type(`the count was that of yesterday${KEY.enter}`)
}

/** Every write after the one that was talked about. */
async function answerTheRest(driver: Session, navigator: Terminal, ended: Promise<number>): Promise<void> {
  const incident = await driver.incident()
  const predicted = () =>
    eventsOf(incident).flatMap(event => (event.kind === 'predicted' ? [event.path] : []))
  const next = () =>
    reached(driver, 'asked', ({ path }) => !predicted().includes(path)).then(event => ({ event }))
  for (;;) {
    const now = await Promise.race([next(), ended.then(() => ({ event: undefined }))])
    if (!now.event) return
    const { path, say } = now.event
    await predict(navigator, say, 'done')
    await reached(driver, 'predicted', event => event.path === path)
  }
}

function assertJournal(incident: string): void {
  const events = eventsOf(incident)
  const at = (holds: (event: (typeof events)[number]) => boolean) => events.findIndex(holds)
  const differs = at(event => event.kind === 'compared' && !event.agrees)
  const switched = at(event => event.kind === 'started' && event.say.startsWith(SWITCH))
  const compared = events[differs]
  assert.ok(compared?.kind === 'compared' && compared.say.startsWith(UPLOAD))
  assert.is(compared.expects, '12,345 points')
  assert.match(compared.outcome.join('\n'), /proven: [\d,]+ points/)
  assert.ok(differs < switched, 'it must be caught before the switch')
  assert.ok(
    events.some(event => event.kind === 'note' && event.text.endsWith(': the count was that of yesterday')),
  )
  const confirmed = at(event => event.kind === 'confirmed')
  const writes = events.slice(confirmed).filter(event => event.kind === 'started' && event.effect === 'write')
  for (const write of writes) {
    const asked = events.filter(
      event => event.kind === 'predicted' && 'path' in write && event.path === write.path,
    )
    assert.is(asked.length, 1, `${'say' in write ? write.say : ''} must have one prediction`)
  }
}
