import { exec } from '../lib/exec.ts'
import { badInput } from '../lib/problem.ts'
import { storeNamed } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import type { Key } from '../stores/neo4j/graph.ts'
import { lookAt, readAll, readCopy } from '../stores/neo4j/read.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Reads a Neo4j graph; prints JSON. Memory does not grow with the graph.

  npx tsx tools/graph.ts look <store>
      nodes per label, relationships per type, indexes, constraints, users
  npx tsx tools/graph.ts read <store> [<keys>]
      the same, and a digest of every node and every relationship that depends on no order and no internal id;
      <keys> say what tells the ends of relationships apart: '[{"label":"Doc","properties":["id"]}]'
  npx tsx tools/graph.ts read-copy <store> <run> <volume> [<keys>]
      the same of a copy that was loaded into a volume of its own, in a throw-away server`

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [verb, name = '', ...rest] = positionals
  const target = targetFrom(values)
  const store = storeNamed(target, name, 'neo4j')
  const run = (command: Parameters<typeof exec>[0]) => exec(command, { cwd: target.root })
  if (verb === 'look' && rest.length === 0) {
    process.stdout.write((await run(lookAt(target, store))).stdout)
  } else if (verb === 'read' && rest.length <= 1) {
    process.stdout.write((await run(readAll(target, store, keysOf(rest[0])))).stdout)
  } else if (verb === 'read-copy' && rest[1]) {
    const [id, volume, keys] = rest as [string, string, string?]
    const base = { target, store, run: { id, folder: '.' } }
    process.stdout.write((await run(readCopy(base, volume, keysOf(keys)))).stdout)
  } else throw badInput('that is none of its forms', 'npx tsx tools/graph.ts --help')
  return undefined
})

function keysOf(text = '[]'): Key[] {
  try {
    return JSON.parse(text) as Key[]
  } catch {
    throw badInput(`"${text.slice(0, 60)}" is no JSON`, 'npx tsx tools/graph.ts --help shows the form')
  }
}
