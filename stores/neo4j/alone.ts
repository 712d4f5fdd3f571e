import type { Output } from '../../lib/command.ts'
import { type Layout, type ServiceState, stateOf } from '../../lib/runtime.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { isOurs } from './commands.ts'
import { type Neo4jBase, requireVolume } from './facts.ts'

type Needs = Neo4jBase & { layout: Layout; states: ServiceState[] }

/**
 * Nobody but the stopped service may have the volume: a one-off container that a killed run has left behind
 * holds the lock of the store, and neo4j-admin then says "in use" of a server that is stopped. One of our own
 * is removed; anybody else's is named.
 */
export function alone<F extends Needs>(s: Sequence<F>): Sequence<F> {
  const part = (s as unknown as Sequence<Needs>)
    .let('know what holds its data', f => ({ volume: requireVolume(f) }))
    .read(
      'see which containers have its volume',
      f => f.target.runtime.usersOf(f.volume),
      (o, f) => ({ leftovers: names(o).filter(name => isOurs(f, name) && !isOfThisRun(f, name)) }),
    )
    .each(
      'leftover',
      f => f.leftovers,
      s =>
        s.write('remove what a killed run has left behind', {
          run: f => f.target.runtime.removeContainer(f.leftover),
          probe: {
            look: f => f.target.runtime.usersOf(f.volume),
            state: (o, f) => (names(o).includes(f.leftover) ? 'absent' : 'done'),
          },
          undo: { none: 'it was made by a run that is dead' },
        }),
      'For each container of a killed run',
    )
    // After a kill the container of a command goes on without its client, and goes when it has ended.
    .until(
      'what this run has begun there has ended',
      f => f.target.runtime.usersOf(f.volume),
      (o, f) => !names(o).some(name => isOfThisRun(f, name)),
      { total: 1800, every: 1 },
      f => ({ lacks: `${f.run.id}$` }),
    )
    .check('nobody else has the volume', f => f.target.runtime.usersOf(f.volume), strangers)
  return part as unknown as Sequence<F>
}

export function strangers(o: Output, f: Pick<Needs, 'states' | 'store'>): Verdict {
  const { container } = stateOf(f.states, f.store.service)
  const others = names(o).filter(name => name !== container)
  if (others.length === 0) return { verdict: 'proven', found: 'only its own container' }
  return { verdict: 'failed', found: `${others.join(', ')} has it too; stop or remove it first` }
}

function isOfThisRun(f: Neo4jBase, name: string): boolean {
  return isOurs(f, name) && name.endsWith(f.run.id)
}

function names(o: Output): string[] {
  return o.stdout.split('\n').filter(line => line !== '')
}
