import type { Output } from '../lib/command.ts'
import { count, duration } from '../lib/format.ts'
import type { Binding } from '../runbook/model.ts'
import { aliases, collections, NOBODY } from '../stores/qdrant/commands.ts'
import type { Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import type { AssessGives } from './assess.ts'

type Needs = QdrantBase & AssessGives & Chosen

/** Seconds that do not depend on size: stopping and starting services, smoke tests. */
const FIXED_SECONDS = 60
const QDRANT_RESTART_SECONDS = 20

/**
 * The phrase is bound to what will be done to what: the daemon, the project and its volumes, the bytes of
 * the backup, the names the live store has, and the plan. How many points are live is shown, not bound:
 * writers may still run.
 */
export const confirmRecovery: Binding<Needs> = {
  say: 'Type the phrase to go on',
  words: f => [f.target.runtime.project, f.store.name],
  looks: f => [
    f.target.runtime.identity(),
    f.target.runtime.layout(),
    ...(f.up ? [collections(f.store, NOBODY), aliases(f.store, NOBODY)] : []),
  ],
  derive: (outputs, f) => derive(outputs, f),
  facts: f => [
    `restore   ${f.restoring.map(r => `${r.name} (${count(r.points)} points) → ${r.fresh}`).join(', ') || 'nothing'}`,
    `aliases   ${f.switches.map(s => `${s.name} → ${s.to}`).join(', ') || 'none changes'}`,
    ...(f.inTheWay.length > 0
      ? [`set aside ${f.inTheWay.join(', ')} (addressed by its own name; Qdrant restarts once)`]
      : []),
    `loss      ${f.restoring.length > 0 ? `what was written to ${f.restoring.map(r => r.name).join(', ')} in the last ${age(f)} (listed for repair)` : 'none'}`,
    `undo      about ${duration(undoSeconds(f) * 1000)}; the damaged data stays until it is released`,
    ...(f.restoring.length > 0 && ageHours(f) > f.target.rpoHours
      ? [`RPO       the backup is older than ${f.target.rpoHours} h: this misses the RPO`]
      : []),
  ],
  estimate,
}

function derive([daemon, layout, names, aliasNames]: readonly Output[], f: Needs): Record<string, string> {
  return {
    daemon: daemon!.stdout.trim(),
    project: f.target.runtime.project,
    volumes: f.target.runtime.readLayout(layout!).volumes.join(' '),
    backup: `${f.candidate.id} ${f.candidate.member.sha256}`,
    collections: liveNames(names),
    aliases: liveNames(aliasNames),
  }
}

/** Names only: counts change while writers run. */
function liveNames(output: Output | undefined): string {
  if (output?.exitCode !== 0) return 'not answering'
  return [...output.stdout.matchAll(/"(?:alias_name|collection_name|name)":"([^"]*)"/g)]
    .map(match => match[1])
    .sort()
    .join(' ')
}

/** The backup measured its own recovery when it was proven; reading it back again takes about as long. */
function estimate(f: Needs): number {
  const measured = f.candidate.member.collections.filter(c => f.restoring.some(r => r.name === c.name))
  const restore = measured.reduce((sum, collection) => sum + collection.prove_seconds, 0)
  return (
    FIXED_SECONDS + 3 * restore + (f.inTheWay.length + f.blocking.length > 0 ? QDRANT_RESTART_SECONDS : 0)
  )
}

function undoSeconds(f: Needs): number {
  return (
    (f.inTheWay.length + f.blocking.length > 0 ? 2 * QDRANT_RESTART_SECONDS : 0) + 2 * f.switches.length + 5
  )
}

function ageHours(f: Needs): number {
  return (Date.now() - Date.parse(f.candidate.member.started)) / 3_600_000
}

function age(f: Needs): string {
  return duration(ageHours(f) * 3_600_000)
}
