import { exec } from '../lib/exec.ts'
import { badInput } from '../lib/problem.ts'
import { storeNamed } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { inspectArchive, inspectDatabase } from '../stores/postgres/inspect.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Reads all of a PostgreSQL dump or database: rows and fingerprint per table, sequences, a digest of every
definition; as JSON. Memory does not grow with the data.

  npx tsx tools/rows.ts archive <store> <file.dump>
  npx tsx tools/rows.ts database <store> <database>`

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [verb, name = '', what = ''] = positionals
  if (!what || (verb !== 'archive' && verb !== 'database'))
    throw badInput('that is none of its forms', 'npx tsx tools/rows.ts --help')
  const target = targetFrom(values)
  const store = storeNamed(target, name, 'postgres')
  const read = verb === 'archive' ? inspectArchive : inspectDatabase
  process.stdout.write((await exec(read(target, store, what), { cwd: target.root })).stdout)
  return undefined
})
