import type { Output } from '../../lib/command.ts'
import { count, duration } from '../../lib/format.ts'
import type { StoreBinding } from '../base.ts'
import { aliases, collections } from './commands.ts'
import { NOBODY } from './explain.ts'
import type { Assessed, Chosen, QdrantBase } from './facts.ts'

type Needs = QdrantBase & Assessed & Chosen

const RESTART_SECONDS = 20

/** Bound to the names the live Qdrant has. How many points are live is shown, not bound. */
export const bindQdrant: StoreBinding<Needs> = {
  looks: f => (f.up ? [collections(f.store, NOBODY), aliases(f.store, NOBODY)] : []),
  derive: ([names, aliasNames]) => ({ collections: liveNames(names), aliases: liveNames(aliasNames) }),
  lines: f => [
    `restore   ${f.restoring.map(r => `${r.name} (${count(r.points)} points) → ${r.fresh}`).join(', ') || 'nothing'}`,
    `aliases   ${f.switches.map(s => `${s.name} → ${s.to}`).join(', ') || 'none changes'}`,
    ...(f.inTheWay.length > 0
      ? [`set aside ${f.inTheWay.join(', ')} (addressed by its own name; Qdrant restarts once)`]
      : []),
    `loss      ${f.restoring.length > 0 ? `what was written to ${f.restoring.map(r => r.name).join(', ')} in the last ${age(f)} (listed for repair)` : 'none'}`,
  ],
  // The backup measured its own recovery when it was proven; reading it back again takes about as long.
  seconds: f => {
    const measured = f.candidate.member.collections.filter(c => f.restoring.some(r => r.name === c.name))
    const restore = measured.reduce((sum, collection) => sum + collection.prove_seconds, 0)
    return 3 * restore + (restarts(f) ? RESTART_SECONDS : 0)
  },
  undoSeconds: f => (restarts(f) ? 2 * RESTART_SECONDS : 0) + 2 * f.switches.length + 5,
}

/** Names only: counts change while writers run. */
function liveNames(output: Output | undefined): string {
  if (output?.exitCode !== 0) return 'not answering'
  return [...output.stdout.matchAll(/"(?:alias_name|collection_name|name)":"([^"]*)"/g)]
    .map(match => match[1])
    .sort()
    .join(' ')
}

function restarts(f: Needs): boolean {
  return f.inTheWay.length + f.blocking.length > 0
}

function age(f: Needs): string {
  return duration(Date.now() - Date.parse(f.candidate.member.started))
}
