import { type OpenIncident, openIncidents } from '../../lib/incident-mark.ts'
import { Objects } from '../../lib/objects.ts'
import { newestRuns, type RunRecord } from '../../lib/run-record.ts'
import type { Target } from '../../lib/target.ts'
import { type Candidate, catalogue, ownOf } from '../../stores/backups.ts'

/** What a bucket shows of one installation; what a metric says comes from here and nowhere else. */
export interface BucketSeen {
  candidates: readonly Candidate[]
  /** Keys of manifests that cannot be read. */
  broken: readonly string[]
  runs: readonly RunRecord[]
  incidents: readonly OpenIncident[]
  /** Names of the sets on the second server; undefined where there is none. */
  replicated: ReadonlySet<string> | undefined
}

/** Throws a Problem when the bucket, or the one of the copies, cannot be read. */
export async function lookAtBucket(target: Target): Promise<BucketSeen> {
  const objects = new Objects(target.backups)
  const { project } = target.runtime
  const { candidates, broken } = await catalogue(target, undefined, { progress: () => undefined })
  return {
    candidates: ownOf(target, candidates),
    broken: broken.map(({ key }) => key),
    runs: await newestRuns(objects, project),
    incidents: (await openIncidents(objects)).filter(one => one.project === project),
    replicated: target.replica && (await setsIn(new Objects(target.replica))),
  }
}

async function setsIn(objects: Objects): Promise<Set<string>> {
  const keys = await objects.list('sets/')
  return new Set(keys.flatMap(({ key }) => /\/(set_\d{8}_\d{6})\.json$/.exec(key)?.[1] ?? []))
}
