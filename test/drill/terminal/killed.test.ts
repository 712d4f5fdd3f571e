import { basename } from 'node:path'
import { setAside } from '../../../lab/drills/reads.ts'
import { isIntact, look } from '../../../lab/oracle.ts'
import { readCorpus } from '../../../lab/seed/corpus.ts'
import { bucketOf } from '../../../lab/target.ts'
import { Objects } from '../../../lib/objects.ts'
import { assert, describe } from '../../describe.ts'
import { KEY } from '../../pty.ts'
import { onGround, type Ready } from '../ground.ts'
import { assertReleased } from '../released.ts'
import { COMMAND, type Gate, gate, type Manner } from './gate.ts'
import { assertProven, type Damage, damage, lockIsDead, writesBegun } from './recovery.ts'
import {
  answered,
  eventsOf,
  reached,
  resumeScenario,
  SCENARIO,
  type Session,
  startScenario,
  typePhrase,
} from './session.ts'

const LIMIT = { seconds: 600 }

/** A command at which program and command are killed together; or what the journal says has just begun. */
type Point = { command: readonly [program: string, pattern: string]; manner: Manner } | string

describe('kill -9 of the program, then --resume', suite => {
  const ready = onGround(suite)
  suite.test(
    'in the download, in the upload, between the switch and its line in the journal, and at the start of the services',
    async () =>
      void (await killedAt(ready(), 'documents', [
        'download the backup',
        { command: COMMAND.upload, manner: 'before' },
        { command: COMMAND.switch, manner: 'after' },
        { command: COMMAND.start, manner: 'before' },
      ])),
    LIMIT,
  )
  suite.test(
    'when a collection has been set aside by its physical name, before the journal knows it; it is released then',
    () => releasedFolder(ready()),
    LIMIT,
  )
})

async function releasedFolder(ready: Ready): Promise<void> {
  const { target } = ready
  const incident = await killedAt(ready, 'packages', [{ command: COMMAND.aside, manner: 'after' }])
  const kept = async () => (await setAside(target)).filter(path => path.endsWith('/packages'))
  await assertReleased(target, incident, kept)
  assert.equal(await setAside(target), [])
  assert.ok(isIntact(await look(target, 'packages', readCorpus(target.root))))
}

/** Gives the folder of the incident. */
async function killedAt(ready: Ready, collection: string, points: readonly Point[]): Promise<string> {
  const damaged = await damage(ready, collection)
  const interrupted = new Set<string>()
  let incident: string | undefined
  for (const point of points) {
    const held = typeof point === 'string' ? undefined : gate(...point.command, point.manner)
    const session = begin(damaged, incident, held?.env)
    if (typeof point === 'string') await reached(session, 'started', event => event.say.startsWith(point))
    else await typePhrase(session)
    await held?.reached()
    incident = await session.incident()
    if (held) interrupted.add(inFlight(incident))
    process.kill(session.terminal.pidOf(SCENARIO), 'SIGKILL')
    held?.kill()
    assert.is.not(await session.terminal.ended(), 0)
    await lockIsDead(ready)
  }
  const held = await heldBy(ready, incident!)
  assert.equal(held, [true, true], 'the backup and its manifest are held while the incident is open')
  const last = startScenario(ready.target)
  // The next person need not know of it: the dead run is shown, and going on with it comes first.
  await last.terminal.sees(/a run by[\s\S]*died[\s\S]{1,8}\(incident/)
  last.terminal.type(KEY.enter)
  await typePhrase(last)
  assert.is(await last.terminal.ended(), 0, last.terminal.text())
  await assertProven(damaged, incident!)
  assert.equal(await heldBy(ready, incident!), undefined, 'nothing is held any more')
  const repeated = [...writesBegun(incident!)].filter(([path, times]) => times > 1 && !interrupted.has(path))
  assert.equal(repeated, [], 'nothing that was finished may be done again')
  return incident!
}

/** Whether each object that the incident has noted is held by MinIO; undefined when it has noted none. */
async function heldBy({ target }: Ready, incident: string): Promise<boolean[] | undefined> {
  const objects = new Objects(bucketOf(target))
  const note = `incidents/${target.project}/${basename(incident)}.held.json`
  if (!(await objects.find(note))) return undefined
  const { keys } = JSON.parse(await objects.text(note)) as { keys: string[] }
  return Promise.all(keys.map(key => objects.isHeld(key)))
}

function begin({ ready, victim }: Damage, incident: string | undefined, env?: Gate['env']): Session {
  if (incident) return resumeScenario(ready.target, incident, SCENARIO, env)
  return startScenario(ready.target, answered(victim.physical), SCENARIO, env)
}

/** The write that was begun last and whose end the journal does not know. */
function inFlight(incident: string): string {
  const events = eventsOf(incident)
  const begun = events.findLast(event => event.kind === 'started')
  assert.ok(begun?.kind === 'started' && begun.effect === 'write', 'a write must be in flight')
  const { path, at } = begun
  const ended = events.some(event => event.kind === 'finished' && event.path === path && event.at >= at)
  assert.not(ended, 'it was killed too late: nothing was interrupted')
  return path
}
