import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../../lib/exec.ts'
import { stamp } from '../../lib/format.ts'
import { BACKUP, holderOf, isOurs, type Lock, lockImage, takeLock } from '../../lib/lock.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import type { Target } from '../../lib/target.ts'
import type { Run } from '../../stores/base.ts'

/** Where the runs of the backup service keep their files, below the target's root. */
const ROOM = '.backup'

/** Does something under the lock of the target, with a folder of its own that is gone afterwards. */
export async function alone<T>(target: Target, work: (run: Run) => Promise<T>): Promise<T> {
  const id = stamp(new Date())
  // Two installations may be backed up from one directory, in the same second.
  const run = { id, folder: `${ROOM}/${target.runtime.project}-${id}` }
  return underLock(target, id, async () => {
    try {
      removeLeftovers(target)
      return await work(run)
    } finally {
      rmSync(join(target.root, run.folder), { recursive: true, force: true })
    }
  })
}

/** Does something under the lock of the target that no later run has to go on with. */
export async function underLock<T>(target: Target, name: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockFor(target, `${BACKUP}${name}`)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** The lock of the recovery that has started this program, and that watches over it itself. */
const BORROWED: Lock = {
  check: () => undefined,
  confirm: async () => undefined,
  tell: () => undefined,
  hear: () => undefined,
  passed: new AbortController().signal,
  release: async () => undefined,
}

/**
 * A backup in the middle of a recovery would save a half-restored store and start what the recovery has
 * stopped, and the other way round: so both take the same lock. A recovery that died counts as open.
 */
async function lockFor(target: Target, name: string): Promise<Lock> {
  const { runtime, root } = target
  await exec(runtime.version(), { cwd: root })
  const holder = await holderOf(runtime, root)
  if (holder?.running && isOurs(holder)) return BORROWED
  if (holder && !holder.incident.startsWith(BACKUP)) {
    const state = holder.running ? 'runs' : 'was begun and has died'
    throw new Problem(`a recovery ${state} on ${runtime.project} (incident ${holder.incident})`, {
      exitCode: EXIT.locked,
      hint: 'take the backup when it has ended; one that died goes on with --resume',
    })
  }
  // Any store's image will do.
  const { service } = Object.values(target.stores)[0]!
  return takeLock(runtime, root, name, await lockImage(runtime, root, service))
}

/** Whoever holds the lock is alone: other folders of this project are those of killed runs. */
function removeLeftovers({ root, runtime }: Target): void {
  const room = join(root, ROOM)
  const ours = new RegExp(`^${runtime.project}-\\d{8}_\\d{6}$`)
  let names: string[] = []
  try {
    names = readdirSync(room)
  } catch {
    return
  }
  for (const name of names) if (ours.test(name)) rmSync(join(room, name), { recursive: true, force: true })
}
