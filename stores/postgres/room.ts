import type { Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import { KIB, room } from '../room.ts'
import type { PostgresMember } from './member.ts'

/**
 * A side database needs what the old one took, temporary files for its indexes, and as much again for the
 * write-ahead log: a server whose log finds no room dies (PANIC), and takes its other databases with it.
 */
const GROWTH = 2.5

/** `df -Pk` of a volume; a line of `du -sk` after it is what has to be copied there besides. */
export function roomVerdict(o: Output, needed: number): Verdict {
  const [, filesystem = '', used = ''] = o.stdout.trim().split('\n')
  const copy = used === '' ? 0 : Number(used.split(/\s+/)[0]) * KIB
  if (!Number.isFinite(copy)) return { verdict: 'unchecked', found: 'df gave no figure' }
  return room({ ...o, stdout: filesystem }, needed * GROWTH + copy)
}

/** Bytes where PostgreSQL runs, for a side database of this backup. */
export function roomForPostgres({ database_bytes, size_bytes }: PostgresMember): number {
  return GROWTH * (database_bytes + size_bytes)
}
