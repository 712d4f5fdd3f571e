import { resolve } from 'node:path'
import type { Command, Io, Output } from '../lib/command.ts'
import type { Content, Relation } from '../lib/config-schema.ts'
import { LineFile, linesOf } from '../lib/data-files.ts'
import { plural } from '../lib/format.ts'
import { badInput } from '../lib/problem.ts'
import { storeNamed } from '../lib/target.ts'
import type { Verdict } from '../runbook/model.ts'
import { timeIn } from './age.ts'
import type { Base } from './base.ts'
import { columnsOf, keyOfLine } from './keys.ts'
import { psql } from './postgres/commands.ts'
import type { Partner } from './references.ts'

/** Which rows are compared: one of so many; undefined for what the relation says. */
export interface Sampled {
  sample?: number | undefined
}

/** One row of so many, where neither the relation nor the caller says it. */
const ONE_OF = 100
const SAMPLES = 5

/** `all` or `1/n` as a number; undefined when it was not given. Throws a Problem (exit 64) for anything else. */
export function sampleOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  if (word === 'all') return 1
  const [, of] = /^1\/([1-9]\d{0,8})$/.exec(word) ?? []
  if (of) return Number(of)
  throw badInput(
    `--sample "${word.slice(0, 20)}" is no sample`,
    'it can be all, or 1/100 for one row of a hundred',
  )
}

export function oneOf(f: Sampled, relation: Relation): number {
  return f.sample ?? relation.sample ?? ONE_OF
}

/** What a kind of partner has of a row. */
export function fieldsOf({ content = [] }: Relation, partner: Partner): { column: string; field: string }[] {
  const name = (one: Content) => (partner === 'point' ? one.payload : one.property)
  return content.flatMap(one => {
    const field = name(one)
    return field === undefined ? [] : [{ column: one.column, field }]
  })
}

/** Files of a comparison of content: rows of the sample, and keys of those that differ. */
export function contentFiles({ run }: Base, relation: string, partner: Partner) {
  return {
    rows: `${run.folder}/rows_${relation}_${partner}s_sample.tsv`,
    different: `${run.folder}/different_${partner}s_${relation}.txt`,
  }
}

/** Keys of the sample with the columns that partners have too, as a JSON list. */
export function listSample(f: Base & Sampled, relation: Relation, partner: Partner): Command {
  const columns = fieldsOf(relation, partner).map(({ column }) => column)
  const { id } = relation.postgres
  const fields = `${id}, jsonb_build_array(${columns.join(', ')})`
  return exported(f, relation, fields, contentFiles(f, relation.name, partner).rows)
}

/** Just the keys of the sample. */
export function listSampleKeys(f: Base & Sampled, relation: Relation, file: string): Command {
  return exported(f, relation, relation.postgres.id, file)
}

/**
 * The same rows whenever it is asked, and for every store: those whose key has a digest that can be divided. By the
 * database, which has the keys.
 */
function exported(f: Base & Sampled, relation: Relation, fields: string, file: string): Command {
  const { table, id, store } = relation.postgres
  const of = oneOf(f, relation)
  const where = of === 1 ? '' : ` WHERE ('x' || left(md5(${id}::text), 7))::bit(28)::int % ${of} = 0`
  const query = `COPY (SELECT ${fields} FROM ${table}${where} ORDER BY ${id}) TO STDOUT`
  const { target } = f
  return {
    ...psql(target.runtime, storeNamed(target, store, 'postgres'), query, { seconds: 600 }),
    stdout: file,
  }
}

/** Rows of a sample and their partners, compared field by field. */
export interface Contents {
  /** Rows of the sample, and those of them that have a partner. */
  rows: number
  compared: number
  different: number
  /** Some that differ, with the fields: "5 (text, ord)". */
  samples: string[]
}

/** A row of the sample with the values of its columns. */
export interface SampledRow {
  key: string
  values: unknown[]
}

/** The rows of a sample, so many at a time. `parse` reads JSON. */
export async function* sampledRows(
  file: string,
  { cwd }: Pick<Io, 'cwd'>,
  parse: (json: string) => unknown,
  size: number,
): AsyncGenerator<SampledRow[]> {
  let batch: SampledRow[] = []
  for await (const line of linesOf(resolve(cwd, file))) {
    batch.push({ key: keyOfLine(line), values: parse(columnsOf(line)[1] ?? '[]') as unknown[] })
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Gathers what a comparison of content sees. */
export class SeenContents {
  readonly found: Contents = { rows: 0, compared: 0, different: 0, samples: [] }
  readonly #list: LineFile

  constructor(file: string) {
    this.#list = new LineFile(file)
  }

  /** `fields` are the names of those that differ; undefined for a row without a partner. */
  add(key: string, fields: readonly string[] | undefined): void {
    this.found.rows++
    if (fields === undefined) return
    this.found.compared++
    if (fields.length === 0) return
    this.#list.add(key)
    if (++this.found.different <= SAMPLES) this.found.samples.push(`${key} (${fields.join(', ')})`)
  }

  end(): Contents {
    this.#list.end()
    return this.found
  }
}

/** Whether two databases mean the same value: numbers by value and exactly, times by their moment, nothing is nothing. */
export function sameValue(row: unknown, other: unknown): boolean {
  const [a, b] = [textOf(row), textOf(other)]
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  if (NUMBER.test(a) && NUMBER.test(b)) return !(WHOLE.test(a) && WHOLE.test(b)) && Number(a) === Number(b)
  return TIME.test(a) && TIME.test(b) && timeIn(a) === timeIn(b)
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/
const WHOLE = /^-?\d+$/
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object') return String(value)
  return JSON.stringify(value, (_, one) => {
    if (typeof one === 'bigint') return String(one)
    if (one === null || typeof one !== 'object' || Array.isArray(one)) return one
    return Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

export function contentVerdict(o: Output, partner: Partner, list: string): Verdict {
  const { rows, compared, different, samples } = JSON.parse(o.stdout) as Contents
  const found = `${plural(compared, partner)} of a sample of ${plural(rows, 'row')} compared`
  if (different === 0) return { verdict: 'proven', found }
  const told = `${plural(different, partner)} with another content than the row (such as ${samples.join(', ')})`
  return { verdict: 'failed', found: `${found}; ${told}: ${list}` }
}
