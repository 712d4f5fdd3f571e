import type { Recorded } from '../../../lib/journal.ts'
import { assert, describe } from '../../describe.ts'
import { onGround, type Ready } from '../ground.ts'
import { assertProven, damage, lockIsDead, writesBegun } from './recovery.ts'
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

/** What the journal says has just begun when the program is killed, and on which collection. */
const POINTS: [string, string][] = [
  ['download the backup', 'documents'],
  ['recover the snapshot under a fresh name', 'documents'],
  ['point the alias at the proven collection', 'documents'],
]

describe('kill -9 of the program, then --resume', suite => {
  const ready = onGround(suite)
  for (const [say, collection] of POINTS) {
    suite.test(`in "${say}" (${collection})`, () => killedAt(ready(), say, collection), LIMIT)
  }
})

async function killedAt(ready: Ready, say: string, collection: string): Promise<void> {
  const damaged = await damage(ready, collection)
  const first = startScenario(ready.target, answered(damaged.victim.physical))
  const begun = reached(first, 'started', event => event.say.startsWith(say))
  if (!say.startsWith('download')) await typePhrase(first)
  const { path } = await begun
  process.kill(first.terminal.pidOf(SCENARIO), 'SIGKILL')
  assert.is.not(await first.terminal.ended(), 0)
  const incident = await first.incident()
  assert.not(eventsOf(incident).some(isFinished(path)), 'it was killed too late: nothing was interrupted')
  await lockIsDead(ready)
  const second = resumeScenario(ready.target, incident)
  await typePhrase(second)
  assert.is(await second.terminal.ended(), 0, second.terminal.text())
  await assertProven(damaged, incident)
  const repeated = [...writesBegun(incident)].filter(([each, times]) => times > 1 && each !== path)
  assert.equal(repeated, [], 'nothing that was finished may be done again')
}

function isFinished(path: string) {
  return (event: Recorded) => event.kind === 'finished' && event.path === path
}
