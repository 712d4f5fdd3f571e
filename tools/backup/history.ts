import { exec } from '../../lib/exec.ts'
import { plural } from '../../lib/format.ts'
import { badInput, EXIT, type ExitCode, messageOf } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import { type PostgresStore, storesOf, type Target } from '../../lib/target.ts'
import { type Candidate, catalogue } from '../../stores/backups.ts'
import { historyRow, writeHistory } from '../../stores/postgres/history.ts'
import { ownIo } from '../arguments.ts'
import type { VerifiedSet } from './verify.ts'

/** The table lies in the first PostgreSQL of the configuration. */
function historyStore(target: Target): PostgresStore | undefined {
  return storesOf(target, 'postgres')[0]
}

/**
 * Notes a set in backup_history. The table is a copy for people and dashboards: a PostgreSQL that is away costs
 * nothing but a sentence, because the manifests in the bucket are the truth and the table is rebuilt from them.
 */
export async function noteInHistory(target: Target, { manifest, verification }: VerifiedSet): Promise<void> {
  const store = historyStore(target)
  if (!store) return
  const { set, members } = manifest
  const rows = members.map(member => {
    const found = verification.members.find(({ id }) => id === member.id)
    const verified = found && { at: verification.started, verdict: found.verdict, found: found.found }
    return historyRow({ id: member.id, set, member, verification: verified })
  })
  try {
    await exec(writeHistory(target, store, rows), { cwd: target.root })
  } catch (error) {
    const lines = [
      `backup_history was not written: ${messageOf(error)}`,
      'HINT: nothing is lost, the bucket has it all; later: npx tsx tools/restore-backup.ts --rebuild-catalogue',
    ]
    process.stderr.write(`${mask(lines.join('\n'))}\n`)
  }
}

/** Fills backup_history from the manifests, which survive the loss of PostgreSQL. */
export async function rebuildHistory(target: Target): Promise<ExitCode> {
  const store = historyStore(target)
  if (!store) throw badInput('the configuration has no PostgreSQL for backup_history')
  const { candidates, broken } = await catalogue(target, undefined, ownIo(target))
  await exec(writeHistory(target, store, candidates.map(historyRow), { all: true }), { cwd: target.root })
  process.stdout.write(`backup_history has ${told(candidates)}\n`)
  for (const { reason } of broken) process.stdout.write(`not in it: ${reason}\n`)
  return EXIT.recovered
}

function told(candidates: readonly Candidate[]): string {
  const sets = new Set(candidates.map(({ set }) => set)).size
  return `${plural(candidates.length, 'backup')} of ${plural(sets, 'set')}`
}
