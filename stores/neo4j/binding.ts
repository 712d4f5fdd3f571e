import { count, duration } from '../../lib/format.ts'
import type { StoreBinding } from '../base.ts'
import { inVolume } from './commands.ts'
import { type Neo4jAssessed, type Neo4jBase, type Neo4jChosen, quarantine } from './facts.ts'

type Needs = Neo4jBase & Neo4jAssessed & Neo4jChosen

/** A clean stop, a start until the database is online, and what neo4j-admin takes to come up. */
const STOP_SECONDS = 10
const START_SECONDS = 20

/** Bound to the databases that have files in the volume: they are what is moved aside. */
export const bindNeo4j: StoreBinding<Needs> = {
  looks: f => [inVolume(f, 'names', 'ls -1 /data/databases /data/transactions 2>/dev/null || true')],
  derive: ([names]) => ({ databases: names!.stdout.split(/\s+/).filter(Boolean).join(' ') }),
  lines: f => {
    const { member } = f.candidate
    const restored = f.restoring.includes(member.database)
    const lost = `what was written to ${f.store.name} in the last ${duration(Date.now() - Date.parse(member.started))}`
    return [
      `restore   ${f.restoring.length === 0 ? 'nothing' : `${f.restoring.join(', ')} (${count(member.nodes)} nodes, ${count(member.relationships)} relationships)`}`,
      ...(f.restoring.length > 0
        ? [`set aside ${f.restoring.join(', ')} → ${quarantine(f.run)} in the volume`]
        : []),
      ...(f.repairs.length > 0 ? [`build     ${f.repairs.map(repair => repair.name).join(', ')}`] : []),
      ...(f.restoring.length > 0 ? [`away      Neo4j is stopped for about ${duration(away(f) * 1000)}`] : []),
      `loss      ${restored ? lost : 'none'}`,
    ]
  },
  seconds: f => (f.restoring.length === 0 ? 10 : away(f) + START_SECONDS + f.candidate.member.read_seconds),
  undoSeconds: f => (f.restoring.length === 0 ? 10 : STOP_SECONDS + START_SECONDS + 10),
}

/** The backup measured load and check when it was proven. */
function away(f: Needs): number {
  return STOP_SECONDS + f.candidate.member.load_seconds + START_SECONDS
}
