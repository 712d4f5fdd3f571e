import { resolve } from 'node:path'
import type { Command, Io, Output } from '../lib/command.ts'
import type { Relation } from '../lib/config-schema.ts'
import { LineFile, linesOf } from '../lib/data-files.ts'
import { plural } from '../lib/format.ts'
import { Problem } from '../lib/problem.ts'
import { storeNamed } from '../lib/target.ts'
import type { Verdict } from '../runbook/model.ts'
import type { Sequence } from '../runbook/tree.ts'
import type { Base, StoreBase } from './base.ts'
import { psql } from './postgres/commands.ts'

/** What a row has in another store. */
export type Partner = 'point' | 'node'

/** The rows of a table and their partners in another store, compared. */
export interface References {
  rows: number
  partners: number
  /** Rows without a partner that are younger than the backup: to be made again from their source. */
  expected: number
  /** Rows without a partner that the backup should have had. */
  missing: number
  /** Partners without a row. */
  orphans: number
  /** Keys of some rows that are missing, and of some orphans. */
  samples: string[]
  orphaned: string[]
}

/** Files for the keys of all rows without a partner and of all partners without a row, one a line. */
export interface RepairLists {
  missing: string
  orphans: string
}

/** A writer puts a row first and its partner a moment later; a backup in between has only the row. */
const GRACE_MS = 60_000
const SAMPLES = 5

/** The files of a relation, in the folder of the run. */
export function repairLists({ run }: Base, relation: string, partner: Partner): RepairLists {
  const file = (what: string) => `${run.folder}/${what}_${partner}s_${relation}.txt`
  return { missing: file('missing'), orphans: file('orphaned') }
}

/** Where the rows of a relation are listed; the lanes of two stores may list the same table at once. */
export function rowsFile({ run }: Base, relation: string, partner: Partner): string {
  return `${run.folder}/rows_${relation}_${partner}s.tsv`
}

/**
 * Keys and times of a table into a file, in the order of its index: numbers by their value, UUIDs byte by byte. A text in
 * another order than `compareKeys` has is noticed there.
 */
function exportRows({ target }: Base, { postgres }: Relation, file: string): Command {
  const store = storeNamed(target, postgres.store, 'postgres')
  const { id, created, table } = postgres
  const query = `COPY (SELECT ${id}, ${created} FROM ${table} ORDER BY ${id}) TO STDOUT`
  return { ...psql(target.runtime, store, query, { seconds: 600 }), stdout: file }
}

/**
 * Merges the sorted keys of a table with those of its partners: linear time, constant memory. `since` is the time of the
 * backup. Throws a Problem when one side is not sorted, because then nothing it says would be true.
 */
export async function mergeReferences(
  rows: string,
  partners: AsyncIterable<string>,
  since: string,
  lists: RepairLists,
  io: Pick<Io, 'cwd' | 'progress'>,
): Promise<References> {
  const bound = Date.parse(since) - GRACE_MS
  const seen = new Seen(resolve(io.cwd, lists.missing), resolve(io.cwd, lists.orphans))
  const theirs = ascending(partners)[Symbol.asyncIterator]()
  let partner = await theirs.next()
  const orphansBelow = async (key: string | undefined) => {
    while (!partner.done && (key === undefined || compareKeys(partner.value, key) < 0)) {
      seen.orphan(partner.value)
      partner = await theirs.next()
    }
  }
  for await (const [key, created] of rowsIn(resolve(io.cwd, rows))) {
    await orphansBelow(key)
    if (!partner.done && partner.value === key) {
      seen.pair()
      partner = await theirs.next()
    } else seen.alone(key, created >= bound)
    io.progress({ done: seen.found.rows, unit: 'points' })
  }
  await orphansBelow(undefined)
  return seen.end()
}

/** Numbers before texts; numbers by their value however large they are, texts by their bytes. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  const [x, y] = [NUMBER.test(a), NUMBER.test(b)]
  if (x !== y) return x ? -1 : 1
  if (!x) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return BigInt(a) < BigInt(b) ? -1 : 1
}

const NUMBER = /^(0|-?[1-9]\d*)$/

/** Key and time in milliseconds of every row. */
async function* rowsIn(file: string): AsyncGenerator<[string, number]> {
  let last: string | undefined
  for await (const line of linesOf(file)) {
    const [key = '', created = ''] = line.split('\t')
    requireAscending(last, key)
    last = key
    yield [key, Date.parse(created.replace(' ', 'T').replace(/\+00$/, 'Z'))]
  }
}

async function* ascending(keys: AsyncIterable<string>): AsyncGenerator<string> {
  let last: string | undefined
  for await (const key of keys) {
    requireAscending(last, key)
    last = key
    yield key
  }
}

function requireAscending(last: string | undefined, key: string): void {
  if (last === undefined || compareKeys(last, key) < 0) return
  throw new Problem(
    `the keys ${last} and ${key} came in that order: they cannot be compared with another store`,
    {
      hint: 'is a key there twice, a text that looks like a number, or sorted in the manner of a language? Keys must be unique: whole numbers, UUIDs, or texts in bytewise order (COLLATE "C")',
    },
  )
}

/** What the merge has seen so far. */
class Seen {
  readonly found: References = {
    rows: 0,
    partners: 0,
    expected: 0,
    missing: 0,
    orphans: 0,
    samples: [],
    orphaned: [],
  }
  readonly #missing: LineFile
  readonly #orphans: LineFile

