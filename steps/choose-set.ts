import type { NodeSide, PointSide, Relation } from '../lib/config-schema.ts'
import { bytes, count, duration } from '../lib/format.ts'
import type { Choice, StoreKind } from '../runbook/model.ts'
import { step } from '../runbook/tree.ts'
import { type Candidate, type Usable, usable } from '../stores/backups.ts'
import { type Base, tableOf } from '../stores/base.ts'
import { kindOf } from '../stores/kinds.ts'
import { conclude as concludeNeo4j, suggestedDatabases } from '../stores/neo4j/choose.ts'
import { conclude as concludePostgres } from '../stores/postgres/choose.ts'
import { leavesBehind } from '../stores/postgres/cluster-mates.ts'
import { suggestedNames } from '../stores/qdrant/choose.ts'
import { conclude as concludeQdrant } from '../stores/qdrant/facts.ts'
import { accepted } from './accept.ts'
import { KINDS, type Platform, type Seen, type Together, type Work } from './platform.ts'
import { meansNone, meant } from './words.ts'

type Needs = Base & Platform
/** Stands for the newest backup of each store when no set has them all. */
const NEWEST_OF_EACH = 'newest-of-each'

export const chooseSet = step<Needs, Together & { stores: string; set: string }>({
  id: 'choose-set',
  title: 'Choose the stores and the set',
  why: `The stores of one set belong together: they were saved minutes apart, so that what one refers to in the other is
there. A set of another night for one of them means references that lead nowhere. The set with the least skew
is offered first; what will dangle is predicted from the manifests, and counted after the restore.`,
  trouble:
    'When no set has every store, restore the stores one by one with their own scenarios, the system of record (PostgreSQL) first, and repair the references afterwards.',
  body: s =>
    accepted(
      s
        .ask({
          id: 'stores',
          say: 'Which stores are to be restored?',
          choices: f => storeChoices(f),
          suggest: f => storeChoices(f)[0]?.value,
          assume: { because: 'what is damaged is known from the assessment' },
          refuse: (answer, f) => refuseStores(answer, f),
        })
        .ask({
          id: 'set',
          say: 'Which set?',
          choices: f => setChoices(f),
          suggest: f => words(f)[0],
          refuse: (answer, f) => refuseSet(answer, f),
        }),
      f => ({ id: setNamed(f, f.set), members: membersOf(f, setNamed(f, f.set)) ?? [] }),
      f => f.target,
    ).let('conclude what follows', f => ({ works: worksOf(f) })),
  summary: f => `${f.stores} from ${setNamed(f, f.set)}`,
  details: f => predicted(f),
})

type One = Seen[StoreKind]
type WithStores = Needs & { stores: string }
type WithSet = WithStores & { set: string }

function every(f: Platform): One[] {
  return KINDS.flatMap((kind): One[] => f.seen[kind])
}

function broken(f: Platform): One[] {
  return every(f).filter(one => !one.up || one.findings.some(finding => finding.kind === 'content'))
}

function storeChoices(f: Platform): Choice[] {
  const all = { value: 'all', label: 'all', hint: 'every store of the platform' }
  const damaged = broken(f).map(one => one.name)
  if (damaged.length === 0 || damaged.length === every(f).length) return [all]
  return [{ value: damaged.join(','), label: damaged.join(', '), hint: 'those that are damaged' }, all]
}

function named(f: Platform, answer: string): string[] {
  return answer === 'all' ? every(f).map(one => one.name) : answer.split(',').map(name => name.trim())
}

function refuseStores(answer: string, f: Platform): string | undefined {
  const there = every(f).map(one => one.name)
  const names = named(f, answer)
  const unknown = names.filter(name => !there.includes(name))
  if (unknown.length > 0) return `there is no store ${unknown.join(', ')}; there are ${there.join(', ')}`
  const left = f.seen.postgres
    .filter(one => names.includes(one.name))
    .flatMap(one => leavesBehind(one, names) ?? [])[0]
  return left && `${left.sentence}; ${left.hint}`
}

function chosen(f: WithStores): One[] {
  const names = named(f, f.stores)
  return every(f).filter(one => names.includes(one.name))
}

/** The usable member of a store in a set; of any set, the newest, for NEWEST_OF_EACH. */
function memberOf(one: One, set: string): Usable | undefined {
  const all = usable(one.candidates, one.store.kind)
  return set === NEWEST_OF_EACH ? all[0] : all.find(candidate => candidate.set === set)
}

function membersOf(f: WithStores, set: string): Usable[] | undefined {
  const members = chosen(f).map(one => memberOf(one, set))
  return members.every(member => member !== undefined) ? (members as Usable[]) : undefined
}

/** By its id, or by a word: that is always one of this installation, when it has any. */
function setNamed(f: WithStores, answer: string): string {
  return meant(answer, words(f)) ?? answer
}

/** What a word may stand for: those of this installation, in the order in which they are offered. */
function words(f: WithStores): string[] {
  const all = sets(f)
  const { project } = f.target.runtime
  const own = all.filter(id => membersOf(f, id)!.every(({ source }) => source.project === project))
  return own.length > 0 ? own : all
}

