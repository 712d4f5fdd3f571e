import type { Output } from '../../lib/command.ts'
import { count } from '../../lib/format.ts'
import type { Verdict } from '../../runbook/model.ts'

const KIB = 1024
const MIB = 1024 * 1024

/**
 * A side database needs what the old one took, temporary files for its indexes, and as much again for the
 * write-ahead log: a server whose log finds no room dies (PANIC), and takes its other databases with it.
 */
const GROWTH = 2.5

/**
 * POSIX `df -Pk` of a volume: the fourth column of its second line is what is free, in KiB. A line of
 * `du -sk` after it is what has to be copied there besides.
 */
export function roomVerdict(o: Output, needed: number): Verdict {
  const [, filesystem = '', used = ''] = o.stdout.trim().split('\n')
  const free = Number(filesystem.split(/\s+/)[3]) * KIB
  const copy = used === '' ? 0 : Number(used.split(/\s+/)[0]) * KIB
  if (!Number.isFinite(free) || !Number.isFinite(copy))
    return { verdict: 'unchecked', found: 'df gave no figure' }
  const all = needed * GROWTH + copy
  const found = `${mib(free)} free, ${mib(all)} needed`
  return { verdict: free > all ? 'proven' : 'failed', found }
}

function mib(bytes: number): string {
  return `${count(Math.ceil(bytes / MIB))} MB`
}
