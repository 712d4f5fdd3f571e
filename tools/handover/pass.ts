import { setTimeout as pause } from 'node:timers/promises'
import { exec, hold } from '../../lib/exec.ts'
import { stamp } from '../../lib/format.ts'
import type { Recorded } from '../../lib/journal.ts'
import { type Holder, holderOf, lockName, reservation, told } from '../../lib/lock.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import { type Message, recordLine } from '../../lib/records.ts'
import type { Target } from '../../lib/target.ts'
import { eventsOfLock } from '../../runbook/inherit.ts'
import { type Doing, newRun, tell, writesInFlight } from '../follow/state.ts'

const LOOK_MS = 500
/** A run that is awake says its last word within this time; one that sleeps is refused when it wakes up. */
const LAST_WORD_MS = 10_000

type Handing = Message & { kind: 'handing' }

export interface Passing {
  holder: Holder
  incident: string
  handing: Handing
  /** How long the place is kept. */
  seconds: number
  /** Told what is waited for. */
  say: (text: string) => void
}

/**
 * Passes the lock on. The first run is told and begins nothing further; when no write is in flight its container is
 * exchanged for one that has the same log and keeps the place. Throws a Problem when somebody comes in between.
 */
export async function passOn(target: Target, passing: Passing): Promise<void> {
  const { runtime, root } = target
  const { holder, handing, incident, seconds } = passing
  await exec(runtime.speakIn(holder.id, recordLine(handing).trimEnd()), { cwd: root })
  const events = await quiet(target, passing)
  const name = `${lockName(runtime)}-${stamp(new Date())}`
  const { image } = runtime.readLikeness(await exec(runtime.likeness(holder.id), { cwd: root }))
  const labels = reservation(incident, handing.to)
  await exec(runtime.reserve(name, image, labels, seconds), { cwd: root })
  try {
    await writeLog(target, name, withHandover(events, handing))
    // From here on whoever asks for the lock does not find the first run any more.
    await exec(runtime.removeContainer(holder.id), { cwd: root })
    await exec(runtime.renameContainer(name, lockName(runtime)), { cwd: root })
  } catch (error) {
    await exec(runtime.removeContainer(name), { cwd: root }).catch(() => undefined)
    throw error
  }
}

/** Waits until no write is in flight and the run has said its last word, or says none. Gives all that it said. */
async function quiet(target: Target, { holder, say }: Passing): Promise<Recorded[]> {
  const begun = Date.now()
  let said = ''
  for (;;) {
    const events = await eventsOfLock(target.runtime, target.root, holder)
    const run = newRun()
    for (const event of events) tell(run, event)
    const now = await holderOf(target.runtime, target.root)
    if (now?.id !== holder.id) throw somebodyElse(target.runtime.project, now)
    if (run.closed || !now.running) return events
    const [write] = writesInFlight(run)
    if (!write && Date.now() - begun > LAST_WORD_MS) return events
    const waits = write ? waitsFor(write) : 'waiting until the first terminal has let go'
    if (waits !== said) say(waits)
    said = waits
    await pause(LOOK_MS)
  }
}

function waitsFor({ say }: Doing): string {
  return `waiting until this has ended: ${say} (Ctrl-C gives up; the run stops after it)`
}

/** The run has written it itself when it was awake. */
function withHandover(events: readonly Recorded[], { from, to, note }: Handing): Recorded[] {
  if (events.some(event => event.kind === 'handed' && event.note === note && event.to === to))
    return [...events]
  return [...events, { at: new Date().toISOString(), kind: 'handed', from, to, note }]
}

/** Whoever resumes on another machine rebuilds the journal from this log, so it must have all of it. */
async function writeLog({ runtime, root }: Target, container: string, events: Recorded[]): Promise<void> {
  const channel = await hold(runtime.speakIn(container, ''), { cwd: root })
  for (const event of events) channel.write(told(event))
  await channel.end()
  const arrived = await eventsOfLock(runtime, root, { id: container })
  if (arrived.length === events.length) return
  throw new Problem(`only ${arrived.length} of ${events.length} events have reached the new container`, {
    hint: 'nothing was passed on: try again',
    tail: [channel.said()],
  })
}

function somebodyElse(project: string, now: Holder | undefined): Problem {
  const who = now ? `${now.operator} on ${now.host} holds ${project} now` : `nobody holds ${project} any more`
  return new Problem(`the run has ended meanwhile: ${who}`, {
    exitCode: EXIT.locked,
    hint: 'npx tsx tools/follow.ts shows who works on it',
  })
}
