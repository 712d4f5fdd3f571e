import { resolve } from 'node:path'
import type { Command, Io } from '../lib/command.ts'
import type { Relation } from '../lib/config-schema.ts'
import { LineFile, linesOf } from '../lib/data-files.ts'
import { storeNamed } from '../lib/target.ts'
import type { Sequence } from '../runbook/tree.ts'
import { timeIn, youngFrom } from './age.ts'
import type { Base, StoreBase } from './base.ts'
import { columnsOf, compareKeys, keyOfLine, lineOf, putInOrder, requireAscending } from './keys.ts'
import { psql } from './postgres/commands.ts'
import { referenceVerdict } from './reference-verdict.ts'

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
  /** Partners without a row, and how many of them are known to be younger than the backup, or older. */
  orphans: number
  young: number
  old: number
  /** Partners beyond the first of a row that has one, and partners that name no row at all. */
  doubles: number
  unkeyed: number
  /** Keys of some rows that are missing, and some partners of each other kind by their own ids. */
  samples: string[]
  orphaned: string[]
  doubled: string[]
  keyless: string[]
}

/** A partner: the key of its row, undefined where it has none that can be one. */
export interface Match {
  key: string | undefined
  /** What it is called in its own store: the key, where that is its id. */
  id: string
  /** Milliseconds; NaN where it is not known. */
  created?: number
}

/** How partners refer to rows, where it is not one by one and by id. */
export interface How {
  /** A row may have several. */
  many?: true
  /** Field of the payload that has the key. */
  field?: string
  /** Where the time stands at which a partner was made. */
  created?: string
}

/**
 * Files for the keys of all rows without a partner and of all partners without a row, one a line; a partner that has
 * an id of its own stands there with it, a tab and the key.
 */
export interface RepairLists {
  missing: string
  orphans: string
}

/** Nothing to say where it is one by one and by id. */
export function howWords(how: How): string[] {
  return Object.keys(how).length === 0 ? [] : [JSON.stringify(how)]
}

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

/** Keys and times of a table into a file, in the order of its index; what compares them puts texts in order. */
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
  partners: AsyncIterable<Match>,
  since: string,
  lists: RepairLists,
  io: Pick<Io, 'cwd' | 'progress' | 'signal'>,
  { many }: How = {},
): Promise<References> {
  await putInOrder(rows, io)
  const seen = new Seen(lists, since, io.cwd)
  const theirs = keyed(partners, seen)[Symbol.asyncIterator]()
  let partner = await theirs.next()
  const orphansBelow = async (key: string | undefined) => {
    while (!partner.done && (key === undefined || compareKeys(partner.value.key, key) < 0)) {
      seen.orphan(partner.value)
      partner = await theirs.next()
    }
  }
  for await (const [key, created] of rowsIn(resolve(io.cwd, rows))) {
    await orphansBelow(key)
    if (partner.done || partner.value.key !== key) seen.alone(key, created)
    else seen.pair()
    for (let first = true; !partner.done && partner.value.key === key; first = false) {
      seen.partner(partner.value, first || many === true)
      partner = await theirs.next()
    }
    io.progress({ done: seen.found.rows, unit: 'points' })
  }
  await orphansBelow(undefined)
  return seen.end()
}

/** Key and time in milliseconds of every row. */
async function* rowsIn(file: string): AsyncGenerator<[string, number]> {
  let last: string | undefined
  for await (const line of linesOf(file)) {
    const key = keyOfLine(line)
    requireAscending(last, key, 'once')
    last = key
    yield [key, timeIn(columnsOf(line)[1])]
  }
}

async function* keyed(partners: AsyncIterable<Match>, seen: Seen): AsyncGenerator<Match & { key: string }> {
  let last: string | undefined
  for await (const { key, ...rest } of partners) {
    if (key === undefined) {
      seen.keyless(rest.id)
      continue
    }
    requireAscending(last, key, 'may be twice')
    last = key
    yield { key, ...rest }
  }
}

/** What the merge has seen so far. */
class Seen {
  readonly found: References = {
    ...{
      rows: 0,
      partners: 0,
      expected: 0,
      missing: 0,
      orphans: 0,
      young: 0,
      old: 0,
      doubles: 0,
      unkeyed: 0,
    },
    ...{ samples: [], orphaned: [], doubled: [], keyless: [] },
  }
  readonly #missing: LineFile
  readonly #orphans: LineFile
  readonly #bound: number

  constructor({ missing, orphans }: RepairLists, since: string, cwd: string) {
    this.#missing = new LineFile(resolve(cwd, missing))
    this.#orphans = new LineFile(resolve(cwd, orphans))
    this.#bound = youngFrom(since)
  }

  pair(): void {
    this.found.rows++
  }

  partner({ id }: Match, wanted: boolean): void {
    this.found.partners++
    if (!wanted && ++this.found.doubles <= SAMPLES) this.found.doubled.push(id)
  }

  alone(key: string, created: number): void {
    this.found.rows++
    this.#missing.add(key)
    if (created >= this.#bound) this.found.expected++
    else if (++this.found.missing <= SAMPLES) this.found.samples.push(key)
  }

  orphan({ key, id, created = Number.NaN }: Match & { key: string }): void {
    this.found.partners++
    this.#orphans.add(id === key ? id : lineOf(id, key))
    if (created >= this.#bound) this.found.young++
    else if (created < this.#bound) this.found.old++
    if (++this.found.orphans <= SAMPLES) this.found.orphaned.push(id)
  }

  keyless(id: string): void {
    this.found.partners++
    if (++this.found.unkeyed <= SAMPLES) this.found.keyless.push(id)
  }

  end(): References {
    this.#missing.end()
    this.#orphans.end()
    return this.found
  }
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
export type Held = StoreBase & {
  candidate: { member: { started: string; gaps?: Record<string, number> } }
  /** What this run has restored. */
  restoring: readonly unknown[]
}

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
          return referenceVerdict(o, partner, repairLists(f, name, partner), {
            gap: gaps && (gaps[name] ?? 0),
            restored: f.restoring.length > 0,
          })
        },
      ),
  )
  return part as unknown as Sequence<F>
}

/** Into the file of the run; see rowsFile. */
export function listRows(f: OneRelation, partner: Partner): Command {
  return exportRows(f, f.relation, rowsFile(f, f.relation.name, partner))
}

/**
 * The same once more, beside: what is deleted must have no row by now, and what was found missing is looked for among
 * the rows of then.
 */
export function listRowsAgain(f: OneRelation, partner: Partner): Command {
  return exportRows(f, f.relation, againFile(f, f.relation.name, partner))
}

export function againFile({ run }: Base, relation: string, partner: Partner): string {
  return `${run.folder}/rows_${relation}_${partner}s_again.tsv`
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