/** Complete sets, newest first; then the newest of each, when that mixes nights. */
function sets(f: WithStores): string[] {
  const ids = [...new Set(chosen(f).flatMap(one => one.candidates.map(candidate => candidate.set)))]
  const complete = ids
    .filter(id => membersOf(f, id))
    .sort()
    .reverse()
  const mixed = membersOf(f, NEWEST_OF_EACH)
  const mixes = mixed && new Set(mixed.map(member => member.set)).size > 1
  return mixes ? [...complete, NEWEST_OF_EACH] : complete
}

function setChoices(f: WithStores): Choice[] {
  return sets(f).map(id => {
    const members = membersOf(f, id)!
    const size = members.reduce((sum, { member }) => sum + member.size_bytes, 0)
    const hint = [
      `${duration(Date.now() - oldest(members))} old`,
      `skew ${duration(skew(members))}`,
      bytes(size),
    ]
    hint.push(members.every(isVerified) ? 'verified' : 'not verified')
    hint.push(...members.map(({ member }) => kindOf(member.kind).contents(member as never)))
    return { value: id, label: id, hint: hint.join(' · ') }
  })
}

function isVerified({ verification }: Usable): boolean {
  return verification?.verdict === 'proven'
}

function refuseSet(answer: string, f: WithStores): string | undefined {
  const set = setNamed(f, answer)
  if (sets(f).includes(set)) return undefined
  const none = meansNone(answer, words(f), 'set with a usable backup of every store that was chosen')
  if (none !== undefined) return none
  if (set !== NEWEST_OF_EACH && !/^set_\d{8}_\d{6}$/.test(set))
    return `"${answer.slice(0, 40)}" is not the id of a set; one looks like set_20261122_020000; or say latest, previous, or a day as 2026-11-22`
  const lacking = chosen(f).filter(one => !memberOf(one, set))
  const why = lacking.map(one => `${one.name} (${reason(one.candidates, set)})`)
  return `${set} cannot be used for ${why.join(', ')}`
}

function reason(candidates: readonly Candidate[], set: string): string {
  return candidates.find(candidate => candidate.set === set)?.refused ?? 'not in it'
}

function oldest(members: readonly Usable[]): number {
  return Math.min(...members.map(({ member }) => Date.parse(member.started)))
}

function skew(members: readonly Usable[]): number {
  const times = members.map(({ member }) => Date.parse(member.started))
  return Math.max(...times) - Math.min(...times)
}

function worksOf(f: WithSet): Together['works'] {
  const set = setNamed(f, f.set)
  const names = named(f, f.stores)
  const of = <K extends StoreKind>(kind: K) =>
    (f.seen[kind] as Seen[K][]).filter(one => names.includes(one.name))
  const candidate = <K extends StoreKind>(one: Seen[K]) => memberOf(one as One, set) as Usable<K>
  return {
    qdrant: of('qdrant').map((one): Work['qdrant'] => {
      const member = candidate<'qdrant'>(one)
      return { ...one, ...concludeQdrant(one, member, suggestedNames({ ...one, candidate: member })) }
    }),
    neo4j: of('neo4j').map((one): Work['neo4j'] => {
      const known = { ...one, candidate: candidate<'neo4j'>(one) }
      return { ...known, ...concludeNeo4j(known, suggestedDatabases(known)) }
    }),
    postgres: of('postgres').map((one): Work['postgres'] => {
      const known = { ...one, candidate: candidate<'postgres'>(one) }
      return { ...known, ...concludePostgres(known, names) }
    }),
  }
}

/** Rows without a partner and partners without a row, as the manifests foretell them. */
function predicted(f: Needs & Together): string[] {
  return f.target.relations.flatMap(relation => {
    const { store, table } = relation.postgres
    const work = f.works.postgres.find(each => each.name === store)
    const rows = work?.candidate.member.tables.find(({ name }) => tableOf(table, [name]))?.rows
    if (rows === undefined) return []
    return [
      ...foretold(relation.name, rows, 'point', oneEach(relation.qdrant, pointsFor(f, relation))),
      ...foretold(relation.name, rows, 'node', oneEach(relation.neo4j, nodesFor(f, relation))),
    ]
  })
}

/** Where a row may have several, their number says nothing about rows that have none. */
function oneEach(side: PointSide | NodeSide | undefined, partners: number | undefined): number | undefined {
  return side?.cardinality === '1:n' ? undefined : partners
}

function foretold(relation: string, rows: number, partner: string, partners: number | undefined): string[] {
  if (partners === undefined) return []
  const gap = rows - partners
  const what =
    gap >= 0 ? `${count(gap)} rows without a ${partner}` : `${count(-gap)} ${partner}s without a row`
  return [
    `foretold for ${relation}: ${what} (${count(rows)} rows, ${count(partners)} ${partner}s in the set)`,
  ]
}

/** How many points the set has for a relation; undefined when it is about none of them. */
function pointsFor(f: Together, { qdrant }: Relation): number | undefined {
  const member = f.works.qdrant.find(work => work.name === qdrant?.store)?.candidate.member
  if (!member || !qdrant) return undefined
  const alias = member.aliases.find(each => each.alias === qdrant.collection)
  const name = alias?.collection ?? qdrant.collection
  return member.collections.find(each => each.name === name)?.points
}

function nodesFor(f: Together, { neo4j }: Relation): number | undefined {
  const member = f.works.neo4j.find(work => work.name === neo4j?.store)?.candidate.member
  return member && neo4j ? (member.labels[neo4j.label] ?? 0) : undefined
}
