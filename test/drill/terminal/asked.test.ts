import { assert, describe } from '../../describe.ts'
import { KEY } from '../../pty.ts'
import { onGround, type Ready } from '../ground.ts'
import { besidesIncidents, worldOf } from '../world.ts'
import { assertCursor, assertNoSecrets, assertProven, containerNamed, damage } from './recovery.ts'
import { answered, QUESTIONS, type Session, startScenario, typePhrase } from './session.ts'
import { writersRun } from './writers.ts'

const LIMIT = { seconds: 600 }

describe('a person at a terminal', suite => {
  const ready = onGround(suite)
  suite.test(
    'Ctrl-C or Esc at every prompt declines, and changes nothing',
    () => declinesEverywhere(ready()),
    LIMIT,
  )
  suite.test(
    'a wrong time, a wrong phrase, somebody else in between; then recovered and proven',
    () => recoversByHand(ready()),
    LIMIT,
  )
})

async function declinesEverywhere(ready: Ready): Promise<void> {
  const before = besidesIncidents(await worldOf(ready.target))
  const keys = [KEY.ctrlC, KEY.escape]
  for (const [index, [, shown]] of QUESTIONS.entries()) {
    await declines(ready, answeredUpTo(index), shown, keys[index % keys.length]!)
  }
  for (const key of keys) await declines(ready, answered(), 'Type the phrase', key)
  assert.equal(besidesIncidents(await worldOf(ready.target)), before)
}

async function declines(ready: Ready, args: readonly string[], shown: string, key: string): Promise<void> {
  const { terminal } = startScenario(ready.target, args)
  await terminal.sees(shown)
  terminal.type(key)
  assert.is(await terminal.ended(), 3, terminal.text())
  assert.match(terminal.text(), /declined[\s\S]*HINT: /)
  assert.is(await containerNamed(ready), undefined)
}

/** The answers of all questions before this one. */
function answeredUpTo(index: number): string[] {
  const known = QUESTIONS.slice(0, index).map(([id]) => `${id}=`)
  const all = answered()
  return all.flatMap((word, at) =>
    known.some(start => word.startsWith(start)) ? [all[at - 1] ?? '', word] : [],
  )
}

async function recoversByHand(ready: Ready): Promise<void> {
  const damaged = await damage(ready)
  const session = startScenario(ready.target)
  const { terminal } = session
  await answerByHand(session)
  await terminal.sees('Type the phrase to go on:')
  terminal.type(`please${KEY.enter}`)
  await terminal.sees('is not the phrase')
  assert.not(await writersRun(ready), 'they were to stop at once')
  await isRefused(ready)
  await typePhrase(session)
  assert.is(await terminal.ended(), 0, terminal.text())
  assert.match(terminal.text(), 'Recovered and proven')
  const incident = await session.incident()
  await assertProven(damaged, incident)
  assertNoSecrets(ready, incident, [terminal.raw()])
  assertCursor(terminal)
}

/** What is suggested, but for the time: first no time at all, then the suggestion. */
async function answerByHand({ terminal }: Session): Promise<void> {
  for (const [id, shown] of QUESTIONS) {
    await terminal.sees(shown)
    if (id === 'detected') {
      terminal.type(`yesterday, I think${KEY.enter}`)
      await terminal.sees('a time such as')
      await terminal.sees(shown)
    }
    terminal.type(KEY.enter)
  }
}

/** A second run on the same target: refused, and told by whom. */
async function isRefused(ready: Ready): Promise<void> {
  const { terminal } = startScenario(ready.target, answered())
  assert.is(await terminal.ended(), 75, terminal.text())
  assert.match(terminal.text(), /is held by \S+ on \S+[\s\S]*HINT: /)
  assert.is(await containerNamed(ready), 'running')
}
