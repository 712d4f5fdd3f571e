import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../lib/exec.ts'
import { stamp } from '../lib/format.ts'
import { holderOf } from '../lib/lock.ts'
import { badInput, EXIT, Problem } from '../lib/problem.ts'
import type { QdrantStore, Target } from '../lib/target.ts'
import { perform, program } from '../runbook/perform.ts'
import { backUp } from '../steps/back-up.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Backs up now: every Qdrant store, read back and recovered once before the set counts.

  npx tsx tools/backup-service.ts --run-once [--config file]

Exit code 0 when the set is verified; 1 when a command failed, 2 when a check failed, 75 during a recovery.`

await program(async () => {
  const { values } = readArguments(HELP, { 'run-once': { type: 'boolean' } })
  if (!values['run-once']) throw badInput('what is it to do?', 'take a backup with --run-once')
  const target = targetFrom(values)
  await refuseDuringRecovery(target)
  for (const store of Object.values(target.stores))
    if (store.kind === 'qdrant') await backUpStore(target, store)
  return undefined
})

async function backUpStore(target: Target, store: QdrantStore): Promise<void> {
  const id = stamp(new Date())
  const folder = `.backup/${id}`
  try {
    await perform(backUp, { target, store, run: { id, folder } })
  } finally {
    rmSync(join(target.root, folder), { recursive: true, force: true })
  }
}

/** A backup in the middle of a recovery would save a half-restored store. */
async function refuseDuringRecovery(target: Target): Promise<void> {
  await exec(target.runtime.version(), { cwd: target.root })
  const holder = await holderOf(target.runtime, target.root)
  if (!holder?.running) return
  throw new Problem(`a recovery runs on ${target.runtime.project} (incident ${holder.incident})`, {
    exitCode: EXIT.locked,
    hint: 'take the backup when it has ended',
  })
}
