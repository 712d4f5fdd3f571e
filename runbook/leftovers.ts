import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Recorded } from '../lib/journal.ts'

/**
 * Ends commands that a dead run has left behind on this host: they run in process groups of their own and
 * outlive it, and a late one would write beside the resumed run. Gives a sentence per ended command.
 */
export function endLeftovers(before: readonly Recorded[]): string[] {
  const last = before.findLast(event => event.kind === 'opened' || event.kind === 'resumed')
  if (!last || !('host' in last) || last.host !== hostname()) return []
  // The process ids are those of another machine.
  if ('elsewhere' in last && last.elsewhere) return []
  return running(before).flatMap(({ pid, command }) => {
    if (!isStill(pid, command)) return []
    process.kill(-pid, 'SIGTERM')
    return [`ended what the dead run had left behind: process ${pid}, ${command}`]
  })
}

/**
 * Names of the one-off containers that a dead run was using when it died: ending their client does not end
 * them, and the name would be taken when the resumed run needs it.
 */
export function containersLeft(before: readonly Recorded[]): string[] {
  return running(before).flatMap(
    ({ command }) => /^docker compose run .*?--name (\S+)/.exec(command)?.[1] ?? [],
  )
}

/** Processes of activities that were begun and never ended. */
function running(before: readonly Recorded[]): { pid: number; command: string }[] {
  const begun = new Map<string, { pid: number; command: string }>()
  const commands = new Map<string, string>()
  for (const event of before) {
    if (event.kind === 'started') commands.set(event.path, event.command)
    if (event.kind === 'command')
      begun.set(event.path, { pid: event.pid, command: commands.get(event.path) ?? '' })
    if (event.kind === 'finished' || event.kind === 'checked' || event.kind === 'failed')
      begun.delete(event.path)
  }
  return [...begun.values()]
}

/** Process ids are used again: the program must be the same. Without /proc nothing is ended. */
function isStill(pid: number, command: string): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const program = command.split(' ').find(word => !word.startsWith('printf'))
    return argv[0] !== undefined && program !== undefined && argv[0].endsWith(program)
  } catch {
    return false
  }
}
