import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../lib/exec.ts'
import { stamp } from '../lib/format.ts'
import { BACKUP, holderOf, type Lock, lockImage, takeLock } from '../lib/lock.ts'
import { badInput, EXIT, type ExitCode, messageOf, Problem, problemLines } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import { type Store, storesOf, type Target } from '../lib/target.ts'
import { perform, program } from '../runbook/perform.ts'
import { writeSet } from '../steps/back-up.ts'
import { stepsFor } from '../steps/by-kind.ts'
import type { Run } from '../stores/base.ts'
import type { Member } from '../stores/manifest.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Backs up now: every store, each read back and proven before the set counts.

  npx tsx tools/backup-service.ts --run-once [--config file]

A store that fails does not stop the others; it is recorded as failed, with its reason.
Exit code 0 when the set is verified; 1 when a store failed, 75 during a recovery.`

await program(async () => {
  const { values } = readArguments(HELP, { 'run-once': { type: 'boolean' } })
  if (!values['run-once']) throw badInput('what is it to do?', 'take a backup with --run-once')
  const target = targetFrom(values)
  const id = stamp(new Date())
  // Two installations may be backed up from one directory, in the same second.
  const run = { id, folder: `.backup/${target.runtime.project}-${id}` }
  const lock = await lockFor(target, `${BACKUP}${id}`)
  try {
    return await backUp(target, run)
  } finally {
    rmSync(join(target.root, run.folder), { recursive: true, force: true })
    await lock.release()
  }
})

/** Dependents first, the system of record last: every reference then finds its row in the later dump. */
function inOrder(target: Target): Store[] {
  return [...storesOf(target, 'qdrant'), ...storesOf(target, 'neo4j'), ...storesOf(target, 'postgres')]
}

async function backUp(target: Target, run: Run): Promise<ExitCode> {
  const members: Member[] = []
  for (const store of inOrder(target)) members.push(await memberOf(target, store, run))
  const failed = members.filter(member => member.status === 'failed')
  await perform(writeSet, { target, run, members })
  return failed.length === 0 ? EXIT.recovered : EXIT.commandFailed
}

async function memberOf(target: Target, store: Store, run: Run): Promise<Member> {
  try {
    const { member } = await perform(stepsFor(store.kind).backUp, { target, store, run }, { takeBack: true })
    return member
  } catch (error) {
    if (error instanceof Problem && error.exitCode === EXIT.interrupted) throw error
    for (const line of problemLines(error)) process.stderr.write(`${mask(line)}\n`)
    const { name, kind } = store
    return { id: `${name}_${run.id}`, store: name, kind, status: 'failed', reason: mask(messageOf(error)) }
  }
}

/**
 * A backup in the middle of a recovery would save a half-restored store and start what the recovery has
 * stopped, and the other way round: so both take the same lock. A recovery that died counts as open.
 */
async function lockFor(target: Target, name: string): Promise<Lock> {
  const { runtime, root } = target
  await exec(runtime.version(), { cwd: root })
  const holder = await holderOf(runtime, root)
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
