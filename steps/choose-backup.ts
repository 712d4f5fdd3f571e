import { bytes, count, duration } from '../lib/format.ts'
import type { Choice } from '../runbook/model.ts'
import { step } from '../runbook/tree.ts'
import { type Candidate, type Usable, usable } from '../stores/backups.ts'
import { type Chosen, conclude, type QdrantBase } from '../stores/qdrant/facts.ts'
import { baseName } from '../stores/qdrant/names.ts'
import type { AssessGives } from './assess.ts'

type Needs = QdrantBase & AssessGives

export const chooseBackup = step<Needs, Chosen & { backup: string; collections: string }>({
  id: 'choose-backup',
  title: 'List the backups and choose',
  why: `The newest backup is not always the right one: it may be younger than the damage. Each is shown with its
age, what it holds and when it was last verified; a set without a manifest, with a missing object or without
points is not offered. What cannot be damaged is not restored, so that no write is lost for nothing.`,
  trouble:
    'When no backup can be used, do not go on: call level 2. The damaged data is still there and may be the best copy.',
  body: s =>
    s
      .ask({
        id: 'backup',
        say: 'Which backup?',
        choices: backups,
        suggest: f => usable(f.candidates)[0]?.id,
        refuse: (answer, f) => refuseBackup(answer, f),
      })
      .ask({
        id: 'collections',
        say: 'Which collections are to be restored?',
        choices: collections,
        suggest: f => collections(f)[0]?.value,
        assume: { because: 'what is damaged is known from the assessment' },
        refuse: refuseCollections,
      })
      .let('conclude what follows', f => conclude(f, chosen(f), names(f, f.collections))),
  summary: f => `${f.candidate.id}, ${ageOf(f.candidate)} old`,
})

/** The candidate of an answer; `latest` is the newest usable one. */
function chosen(f: { candidates: Candidate[]; backup: string }): Usable {
  return find(f.candidates, f.backup)!
}

function find(candidates: readonly Candidate[], id: string): Usable | undefined {
  const all = usable(candidates)
  return id === 'latest' ? all[0] : all.find(candidate => candidate.id === id)
}

function backups(f: Needs): Choice[] {
  return usable(f.candidates).map(candidate => {
    const { member, verified } = candidate
    const points = member.collections.reduce((sum, collection) => sum + collection.points, 0)
    const told = [`${ageOf(candidate)} old`, bytes(member.size_bytes), `${count(points)} points`]
    told.push(verified ? `verified ${verified}` : 'not verified since it was taken')
    if (ageMs(candidate) > f.target.rpoHours * 3_600_000) told.push(`past the RPO of ${f.target.rpoHours} h`)
    if (candidate.source.project !== f.target.runtime.project)
      told.push(`from project ${candidate.source.project}`)
    return { value: candidate.id, label: candidate.id, hint: told.join(' · ') }
  })
}

/** Malformed, of another store, refused or unknown: each has its own sentence. */
function refuseBackup(answer: string, f: Needs): string | undefined {
  if (find(f.candidates, answer)) return undefined
  if (answer === 'latest') return `there is no usable backup of ${f.store.name} in the bucket`
  if (answer.length > 80 || !/^[a-z][a-z0-9-]*_\d{8}_\d{6}$/.test(answer)) {
    return `"${answer.slice(0, 40)}" is not a backup id; one looks like ${f.store.name}_20261122_020000`
  }
  if (!answer.startsWith(`${f.store.name}_`))
    return `${answer} is a backup of another store than ${f.store.name}`
  const known = f.candidates.find(candidate => candidate.id === answer)
  return known ? `${answer} cannot be used: ${known.refused}` : `there is no backup ${answer}`
}

function collections(f: Needs): Choice[] {
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
  const inBackup = [
    ...new Set(usable(f.candidates).flatMap(c => c.member.collections.map(collection => collection.name))),
  ]
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

function names(f: Needs & { backup: string }, answer: string): string[] {
  const there = chosen(f).member.collections.map(collection => collection.name)
  if (answer === 'all') return there
  return answer === 'none' ? [] : answer.split(',').map(name => name.trim())
}

function refuseCollections(answer: string, f: Needs & { backup: string }): string | undefined {
  const there = chosen(f).member.collections.map(collection => collection.name)
  const unknown = names(f, answer).filter(name => !there.includes(name))
  return unknown.length === 0 ? undefined : `${f.backup} holds ${there.join(', ')}, not ${unknown.join(', ')}`
}

function ageMs(candidate: Usable): number {
  return Date.now() - Date.parse(candidate.member.started)
}

function ageOf(candidate: Usable): string {
  return duration(ageMs(candidate))
}
