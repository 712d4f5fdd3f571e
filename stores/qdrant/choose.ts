import type { Choice } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import type { Usable } from '../backups.ts'
import { type Assessed, conclude, type QdrantBase } from './facts.ts'
import { baseName } from './names.ts'

type Needs = QdrantBase & Assessed & { candidate: Usable<'qdrant'> }

/** What of the backup is to be restored. What is not damaged is left alone: its newest writes would be lost. */
export const chooseCollections = (s: Sequence<Needs>) =>
  s
    .ask({
      id: 'collections',
      say: 'Which collections are to be restored?',
      choices,
      suggest: f => choices(f)[0]?.value,
      assume: { because: 'what is damaged is known from the assessment' },
      refuse,
    })
    .let('conclude what follows', f => conclude(f, f.candidate, names(f, f.collections)))

function choices(f: Needs): Choice[] {
  const all = { value: 'all', label: 'all', hint: 'every collection of the backup' }
  const none = { value: 'none', label: 'none', hint: 'only put aliases and indexes right' }
  const damaged = damagedNames(f)
  if (damaged.length > 0) {
    return [
      { value: damaged.join(','), label: damaged.join(', '), hint: 'those that are damaged' },
      all,
      none,
    ]
  }
  const repairable = f.findings.length > 0
  return repairable ? [none, all] : [all, none]
}

/** Provably damaged collections, by their names in the backup; without any, the suspicious ones. */
function damagedNames(f: Needs): string[] {
  const inBackup = held(f)
  const known = (live: string) => inBackup.filter(name => baseName(name) === baseName(live))
  if (!f.up && f.onDisk.length > 0) {
    const blamed = f.blamed.flatMap(known)
    return blamed.length > 0 ? blamed : inBackup
  }
  const of = (kind: string) =>
    f.findings.filter(finding => finding.kind === kind).flatMap(finding => known(finding.name))
  const content = of('content')
  return [...new Set(content.length > 0 ? content : of('suspect'))]
}

/** What a recovery without further questions restores: what is damaged; everything, when nothing is known. */
export function suggestedNames(f: Needs): string[] {
  const damaged = damagedNames(f)
  return damaged.length > 0 ? damaged : held(f)
}

function held(f: Needs): string[] {
  return f.candidate.member.collections.map(collection => collection.name)
}

function names(f: Needs, answer: string): string[] {
  if (answer === 'all') return held(f)
  return answer === 'none' ? [] : answer.split(',').map(name => name.trim())
}

function refuse(answer: string, f: Needs): string | undefined {
  const unknown = names(f, answer).filter(name => !held(f).includes(name))
  return unknown.length === 0
    ? undefined
    : `${f.candidate.id} holds ${held(f).join(', ')}, not ${unknown.join(', ')}`
}
