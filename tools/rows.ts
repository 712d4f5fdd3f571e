import type { Command } from '../lib/command.ts'
import { exec } from '../lib/exec.ts'
import { badInput } from '../lib/problem.ts'
import { type PostgresStore, storeNamed, type Target } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { inspectArchive, inspectDatabase, inspectReferences } from '../stores/postgres/inspect.ts'
import { inspectApart } from '../stores/postgres/restore-apart.ts'
import { missingRows, writeMissingKeys } from '../stores/postgres/rows/missing.ts'
import { takeRows } from '../stores/postgres/rows/take.ts'
import { weighRows } from '../stores/postgres/rows/weigh.ts'
import { shapeOf } from '../stores/postgres/shape.ts'
import { readArguments, readJson, targetFrom } from './arguments.ts'

const HELP = `Reads all of a PostgreSQL dump or database: rows and fingerprint per table, sequences, a digest of every
definition; as JSON. Memory does not grow with the data.

  npx tsx tools/rows.ts archive <store> <file.dump>
  npx tsx tools/rows.ts database <store> <database>…
  npx tsx tools/rows.ts references <store> <database>…
      the first of these databases that exists; references checks every foreign key, index and sequence of it
  npx tsx tools/rows.ts shape <store> <database>
      rows per table, foreign keys, NULLs in the critical columns of the configuration; nothing is dumped
  npx tsx tools/rows.ts apart <store> <container> <database>
      one that was restored for a trial, in a container of its own

Finds rows that a backup holds and the live database does not, by primary key, and prepares to bring them back.
The live database is only read.

  npx tsx tools/rows.ts missing <store> <object> <sha256>
      how many rows of which tables; the object is that of a backup in the bucket; as JSON
  npx tsx tools/rows.ts missing-keys <store> <file.dump> <keys.sql>
      their keys, as a script for psql
  npx tsx tools/rows.ts take <store> <database> <keys.sql> <rows.sql> <wanted> <tables>
      the wanted rows and those that depend on them, out of a restored database, as a script for psql;
      <wanted> is '[{"table":"public.documents","keys":["12"]}]' (keys null: all), <tables> a list of names
  npx tsx tools/rows.ts weigh <store> <rows.sql> <coming.sql> <tables>
      those of the rows that the live database can take, as a script whose first line says what it holds`

type Form = (target: Target, store: PostgresStore, words: readonly string[]) => Command

/** Each form with the least number of words behind the store. */
const FORMS: Record<string, [number, Form]> = {
  archive: [1, (target, store, [file]) => inspectArchive(target, store, file!)],
  database: [1, (target, store, names) => inspectDatabase(target, store, names)],
  references: [1, (target, store, names) => inspectReferences(target, store, names)],
  shape: [1, (target, store, [database]) => shapeOf(target, { ...store, database: database! })],
  apart: [2, (target, store, [container, name]) => inspectApart(target, store, container!, name!)],
  missing: [2, (target, store, [key, sha256]) => missingRows(target, store, key!, sha256!)],
  'missing-keys': [2, (target, store, [archive, out]) => writeMissingKeys(target, store, archive!, out!)],
  take: [
    5,
    (target, store, [side, keys, out, wanted, tables]) =>
      takeRows(target, store, side!, keys!, readJson(wanted!), readJson(tables!), out!),
  ],
  weigh: [
    3,
    (target, store, [rows, out, tables]) => weighRows(target, store, rows!, readJson(tables!), out!),
  ],
}

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [verb = '', name = '', ...words] = positionals
  const [least, form] = FORMS[verb] ?? []
  if (!form || words.length < least!)
    throw badInput('that is none of its forms', 'npx tsx tools/rows.ts --help')
  const target = targetFrom(values)
  const command = form(target, storeNamed(target, name, 'postgres'), words)
  process.stdout.write((await exec(command, { cwd: target.root })).stdout)
  return undefined
})
