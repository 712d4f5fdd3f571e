import { exec } from '../lib/exec.ts'
import { badInput } from '../lib/problem.ts'
import { storeNamed } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { inspectPoints } from '../stores/qdrant/commands.ts'
import { compareReferences } from '../stores/qdrant/references.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Reads the points of a Qdrant collection.

  npx tsx tools/points.ts inspect <store> <collection>
      reads every point with payload and vector: count, fingerprint, damaged vectors, searches; as JSON
  npx tsx tools/points.ts references <store> <collection> <rows.tsv> <since> <list>
      compares ids with the rows of a table (id, created); rows without a point go into <list>`

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [verb, store = '', collection = '', rows = '', since = '', list = ''] = positionals
  const target = targetFrom(values)
  const run = (command: Parameters<typeof exec>[0]) => exec(command, { cwd: target.root })
  if (verb === 'inspect' && collection) {
    process.stdout.write((await run(inspectPoints(storeNamed(target, store, 'qdrant'), collection))).stdout)
  } else if (verb === 'references' && list) {
    const qdrant = storeNamed(target, store, 'qdrant')
    process.stdout.write((await run(compareReferences(qdrant, collection, rows, since, list))).stdout)
  } else throw badInput('that is none of its forms', 'npx tsx tools/points.ts --help')
  return undefined
})
