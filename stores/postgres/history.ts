import type { Command } from '../../lib/command.ts'
import { timeOf } from '../../lib/format.ts'
import type { PostgresStore, Target } from '../../lib/target.ts'
import type { Candidate } from '../backups.ts'
import { script } from './commands.ts'
import { literal } from './sql.ts'

/** A line of backup_history. The first six columns are those of the paper runbook, and its queries use them. */
export interface HistoryRow {
  backup_id: string
  backup_type: string
  timestamp: string
  checksum: string | null
  size_bytes: number | null
  /** `failed` also when it was written and could not be proven afterwards. */
  status: 'success' | 'failed'
  set_id: string
  reason: string | null
  verification: string | null
  verified_at: string | null
}

/** A platform may have the paper's table already; what is there is kept, what is missing is added. */
const COLUMNS = {
  backup_id: 'text PRIMARY KEY',
  backup_type: 'text NOT NULL',
  timestamp: 'timestamptz NOT NULL',
  checksum: 'text',
  size_bytes: 'bigint',
  status: 'text NOT NULL',
  set_id: 'text',
  reason: 'text',
  verification: 'text',
  verified_at: 'timestamptz',
}
const NAMES = Object.keys(COLUMNS)

export function historyRow({
  id,
  set,
  member,
  verification,
}: Pick<Candidate, 'id' | 'set' | 'member' | 'verification'>): HistoryRow {
  const saved = member.status === 'success' ? member : undefined
  const condemned = verification?.verdict === 'failed' ? verification.found : undefined
  const reason = member.status === 'failed' ? member.reason : condemned
  return {
    backup_id: id,
    backup_type: member.kind,
    timestamp: saved?.started ?? timeOf(set.replace('set_', '')),
    checksum: saved?.sha256 ?? null,
    size_bytes: saved?.size_bytes ?? null,
    status: reason === undefined ? 'success' : 'failed',
    set_id: set,
    reason: reason ?? null,
    verification: verification?.verdict ?? null,
    verified_at: verification?.at ?? null,
  }
}

/**
 * Puts these rows into backup_history, making or completing the table. With `all` they are everything that
 * the bucket holds, and other rows get the time at which they were missed: a history forgets nothing.
 */
export function writeHistory(
  target: Target,
  store: PostgresStore,
  rows: readonly HistoryRow[],
  { all = false } = {},
): Command {
  const statements = ['BEGIN', ...table(), upsert(rows), ...(all ? [missed(rows)] : []), 'COMMIT']
  return script({ target, store }, `${statements.join(';\n')};`, { database: store.database, seconds: 120 })
}

function table(): string[] {
  const [id, ...others] = Object.entries(COLUMNS)
  return [
    // "relation exists, skipping" is no news.
    'SET LOCAL client_min_messages = warning',
    `CREATE TABLE IF NOT EXISTS backup_history (${id!.join(' ')})`,
    // A column that may not be empty cannot be added to a table with rows; only a table of the paper has those.
    ...[...others, ['removed_at', 'timestamptz']].map(
      ([name, type]) =>
        `ALTER TABLE backup_history ADD COLUMN IF NOT EXISTS ${name} ${type!.replace(' NOT NULL', '')}`,
    ),
  ]
}

function upsert(rows: readonly HistoryRow[]): string {
  const types = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type.split(' ')[0]}`)
  const changes = NAMES.slice(1).map(name => `${name} = excluded.${name}`)
  return `INSERT INTO backup_history (${NAMES.join(', ')})
SELECT ${NAMES.join(', ')} FROM jsonb_to_recordset(${literal(JSON.stringify(rows))}) AS one (${types.join(', ')})
ON CONFLICT (backup_id) DO UPDATE SET ${changes.join(', ')}, removed_at = NULL`
}

function missed(rows: readonly HistoryRow[]): string {
  const there = literal(JSON.stringify(rows.map(row => row.backup_id)))
  return `UPDATE backup_history SET removed_at = now()
WHERE removed_at IS NULL AND NOT jsonb_exists(${there}, backup_id)`
}
