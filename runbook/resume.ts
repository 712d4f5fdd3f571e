import { BACKUP, type Holder, holderOf } from '../lib/lock.ts'
import { EXIT, messageOf, Problem } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import type { Target } from '../lib/target.ts'
import { unfinished } from './incident.ts'
import { inherit } from './inherit.ts'
import type { Options } from './options.ts'
import type { Asker } from './unattended.ts'

/**
 * Which incident a run goes on with; empty for the newest unfinished one, undefined for a new one. A run that died,
 * or a handover that nobody has taken up, is shown to the next person. What the container of the lock knows is
 * brought here before the lock is taken, because its log goes with it.
 */
export async function whatToResume(
  target: Target,
  scenario: string,
  { resume, set }: Pick<Options, 'resume' | 'set'>,
  asker: Asker,
): Promise<string | undefined> {
  const holder = await holderOf(target.runtime, target.root)
  const kept = holder?.running ? holder.reservedFor !== '' : holder && !holder.incident.startsWith(BACKUP)
  if (holder && kept && (resume !== undefined || !holder.running)) await bringHere(target, holder)
  if (resume !== undefined) return resume || handedOver(holder, scenario) || ''
  const open = unfinished(target, scenario)[0]
  if (!holder || holder.running || !kept) return undefined
  if (!open || set.get('dead_run') === 'new') return undefined
  return (await goesOn(endOf(holder, open), asker)) ? open : undefined
}

/** The folder here may be whole: a log that cannot be read is no reason not to go on. */
async function bringHere(target: Target, holder: Holder): Promise<void> {
  await inherit(target, holder).catch(error => {
    process.stderr.write(`${mask(`the log of the lock could not be read: ${messageOf(error)}`)}\n`)
  })
}

/** The incident of this scenario that somebody has handed over. */
function handedOver(holder: Holder | undefined, scenario: string): string | undefined {
  const { reservedFor = '', incident = '' } = holder ?? {}
  return reservedFor !== '' && incident.endsWith(`-${scenario}`) ? incident : undefined
}

function endOf({ operator, host, since, reservedFor }: Holder, incident: string): string {
  if (reservedFor !== '')
    return `${operator} handed ${incident} over to ${reservedFor}, who has not gone on with it`
  return `a run by ${operator} on ${host} since ${since} died (incident ${incident})`
}

async function goesOn(ended: string, asker: Asker): Promise<boolean> {
  if (!asker.interactive) {
    throw new Problem(ended, {
      exitCode: EXIT.locked,
      hint: 'go on with it: --resume; or leave it: --set dead_run=new',
    })
  }
  const choice = await asker.choose(`${ended}. What now?`, [
    { value: 'resume', label: 'go on with it', hint: 'repeats nothing that was done' },
    { value: 'new', label: 'start a new incident' },
  ])
  return choice === 'resume'
}
