import type { RunRecord } from '../../lib/run-record.ts'
import type { Target } from '../../lib/target.ts'
import type { StoreKind } from '../../runbook/model.ts'
import { type Candidate, newestProven, provenSets } from '../../stores/backups.ts'
import { itemsOf, type MemberOf } from '../../stores/kinds.ts'
import type { BucketSeen } from './seen.ts'

/** One metric, a gauge, with its samples. Times are seconds since 1970. */
export interface Family {
  name: string
  help: string
  samples: readonly { labels: Record<string, string>; value: number }[]
}

type Known = Pick<Target, 'stores' | 'rpoHours'>

/** All that monitoring is told. `now` is in milliseconds; a bucket that cannot be read gives only that. */
export function families(target: Known, seen: BucketSeen | undefined, now: number): Family[] {
  const readable = family('dr_bucket_readable', 'Whether the bucket of the backups could be read: 1 or 0', [
    { labels: {}, value: seen ? 1 : 0 },
  ])
  const rpo = family('dr_rpo_seconds', 'How old the newest verified backup may be', [
    { labels: {}, value: target.rpoHours * 3600 },
  ])
  if (!seen) return [readable, rpo]
  return [readable, rpo, ...ofBackups(target, seen, now), ...ofRuns(seen.runs), ...ofIncidents(seen)]
}

/** What the newest backups of one store tell. */
interface OfStore {
  store: string
  /** Of the newest set, the failed one too. */
  newest: Candidate | undefined
  proven: Candidate | undefined
  /** Newest first. */
  whole: readonly (Candidate & { member: MemberOf[StoreKind] })[]
}

function ofBackups(target: Known, seen: BucketSeen, now: number): Family[] {
  const stores = Object.keys(target.stores).map(store => ofStore(store, seen.candidates, now))
  const each = (name: string, help: string, value: (one: OfStore) => number | undefined) =>
    family(
      name,
      help,
      stores.flatMap(one => {
        const found = value(one)
        return found === undefined ? [] : [{ labels: { store: one.store }, value: found }]
      }),
    )
  return [
    each(
      'dr_backup_success_timestamp_seconds',
      'Begin of the newest backup that was read back and proven; 0: there is none',
      one => (one.proven ? seconds(startOf(one.proven)) : 0),
    ),
    each(
      'dr_backup_failed',
      'Whether the store failed in the newest set: 1 or 0',
      one => one.newest && flag(one.newest.member.status === 'failed'),
    ),
    each(
      'dr_backup_size_bytes',
      'Size of the newest backup in the bucket',
      one => one.whole[0]?.member.size_bytes,
    ),
    each(
      'dr_backup_previous_size_bytes',
      'Size of the backup before it',
      one => one.whole[1]?.member.size_bytes,
    ),
    each(
      'dr_backup_duration_seconds',
      'What the newest backup took until it was stored and read back',
      one => one.whole[0]?.member.duration_seconds,
    ),
    each('dr_backup_verified_timestamp_seconds', 'When a backup was last read back and proven', one =>
      seconds(one.proven?.verification?.at),
    ),
    each(
      'dr_backup_verification_failed',
      'Whether the newest backup failed its verification: 1 or 0',
      one => one.newest && flag(one.newest.verification?.verdict === 'failed'),
    ),
    items('dr_backup_items', 'What the newest backup holds: points, nodes, relationships, rows', stores, 0),
    items('dr_backup_previous_items', 'What the backup before it holds', stores, 1),
    family('dr_backup_manifests_broken', 'Manifests in the bucket that cannot be read', [
      { labels: {}, value: seen.broken.length },
    ]),
    family('dr_replica_success_timestamp_seconds', 'Begin of the newest verified set that the replica has', [
      ...replicated(seen),
    ]),
  ]
}

function items(name: string, help: string, stores: readonly OfStore[], back: number): Family {
  const samples = stores.flatMap(({ store, whole }) =>
    Object.entries(whole[back] ? itemsOf(whole[back].member) : {}).map(([of, value]) => ({
      labels: { store, of },
      value,
    })),
  )
  return family(name, help, samples)
}

function ofStore(store: string, candidates: readonly Candidate[], now: number): OfStore {
  const own = candidates.filter(one => one.store === store).sort((a, b) => (a.set < b.set ? 1 : -1))
  const whole = own.filter((one): one is OfStore['whole'][number] => one.member.status === 'success')
  return { store, newest: own[0], proven: newestProven(own, now)?.candidate, whole }
}

function replicated({ candidates, replicated }: BucketSeen): Family['samples'] {
  if (!replicated) return []
  const sets = provenSets(candidates).filter(set => replicated.has(set))
  const there = candidates.filter(({ set }) => sets.includes(set))
  const newest = there.map(startOf).sort().at(-1)
  return newest ? [{ labels: {}, value: Date.parse(newest) / 1000 }] : []
}

function ofRuns(runs: readonly RunRecord[]): Family[] {
  const each = (name: string, help: string, value: (run: RunRecord) => number | undefined) =>
    family(
      name,
      help,
      runs.flatMap(run => {
        const found = value(run)
        return found === undefined ? [] : [{ labels: { kind: run.kind, name: run.name }, value: found }]
      }),
    )
  return [
    each('dr_run_started_timestamp_seconds', 'Begin of the newest run', run => seconds(run.started)),
    each('dr_run_ended_timestamp_seconds', 'Its end; absent while it runs, and when it was killed', run =>
      seconds(run.end?.ended),
    ),
    each(
      'dr_run_exit_code',
      'Its exit code: 0 succeeded, 1 a command failed, 2 a check failed',
      run => run.end?.exit_code,
    ),
    each(
      'dr_run_duration_seconds',
      'From the detection, or else its begin, to its end',
      run => run.end && (Date.parse(run.end.ended) - sinceOf(run)) / 1000,
    ),
    each('dr_run_rto_seconds', 'What a recovery must not exceed', run => run.rto_seconds),
  ]
}

/** A detection that is no time, or lies after the begin, was mistyped. */
function sinceOf({ started, end }: RunRecord): number {
  const [began, detected] = [Date.parse(started), Date.parse(end?.detected ?? '')]
  return detected <= began ? detected : began
}

function ofIncidents({ incidents }: BucketSeen): Family[] {
  const samples = incidents.map(({ incident, scenario, opened }) => ({
    labels: { incident, scenario },
    value: seconds(opened) ?? 0,
  }))
  return [family('dr_incident_open_timestamp_seconds', 'Since when an incident is open', samples)]
}

function family(name: string, help: string, samples: Family['samples']): Family {
  return { name, help, samples: samples.filter(({ value }) => Number.isFinite(value)) }
}

function startOf({ member }: Candidate): string {
  return 'started' in member ? String(member.started) : ''
}

function seconds(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time) / 1000
}

function flag(holds: boolean): number {
  return holds ? 1 : 0
}
