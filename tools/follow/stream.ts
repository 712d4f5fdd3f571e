import { setTimeout as pause } from 'node:timers/promises'
import { exec } from '../../lib/exec.ts'
import type { Recorded } from '../../lib/journal.ts'
import { BACKUP, type Holder, holderOf } from '../../lib/lock.ts'
import { isEvent, Records } from '../../lib/records.ts'
import type { Target } from '../../lib/target.ts'

const LOOK_MS = 500

/** What a follower is told: another holder, whose log begins from the begin of the incident; or an event of it. */
export type Heard = { holder: Holder } | { event: Recorded }

/** How often one looks whether somebody goes on with what was handed over, before one believes that nobody does. */
const LOOKS_AFTER_HANDOVER = 60

type Listener = (what: Heard) => void | Promise<void>

/**
 * Follows the lock of a target through its daemon: the run that holds it and, when it is handed over, the one that
 * goes on. Ends when nobody holds it any more; `wait` waits for somebody first.
 */
export async function followLock(
  target: Target,
  { wait, signal }: { wait: boolean; signal: AbortSignal },
  heard: Listener,
): Promise<void> {
  const { runtime, root } = target
  let known: string | undefined
  let looks = wait ? Number.POSITIVE_INFINITY : 1
  let passed = false
  while (looks-- > 0 && !signal.aborted) {
    const holder = await holderOf(runtime, root)
    // The client may have lost the daemon: as long as the container runs there is more to come.
    if (holder && !holder.incident.startsWith(BACKUP) && (holder.running || holder.id !== known)) {
      known = holder.id
      // A container that goes before it has said anything changes nothing.
      passed = (await followHolder(target, holder, signal, heard)) ?? passed
      looks = passed ? LOOKS_AFTER_HANDOVER : 1
    } else if (holder?.reservedFor && holder.id === known) return
    if (looks > 0) await pause(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Up to the end of the container, or of the client. Gives whether it was handed over, if it has told anything. */
async function followHolder(
  { runtime, root }: Target,
  holder: Holder,
  signal: AbortSignal,
  heard: Listener,
): Promise<boolean | undefined> {
  await heard({ holder })
  let passed: boolean | undefined
  const records = new Records()
  const sink = (chunk: Buffer) => {
    for (const event of records.add(chunk).filter(isEvent)) {
      if (event.kind === 'handed') passed = true
      else if (event.kind === 'resumed') passed = false
      else passed ??= false
      void heard({ event })
    }
  }
  await exec(runtime.logOf(holder.id, { follow: true }), { cwd: root, signal, sink }).catch(() => undefined)
  return passed
}
