import { duration } from '../lib/format.ts'
import type { Store, Target } from '../lib/target.ts'
import type { Verdict } from '../runbook/model.ts'
import { type Candidate, newestUsable } from './backups.ts'

/** Which backup a validation believes; without one it says so, because then most of it is not checked. */
export function backupToCompare(
  target: Pick<Target, 'runtime'>,
  candidates: readonly Candidate[],
  store: Store,
  now = Date.now(),
): Verdict {
  const found = newestUsable(target, candidates, store)
  if (found) {
    const age = duration(now - Date.parse(found.member.started))
    return { verdict: 'proven', found: `${found.id}, ${age} old` }
  }
  const [first] = candidates
  const why = first?.refused === undefined ? '' : `; ${first.id}: ${first.refused}`
  return { verdict: 'unchecked', found: `none of ${candidates.length} can be used${why}` }
}
