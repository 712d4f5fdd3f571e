import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, command } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import type { Problem } from '../../lib/problem.ts'
import { storeNamed, type Target } from '../../lib/target.ts'
import { connect, inside, pgDump, psql, script, scriptFile } from '../../stores/postgres/commands.ts'
import { CATALOGUE_QUERY, readCatalogue } from '../../stores/postgres/rows/catalogue.ts'
import type { Wanted } from '../../stores/postgres/rows/choice.ts'
import { copySql } from '../../stores/postgres/rows/copy.ts'
import { writeMissingKeys } from '../../stores/postgres/rows/missing.ts'
import { takeRows } from '../../stores/postgres/rows/take.ts'
import { readWeighed, weighRows } from '../../stores/postgres/rows/weigh.ts'
import { assert } from '../describe.ts'

const [LIVE, SIDE] = ['odd_live', 'odd_side']
/** A table that refers to itself, with a name, columns and values that have to be quoted. */
const TREE = '"Odd schema"."Tree ""x"""'

const TABLES = `CREATE SCHEMA "Odd schema";
CREATE TABLE ${TREE} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  parent bigint REFERENCES ${TREE} (id) ON DELETE CASCADE, "why" text,
  doubled bigint GENERATED ALWAYS AS (id * 2) STORED, j json, at timestamptz, iv interval, f float8, b bytea);
INSERT INTO ${TREE} (parent, why, j, at, iv, f, b) SELECT NULLIF(n / 2, 0), E'tab\\there\\nline ' || n || ' \\\\. ' || E'\\u2028',
  '{"a": 1}', now(), '1 day 2 hours', random() * 1e-10, '\\xdeadbeef' FROM generate_series(1, 40) n;
CREATE TABLE pair (a text, b date, v point, PRIMARY KEY (b, a));
INSERT INTO pair SELECT E'k\\t\\\\' || n, date '2026-01-01' + n, point(n, n) FROM generate_series(1, 20) n;
CREATE TABLE ca (id int PRIMARY KEY, b int);
CREATE TABLE cb (id int PRIMARY KEY, a int REFERENCES ca (id) ON DELETE CASCADE);
INSERT INTO ca SELECT n, n FROM generate_series(1, 10) n;
INSERT INTO cb SELECT n, n FROM generate_series(1, 10) n;
ALTER TABLE ca ADD FOREIGN KEY (b) REFERENCES cb (id) ON DELETE CASCADE DEFERRABLE;
CREATE TABLE log (line text);
INSERT INTO log VALUES ('x');`

const DELETIONS = `DELETE FROM ${TREE} WHERE id = 3;
DELETE FROM pair WHERE b > '2026-01-11';
DELETE FROM ca WHERE id IN (2, 5);`

/** Tables of every awkward form in two databases of their own: the live one, and the restored one beside it. */
async function oddRows(target: Target) {
  const store = { ...storeNamed(target, 'postgres', 'postgres'), database: LIVE }
  const f = { target, store }
  const folder = mkdtempSync(join(tmpdir(), 'odd-rows-'))
  const file = (name: string) => join(folder, name)
  const run = (one: Command) => exec(one, { cwd: target.root })
  const sql = (statements: string, database = LIVE) => run(script(f, statements, { database }))
  const names = [TREE, 'public.ca', 'public.cb', 'public.pair']
  await sql(`CREATE DATABASE ${LIVE};\nCREATE DATABASE ${SIDE};`, 'postgres')
  await sql(TABLES)
  await run(pgDump(target.runtime, store, LIVE, ['-Fc'], { stdout: file('dump') }))
  const restore = ['pg_restore', ...connect(store, SIDE), '--exit-on-error']
  const options = { ...inside(store), stdin: { file: file('dump') } }
  await run(target.runtime.exec(store.service, restore, options))
  const catalogue = readCatalogue(await run(psql(target.runtime, store, CATALOGUE_QUERY)))
  const { copy, look, undo } = copySql(catalogue, names)
  const behindRows = (last: string) => run(scriptFile(f, file('coming'), {}, last))
  return {
    sql,
    /** What of the missing rows can come back; nothing is written. */
    weigh: async (wanted: readonly Wanted[] = names.map(table => ({ table, keys: null }))) => {
      await run(writeMissingKeys(target, store, file('dump'), file('keys')))
      await run(takeRows(target, store, SIDE, file('keys'), wanted, names, file('wanted')))
      await run(weighRows(target, store, file('wanted'), names, file('coming')))
      return readWeighed(await run(command(['grep', '-m', '1', '^-- ', file('coming')])))
    },
    copy: () => behindRows(copy),
    /** Rows that come back, and those of them that are there: "31|0". */
    look: async () => (await behindRows(look)).stdout.trim(),
    undo: () => behindRows(undo),
    end: async () => {
      rmSync(folder, { recursive: true, force: true })
      await sql(`DROP DATABASE ${LIVE} WITH (FORCE);\nDROP DATABASE ${SIDE} WITH (FORCE);`, 'postgres')
    },
  }
}

const CHANGE = `CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.why := ''other''; RETURN NEW; END';
CREATE TRIGGER other BEFORE INSERT ON ${TREE} FOR EACH ROW EXECUTE FUNCTION other();`
const DELETE = `CREATE OR REPLACE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM log; RETURN NEW; END'`

/** Circles, composite keys, generated columns, a trigger that interferes, and a row that was written since. */
export async function awkwardRows(target: Target): Promise<void> {
  const odd = await oddRows(target)
  const fails = async (what: () => Promise<unknown>, words: RegExp) => {
    const error = await what().then(
      () => undefined,
      (problem: Problem) => problem,
    )
    assert.match(error?.tail.join('\n') ?? 'it did not fail', words)
  }
  try {
    await odd.sql(DELETIONS)
    const one = await odd.weigh([{ table: TREE, keys: ['3'] }])
    assert.equal(
      one.coming.map(({ table, rows }) => `${table} ${rows}`),
      [`${TREE} 15`],
    )
    const all = await odd.weigh()
    assert.equal([all.refused, await odd.look()], [[], '29|0'])
    await odd.sql(CHANGE)
    await fails(odd.copy, /changed on their way in/)
    await odd.sql(DELETE)
    await fails(odd.copy, /rows that were there before were changed or deleted/)
    assert.is(await odd.look(), '29|0', 'a copy that failed has left something')
    await odd.sql(`DROP TRIGGER other ON ${TREE}`)
    await odd.copy()
    assert.is(await odd.look(), '29|29')
    await odd.sql(`INSERT INTO ${TREE} (parent, why) VALUES (3, 'written since')`)
    await fails(odd.undo, /written since refer to those that came back/)
    await odd.sql(`DELETE FROM ${TREE} WHERE why = 'written since'`)
    await odd.undo()
    assert.is(await odd.look(), '29|0')
  } finally {
    await odd.end()
  }
}
