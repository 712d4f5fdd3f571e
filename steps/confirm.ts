import { duration } from '../lib/format.ts'
import type { Binding } from '../runbook/model.ts'
import type { Usable } from '../stores/backups.ts'
import type { StoreBase, StoreBinding } from '../stores/base.ts'
import { type Tested, testedText } from '../stores/evidence.ts'

/** Seconds that do not depend on size: stopping and starting services, smoke tests. */
export const FIXED_SECONDS = 60

type Needs = StoreBase & { candidate: Usable; tested?: Tested[] }

/**
 * The phrase is bound to what will be done to what: the daemon, the project and its volumes, the bytes of
 * the backup, the names the live store has, and the plan. Counts are shown, not bound: writers may still
 * run.
 */
export function confirmRecovery<F extends Needs>(store: StoreBinding<F>): Binding<F> {
  return {
    say: 'Type the phrase to go on',
    words: f => [f.target.runtime.project, f.store.name],
    looks: f => [f.target.runtime.identity(), f.target.runtime.layout(), ...store.looks(f)],
    derive: ([daemon, layout, ...live], f) => ({
      daemon: daemon!.stdout.trim(),
      project: f.target.runtime.project,
      volumes: f.target.runtime.readLayout(layout!).volumes.join(' '),
      backup: `${f.candidate.id} ${f.candidate.member.sha256}`,
      ...store.derive(live, f),
    }),
    facts: f => [
      ...store.lines(f),
      `undo      about ${duration(store.undoSeconds(f) * 1000)}; the damaged data stays until it is released`,
      testedText(f.tested ?? [], f.store.name, f.candidate.member, Date.now()),
      ...(ageHours(f) > f.target.rpoHours
        ? [`RPO       the backup is older than ${f.target.rpoHours} h: this misses the RPO`]
        : []),
    ],
    estimate: f => FIXED_SECONDS + store.seconds(f),
  }
}

function ageHours(f: Needs): number {
  return (Date.now() - Date.parse(f.candidate.member.started)) / 3_600_000
}
