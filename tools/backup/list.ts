import { duration } from '../../lib/format.ts'
import { EXIT, type ExitCode } from '../../lib/problem.ts'
import type { Store, Target } from '../../lib/target.ts'
import { type Candidate, type Catalogue, catalogue, ofSet, verifiedText } from '../../stores/backups.ts'
import { kindOf } from '../../stores/kinds.ts'
import { ownIo } from '../arguments.ts'

/**
 * Prints the backups of these stores, of all sets or of the one that is named, from the manifests in the bucket: no
 * database is needed for it.
 */
export async function list(
  target: Target,
  stores: readonly Store[],
  { json, set }: { json: boolean; set: string | undefined },
): Promise<ExitCode> {
  const all = ofSet(await catalogue(target, undefined, ownIo(target)), set)
  const names = stores.map(({ name }) => name)
  const found = { ...all, candidates: all.candidates.filter(({ store }) => names.includes(store)) }
  const lines = json ? [JSON.stringify(found)] : listing(found, Date.now())
  process.stdout.write(`${lines.join('\n')}\n`)
  return EXIT.recovered
}

/** The paper's format, with what a choice rests on behind it. `now` is in milliseconds. */
export function listing({ candidates, broken }: Catalogue, now: number): string[] {
  if (candidates.length + broken.length === 0)
    return ['there are no backups; take one: npx tsx tools/backup-service.ts --run-once']
  const stores = [...new Set(candidates.map(candidate => candidate.store))]
  return [
    ...stores.flatMap(store => [
      `${store.toUpperCase()} Backups:`,
      ...candidates.filter(c => c.store === store).map(candidate => entry(candidate, now)),
      '',
    ]),
    ...broken.map(({ reason }) => `not usable: ${reason}`),
  ]
}

function entry(candidate: Candidate, now: number): string {
  const { id, member, refused } = candidate
  if (member.status === 'failed') return `  ${id}: failed: ${member.reason}`
  const time = member.started.slice(0, 19).replace('T', ' ')
  const size = `(${(member.size_bytes / 1024 / 1024).toFixed(2)} MB)`
  const age = `${duration(now - Date.parse(member.started))} old`
  const state = refused ? `NOT USABLE: ${refused}` : verifiedText(candidate, now)
  const contents = kindOf(member.kind).contents(member as never)
  return `  ${id}: ${time} ${size}  ${[age, state, contents].join(' · ')}`
}
