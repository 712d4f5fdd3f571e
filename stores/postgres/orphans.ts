import { plural } from '../../lib/format.ts'
import type { PostgresStore } from '../../lib/target.ts'
import { ask, type Diagnosis, type Look, type Looking } from '../diagnosis.ts'
import { psql } from './commands.ts'
import { readHealth } from './health.ts'
import { inspectReferences } from './inspect.ts'
import {
  type ForeignKey,
  foreignKeys,
  literal,
  orphansOf,
  type Rows,
  referringTo,
  select,
  setAside,
} from './set-aside.ts'

/** So many rows are shown; the command gives all of them. */
const SHOWN = 3

/** Rows without a parent, by foreign key: which ones, and how they leave the table without being lost. */
export const orphanedRows: Look<PostgresStore> = async (looking, store) => {
  const { target, run } = looking
  const health = readHealth(await ask(looking, inspectReferences(target, store, [store.database])))
  const found: Diagnosis[] = []
  for (const orphans of health.orphans) found.push(await explain(looking, store, orphans, run.id))
  const { unvalidated } = health
  if (unvalidated.length > 0) {
    found.push({
      about: store.name,
      evidence: [`never validated: ${unvalidated.join(', ')}`],
      cause: 'a constraint was added as NOT VALID, so rows from before it were never held against it',
      next: unvalidated.map(
        name => `ALTER TABLE its table VALIDATE CONSTRAINT ${name}: it names the first row that breaks it`,
      ),
    })
  }
  return found
}

interface Orphans {
  key: string
  table: string
  rows: number
}

async function explain(
  looking: Looking,
  store: PostgresStore,
  { key, table, rows }: Orphans,
  id: string,
): Promise<Diagnosis> {
  const { runtime } = looking.target
  const query = (text: string) => psql(runtime, store, text)
  const ofTable = `con.conname = ${literal(key)} AND con.conrelid = ${literal(table)}::regclass`
  const [broken] = await keys(looking, store, ofTable)
  if (!broken) throw new Error(`the foreign key ${key} of ${table} is gone since it was checked`)
  const orphans = orphansOf(broken)
  const all = await withReferring(looking, store, orphans)
  const others = all.slice(1).map(each => each.table)
  const shown = await ask(looking, query(`SELECT to_jsonb(c) FROM (${select(orphans)} LIMIT ${SHOWN}) c`))
  return {
    about: table,
    evidence: [
      `${plural(rows, 'row')} without a parent, against ${key}`,
      ...shown.stdout.split('\n').filter(Boolean).map(shortened),
      ...(others.length > 0 ? [`rows of ${others.join(', ')} refer to them`] : []),
    ],
    cause:
      'rows were written while the constraint was off (session_replication_role, disabled triggers), or the parents ' +
      'were deleted past it; the catalogue still calls it valid',
    next: [
      query(select(orphans)),
      'if the parents are missing, bring them back: npx tsx scenarios/accidental-deletion.ts',
      `if nobody needs the rows, set them aside${others.length > 0 ? ', with those that refer to them' : ''}:`,
      query(setAside(all, id)),
    ],
  }
}

/** Farther than this nobody can judge what a deletion takes along. */
const DEPTH = 5

/** These rows and all that refer to them, over as many tables as it takes; a table counts once. */
async function withReferring(looking: Looking, store: PostgresStore, first: Rows): Promise<Rows[]> {
  const all = [first]
  for (let depth = 0, last = [first]; depth < DEPTH && last.length > 0; depth++) {
    const next: Rows[] = []
    for (const rows of last) {
      const to = await keys(looking, store, `con.confrelid = ${literal(rows.table)}::regclass`)
      next.push(...to.map(key => referringTo(rows, key, depth)))
    }
    last = merged(next.filter(({ table }) => !all.some(known => known.table === table)))
    all.push(...last)
  }
  return all
}

/** A table that refers by two keys gives its rows once. */
function merged(all: readonly Rows[]): Rows[] {
  const byTable = new Map<string, Rows[]>()
  for (const rows of all) byTable.set(rows.table, [...(byTable.get(rows.table) ?? []), rows])
  return [...byTable].map(([table, parts]) => ({
    table,
    where: row => `(${parts.map(({ where }) => where(row)).join(' OR ')})`,
  }))
}

async function keys(looking: Looking, store: PostgresStore, condition: string): Promise<ForeignKey[]> {
  const { stdout } = await ask(looking, psql(looking.target.runtime, store, foreignKeys(condition)))
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as ForeignKey)
}

/** A row on one line: long texts only begin, so that the keys are seen. */
function shortened(row: string): string {
  const columns = Object.entries(JSON.parse(row) as Record<string, unknown>)
  const texts = columns.map(([name, value]) => {
    const text = JSON.stringify(value)
    return `${name} ${text.length > 30 ? `${text.slice(0, 29)}…` : text}`
  })
  return texts.join(', ').slice(0, 200)
}
