import { STORE_NAME } from '../lib/config-schema.ts'
import { bytes, duration } from '../lib/format.ts'
import type { Choice, StoreKind } from '../runbook/model.ts'
import type { Sequence } from '../runbook/tree.ts'
import { type Candidate, ownElseAll, type Usable, usable, verifiedText } from '../stores/backups.ts'
import type { StoreBase } from '../stores/base.ts'
import { kindOf } from '../stores/kinds.ts'
import { accepted } from './accept.ts'
import { meansNone, meant } from './words.ts'

type Needs = StoreBase & { candidates: Candidate[] }

const BACKUP_ID = new RegExp(`^${STORE_NAME}_\\d{8}_\\d{6}$`)

export const WHY = `The newest backup is not always the right one: it may be younger than the damage. Each is shown with its
age, what it holds and when it was last verified; a set without a manifest, with a missing object or without
data is not offered.`
export const TROUBLE =
  'When no backup can be used, do not go on: call level 2. The damaged data is still there and may be the best copy.'

/** Asks for the backup of a store; unattended it has to be named, by its id, a day, `latest` or `previous`. */
export function pick<F extends Needs, K extends StoreKind>(s: Sequence<F>, kind: K) {
  const picked = s
    .ask({
      id: 'backup',
      say: 'Which backup?',
      choices: f => choices(f, kind),
      suggest: f => ids(f, kind)[0],
      refuse: (answer, f) => refuse(answer, f, kind),
    })
    .let('take it', f => {
      const { backup } = f as unknown as { backup: string }
      return { candidate: find(f as unknown as Needs, backup, kind)! }
    })
  return accepted(
    picked,
    f => ({ id: of(f).candidate.id, members: [of(f).candidate] }),
    f => of(f).target,
  )
}

/** The compiler cannot see through the generic facts. */
function of(f: unknown) {
  return f as Needs & { candidate: Usable }
}

/** By its id, or by a word: that is always one of this installation, when it has any. */
function find<K extends StoreKind>(f: Needs, answer: string, kind: K): Usable<K> | undefined {
  const id = meant(answer, ids(f, kind)) ?? answer
  return usable(f.candidates, kind).find(one => one.id === id)
}

/** What a word may stand for, newest first. */
function ids({ target, candidates }: Needs, kind: StoreKind): string[] {
  return ownElseAll(target, usable(candidates, kind)).map(({ id }) => id)
}

function choices(f: Needs, kind: StoreKind): Choice[] {
  return usable(f.candidates, kind).map(candidate => {
    const { member, source } = candidate
    const hint = [`${ageOf(candidate)} old`, bytes(member.size_bytes), kindOf(kind).contents(member as never)]
    hint.push(verifiedText(candidate))
    if (ageMs(candidate) > f.target.rpoHours * 3_600_000) hint.push(`past the RPO of ${f.target.rpoHours} h`)
    if (source.project !== f.target.runtime.project) hint.push(`from project ${source.project}`)
    return { value: candidate.id, label: candidate.id, hint: hint.join(' · ') }
  })
}

/** Malformed, of another store, refused or unknown: each has its own sentence. */
function refuse(answer: string, f: Needs, kind: StoreKind): string | undefined {
  if (find(f, answer, kind)) return undefined
  const none = meansNone(answer, ids(f, kind), `usable backup of ${f.store.name}`)
  if (none !== undefined) return none
  if (answer.length > 80 || !BACKUP_ID.test(answer)) {
    return `"${answer.slice(0, 40)}" is not a backup id; one looks like ${f.store.name}_20261122_020000; or say latest, previous, or a day as 2026-11-22`
  }
  if (!answer.startsWith(`${f.store.name}_`))
    return `${answer} is a backup of another store than ${f.store.name}`
  const known = f.candidates.find(candidate => candidate.id === answer)
  return known ? `${answer} cannot be used: ${known.refused}` : `there is no backup ${answer}`
}

function ageMs(candidate: Usable): number {
  return Date.now() - Date.parse(candidate.member.started)
}

function ageOf(candidate: Usable): string {
  return duration(ageMs(candidate))
}

export function told(candidate: Usable): string {
  return `${candidate.id}, ${ageOf(candidate)} old`
}
