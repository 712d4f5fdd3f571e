import { liftMark, openIncidents } from '../../lib/incident-mark.ts'
import { holderOf } from '../../lib/lock.ts'
import { Objects } from '../../lib/objects.ts'
import { badInput, EXIT, type ExitCode, Problem } from '../../lib/problem.ts'
import type { Target } from '../../lib/target.ts'

/**
 * Removes the mark of an incident that nobody will resume. Throws a Problem when there is no such mark, and
 * (exit 75) while somebody works on this target.
 */
export async function closeIncident(target: Target, name: string): Promise<ExitCode> {
  const { backups, runtime, root } = target
  const open = await openIncidents(new Objects(backups))
  const named = open.find(one => one.incident === name)
  if (!named) {
    const there = open.map(one => `${one.incident} (${one.project})`).join(', ') || 'none is'
    throw badInput(`no incident ${name.slice(0, 60)} is open`, `open: ${there}`)
  }
  const holder = await holderOf(runtime, root)
  if (holder?.running)
    throw new Problem(`${runtime.project} is held by ${holder.operator} on ${holder.host}`, {
      exitCode: EXIT.locked,
      hint: 'wait for the end of that run: it closes its incident itself',
    })
  await liftMark(backups, named)
  process.stdout.write(`${name} is closed: schedule and retention go on\n`)
  return EXIT.recovered
}
