import { exec } from '../lib/exec.ts'
import { badInput } from '../lib/problem.ts'
import { storeNamed } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { inspectArchive, inspectDatabase, inspectReferences } from '../stores/postgres/inspect.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Reads all of a PostgreSQL dump or database: rows and fingerprint per table, sequences, a digest of every
definition; as JSON. Memory does not grow with the data.

  npx tsx tools/rows.ts archive <store> <file.dump>
  npx tsx tools/rows.ts database <store> <database>…
  npx tsx tools/rows.ts references <store> <database>…
      the first of these databases that exists; references checks every foreign key, index and sequence of it`

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [verb, name = '', what = '', ...others] = positionals
  const forms = { database: inspectDatabase, references: inspectReferences }
  if (!what || !(verb === 'archive' || verb === 'database' || verb === 'references'))
    throw badInput('that is none of its forms', 'npx tsx tools/rows.ts --help')
  const target = targetFrom(values)
  const store = storeNamed(target, name, 'postgres')
  const names = [what, ...others]
  const read = verb === 'archive' ? inspectArchive(target, store, what) : forms[verb](target, store, names)
  process.stdout.write((await exec(read, { cwd: target.root })).stdout)
  return undefined
})
