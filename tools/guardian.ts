import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { badInput } from '../lib/problem.ts'
import { storeNamed } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { guard } from '../stores/neo4j/guardian.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Starts Neo4j again whatever happens to you while it is stopped for a dump.

  npx tsx tools/guardian.ts set <store> <file> [--while <pid>]
      goes into the background; starts the store when the process has died, when <file> is gone, or after 4 hours
  npx tsx tools/guardian.ts ask <store> <file>       "on guard" or "dismissed"
  npx tsx tools/guardian.ts dismiss <store> <file>   the store is back: the guardian goes`

await program(async () => {
  const { values, positionals } = readArguments(HELP, { while: { type: 'string' } })
  const [verb, name = '', path] = positionals
  const target = targetFrom(values)
  const store = storeNamed(target, name, 'neo4j')
  const pid = values.while ?? ''
  if (!path || !/^\d*$/.test(pid))
    throw badInput('that is none of its forms', 'npx tsx tools/guardian.ts --help')
  const file = resolve(target.root, path)
  if (verb === 'set') guard(target, store.service, file, pid)
  else if (verb === 'ask') process.stdout.write(readFileSync(file, 'utf8'))
  else if (verb === 'dismiss') writeFileSync(file, 'dismissed\n')
  else throw badInput('that is none of its forms', 'npx tsx tools/guardian.ts --help')
  return undefined
})
