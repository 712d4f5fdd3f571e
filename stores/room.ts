import type { Output } from '../lib/command.ts'
import { count } from '../lib/format.ts'
import type { Verdict } from '../runbook/model.ts'

export const KIB = 1024
const MIB = 1024 * 1024

/** POSIX `df -Pk`: the fourth column of its last line is what is free, in KiB. `needed` is in bytes. */
export function room(o: Output, needed: number): Verdict {
  const free = Number(o.stdout.trim().split('\n').at(-1)?.split(/\s+/)[3]) * KIB
  if (!Number.isFinite(free)) return { verdict: 'unchecked', found: 'df gave no figure' }
  const found = `${mib(free)} free, ${mib(needed)} needed`
  return { verdict: free > needed ? 'proven' : 'failed', found }
}

function mib(bytes: number): string {
  return `${count(Math.ceil(bytes / MIB))} MB`
}
