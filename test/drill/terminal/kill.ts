import { assert } from '../../describe.ts'
import { assertRecovered, type Damaged } from '../recovered.ts'
import { lockIsDead, writesBegun } from './recovery.ts'
import { eventsOf, reached, resumeScenario, startScenario, typePhrase } from './session.ts'

interface Recovery {
  scenario: string
  /** Everything but the phrase. */
  answers: readonly string[]
  /** `kill -9` as each of these is begun, in their order: how the sentence of a write in the journal begins. */
  killedAt: readonly string[]
}

/**
 * One recovery that is killed again and again and gone on with each time; it must end proven, nothing done twice. Gives the
 * folder of its incident.
 */
export async function killedAndResumed(
  damaged: Damaged,
  { scenario, answers, killedAt }: Recovery,
): Promise<string> {
  const { ready } = damaged
  const interrupted: string[] = []
  let session = startScenario(ready.target, answers, scenario)
  for (const say of killedAt) {
    const begun = reached(session, 'started', event => event.say.startsWith(say))
    await typePhrase(session)
    const { path } = await begun
    process.kill(session.terminal.pidOf(scenario), 'SIGKILL')
    assert.is.not(await session.terminal.ended(), 0)
    const incident = await session.incident()
    assert.not(isFinished(incident, path), `it was killed too late: "${say}" was not interrupted`)
    interrupted.push(path)
    await lockIsDead(ready)
    session = resumeScenario(ready.target, incident, scenario)
  }
  await typePhrase(session)
  assert.is(await session.terminal.ended(), 0, session.terminal.text())
  await assertRecovered(damaged)
  const incident = await session.incident()
  const begun = [...writesBegun(incident)]
  const repeated = begun.filter(([path, times]) => times > 1 && !interrupted.includes(path))
  assert.equal(repeated, [], 'nothing that was finished may be done again')
  return incident
}

function isFinished(incident: string, path: string): boolean {
  return eventsOf(incident).some(event => event.kind === 'finished' && event.path === path)
}
