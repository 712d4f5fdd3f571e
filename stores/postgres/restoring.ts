import type { Output } from '../../lib/command.ts'
import type { WorldState } from '../../runbook/model.ts'
import { DISK_FULL } from './explain.ts'
import type { PostgresMember } from './member.ts'

/** What the structure of a database shows of a restore: foreign keys come last. Its size tells a running one. */
export const STRUCTURE_QUERY = `SELECT json_build_object(
  'tables', (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')),
  'indexes', (SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')),
  'foreign_keys', (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0),
  'others', (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'pg_restore'),
  'bytes', pg_database_size(current_database()))`

interface Structure {
  tables: number
  indexes: number
  foreign_keys: number
  others: number
}

export function filled(o: Output, member: PostgresMember): WorldState {
  const text = o.stdout.trim()
  if (text === '') return 'absent'
  const { tables, indexes, foreign_keys, others } = JSON.parse(text) as Structure
  if (tables === 0) return 'absent'
  const expected = Object.keys(member.objects).filter(name => /^(?:INDEX (?!ATTACH )|CONSTRAINT )/.test(name))
  const all =
    tables >= member.tables.length && indexes >= expected.length && foreign_keys >= member.foreign_keys
  return all && others === 0 ? 'done' : 'partial'
}

const KNOWN: [RegExp, (match: RegExpExecArray) => string, string][] = [
  [
    DISK_FULL,
    () => 'the disk of PostgreSQL is full',
    'undo removes the half-filled copy; make room or grow the volume, then run it again',
  ],
  [
    /role "(.*)" does not exist/,
    match => `the backup needs the role "${match[1]}"`,
    'create it: it is in the roles beside the backup',
  ],
  [
    /extension "(.*)" is not available/,
    match => `the backup needs the extension "${match[1]}"`,
    'use the image that had it, or install its package',
  ],
]

export function explainRestore({ stderr }: Output): { message: string; hint: string } | undefined {
  for (const [pattern, message, hint] of KNOWN) {
    const match = pattern.exec(stderr)
    if (match) return { message: message(match), hint }
  }
  return undefined
}
