import { setTimeout as pause } from 'node:timers/promises'
import { exec } from '../../lib/exec.ts'
import { BACKUP, type Holder, holderOf } from '../../lib/lock.ts'
import { messageOf } from '../../lib/problem.ts'
import { isUp, stateOf } from '../../lib/runtime.ts'
import { storesOf, type Target } from '../../lib/target.ts'

/** The lock of a process that was killed stops within two seconds. */
const DYING_SECONDS = 5
/** A cold Neo4j on a slow disk. */
const STARTING_SECONDS = 300

/**
 * Starts the Neo4j that a killed backup has stopped for its dump. On a host its guardian has done so already; a
 * guardian in the container of the service dies with it, and this is what the restarted container does first.
 */
export async function endDeadRun(target: Target, tell: (line: string) => void): Promise<void> {
  const { runtime, root } = target
  try {
    const holder = await settled(target)
    if (!holder || holder.running || !holder.incident.startsWith(BACKUP)) return
    tell(`the ${holder.incident} was killed`)
    const states = async () => runtime.readStates(await exec(runtime.states(), { cwd: root }))
    for (const { service } of storesOf(target, 'neo4j')) {
      if (stateOf(await states(), service).state !== 'exited') continue
      tell(`it has left ${service} stopped: starting it`)
      await exec(runtime.start([service]), { cwd: root })
      // The run that was missed is caught up with next, and fails for a Neo4j that is not there yet.
      await until(async () => isUp(stateOf(await states(), service)))
    }
  } catch (error) {
    tell(`could not see whether a run was killed: ${messageOf(error)}`)
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < STARTING_SECONDS && !(await holds()); tries++) await pause(1000)
}

async function settled({ runtime, root }: Target): Promise<Holder | undefined> {
  let holder = await holderOf(runtime, root)
  for (let tries = 0; holder?.running && tries < DYING_SECONDS; tries++) {
    await pause(1000)
    holder = await holderOf(runtime, root)
  }
  return holder
}