  constructor(missing: string, orphans: string) {
    this.#missing = new LineFile(missing)
    this.#orphans = new LineFile(orphans)
  }

  pair(): void {
    this.found.rows++
    this.found.partners++
  }

  alone(key: string, young: boolean): void {
    this.found.rows++
    this.#missing.add(key)
    if (young) this.found.expected++
    else if (++this.found.missing <= SAMPLES) this.found.samples.push(key)
  }

  orphan(key: string): void {
    this.found.partners++
    this.#orphans.add(key)
    if (++this.found.orphans <= SAMPLES) this.found.orphaned.push(key)
  }

  end(): References {
    this.#missing.end()
    this.#orphans.end()
    return this.found
  }
}

const AGAIN: Record<Partner, string> = {
  point: 'to be embedded again',
  node: 'to be added to the graph again',
}

/**
 * `gap`: how many rows had no partner already when the backup was taken; undefined where its manifest does not say, and
 * then none of them can be called lost.
 */
export function referenceVerdict(
  o: Output,
  partner: Partner,
  lists: RepairLists,
  gap: number | undefined,
): Verdict {
  const r = JSON.parse(o.stdout) as References
  const found = [`${plural(r.rows, 'row')}, ${plural(r.partners, partner)}`]
  if (r.expected > 0)
    found.push(`${plural(r.expected, 'row')} younger than the backup, ${AGAIN[partner]}: ${lists.missing}`)
  const lost = gap === undefined ? 0 : Math.max(0, r.missing - gap)
  if (lost > 0)
    found.push(`${plural(lost, 'older row')} without a ${partner} (such as ${r.samples.join(', ')})`)
  if (r.missing > lost) {
    const without = plural(r.missing - lost, 'row')
    const known = `${without} had no ${partner} in the backup either`
    const unknown = `${without} without a ${partner}, and the backup does not say how many had none`
    found.push(`${gap === undefined ? unknown : known}: ${lists.missing}`)
  }
  if (r.orphans > 0) {
    const such = `such as ${r.orphaned.join(', ')}`
    found.push(
      `${plural(r.orphans, partner)} without a row (deleted since the backup; ${such}): ${lists.orphans}`,
    )
  }
  const verdict = lost > 0 ? 'failed' : r.expected + r.missing + r.orphans > 0 ? 'expected loss' : 'proven'
  return { verdict, found: found.join('; ') }
}

/** A kind of partner, and how it is compared with rows. */
export interface Side {
  partner: Partner
  /** The relations of a store, as the configuration declares them. */
  relations: (f: StoreBase) => readonly Relation[]
  /** The listed rows of a relation and the live partners; `since` is the time of the backup. */
  compare: (f: OneRelation, since: string) => Command
}

export type OneRelation = StoreBase & { relation: Relation }

/** A backup of a store that has begun: `memberStarted` becomes `started` of its member, ISO 8601. */
export interface Begun {
  memberStarted: string
}

/**
 * Rows without a partner today will have none after a restore either: that is no loss of the restore. Older ones than
 * the begin of this store's backup, as a validation will count them: with the begin of the set, minutes earlier, rows
 * from in between would be neither known nor young. With PostgreSQL down there is nothing to count, and a later
 * validation is the stricter for it.
 */
export function countGaps<F extends StoreBase & Begun>(
  s: Sequence<F>,
  { partner, relations, compare }: Side,
) {
  const part = (s as unknown as Sequence<StoreBase & Begun>).gather(
    'relation',
    relations,
    s =>
      s
        .keep(`list the rows that should have a ${partner}`, f => ({ ...listRows(f, partner), ok: [1, 2] }))
        .read(
          'count those that have none',
          f => compare(f, f.memberStarted),
          (o, f) => ({ gap: { [f.relation.name]: (JSON.parse(o.stdout) as References).missing } }),
        ),
    'gaps',
    f => f.gap,
  )
  return part as unknown as Sequence<F & { gaps: Record<string, number>[] }>
}

/** What a check of references is held against. */
type Held = StoreBase & { candidate: { member: { started: string; gaps?: Record<string, number> } } }

/** Every row has its partner and every partner its row, but for what is younger than the backup. */
export function checkReferences<F extends Held>(s: Sequence<F>, { partner, relations, compare }: Side) {
  const part = (s as unknown as Sequence<Held>).each('relation', relations, s =>
    s
      .keep(`list the rows that must have a ${partner}`, f => listRows(f, partner))
      .check(
        `every row has its ${partner}, every ${partner} its row`,
        f => compare(f, f.candidate.member.started),
        (o, f) => {
          const { name } = f.relation
          const { gaps } = f.candidate.member
          return referenceVerdict(o, partner, repairLists(f, name, partner), gaps && (gaps[name] ?? 0))
        },
      ),
  )
  return part as unknown as Sequence<F>
}

/** Into the file of the run; see rowsFile. */
export function listRows(f: OneRelation, partner: Partner): Command {
  return exportRows(f, f.relation, rowsFile(f, f.relation.name, partner))
}

/** The relations of a store that have partners of this kind in it, as the configuration declares them. */
export function relationsWith<P extends 'qdrant' | 'neo4j'>(
  { target, store }: StoreBase,
  partner: P,
): (Relation & Required<Pick<Relation, P>>)[] {
  return target.relations.filter(
    (relation): relation is Relation & Required<Pick<Relation, P>> => relation[partner]?.store === store.name,
  )
}
