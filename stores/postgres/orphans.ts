import { plural } from '../../lib/format.ts'
import type { PostgresStore } from '../../lib/target.ts'
import { ask, type Diagnosis, type Look, type Looking } from '../diagnosis.ts'
import { psql } from './commands.ts'
import { orphansOf, readHealth } from './health.ts'
import { inspectReferences } from './inspect.ts'

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
  const { stdout } = await ask(looking, psql(runtime, store, orphansOf(key)))
  // Keys of one name in two tables give a line each.
  const which = stdout.split('\n').find(line => line.includes(` ${table} c WHERE `))
  if (!which) throw new Error(`the foreign key ${key} of ${table} is gone since it was checked`)
  const shown = await ask(
    looking,
    psql(runtime, store, `SELECT to_jsonb(c) FROM (${which} LIMIT ${SHOWN}) c`),
  )
  const kept = `quarantine."${table.split('.').at(-1)!.replaceAll('"', '')}_${id}"`
  return {
    about: table,
    evidence: [
      `${plural(rows, 'row')} without a parent, against ${key}`,
      ...shown.stdout.split('\n').filter(Boolean).map(shortened),
    ],
    cause:
      'rows were written while the constraint was off (session_replication_role, disabled triggers), or the parents ' +
      'were deleted past it; the catalogue still calls it valid',
    next: [
      psql(runtime, store, which),
      'if the parents are missing, bring them back: npx tsx scenarios/accidental-deletion.ts',
      'if nobody needs the rows, nor what refers to them by a cascading key, set them aside in one transaction:',
      psql(
        runtime,
        store,
        `BEGIN; CREATE SCHEMA IF NOT EXISTS quarantine; CREATE TABLE ${kept} AS ${which}; ` +
          `DELETE FROM ${table} c ${which.slice(which.indexOf('WHERE '))}; COMMIT`,
      ),
    ],
  }
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
