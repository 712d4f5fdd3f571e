import type { Command } from '../lib/command.ts'
import { exec } from '../lib/exec.ts'
import { badInput } from '../lib/problem.ts'
import { type Neo4jStore, storeNamed, type Target } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { compareProperties } from '../stores/neo4j/contents.ts'
import { compareEdges, type Ends } from '../stores/neo4j/edges.ts'
import type { Key } from '../stores/neo4j/graph.ts'
import { lookForNodes, putNodes, removeNodes, takeNodes, type Wanted } from '../stores/neo4j/nodes/carry.ts'
import { saveNodes } from '../stores/neo4j/nodes/save.ts'
import { walkPaths } from '../stores/neo4j/paths.ts'
import { lookAt, readAll, readCopy } from '../stores/neo4j/read.ts'
import { compareNodes } from '../stores/neo4j/references.ts'
import { lookForEdges, relinkEdges, saveEdges, unlinkEdges } from '../stores/neo4j/relink.ts'
import { readArguments, readJson, targetFrom } from './arguments.ts'

const HELP = `Reads a Neo4j graph; prints JSON. Memory does not grow with the graph.

  npx tsx tools/graph.ts look <store>
      nodes per label, relationships per type, isolated nodes, indexes, constraints, users
  npx tsx tools/graph.ts read <store> [<keys>]
      the same, and a digest of every node and every relationship that depends on no order and no internal id;
      <keys> say what tells the ends of relationships apart: '[{"label":"Doc","properties":["id"]}]'
  npx tsx tools/graph.ts read-copy <store> <run> <volume> [<keys>]
      the same of a copy that was loaded into a volume of its own, in a throw-away server

  npx tsx tools/graph.ts paths <store> <types>
      walks some relationships of these types from end to end and back; <types> is '{"CITES":5}', as a look shows them

  npx tsx tools/graph.ts references <store> <label> <property> <rows.tsv> <since> <missing.txt> <orphaned.txt> [<how>]
      compares the property with the rows of a table (id, created); rows without a node and nodes without a row are
      listed in the two files; <how> where it is not one by one: '{"many":true,"created":"created_at"}'
  npx tsx tools/graph.ts edges <store> <ends> <rows.tsv> <since> <missing.tsv> <repointed.tsv> <additional.tsv>
      compares relationships with the foreign keys of a table (id, foreign key, created); those that are missing, that
      lead to another node, and that are too many are listed in the three files; <ends> says which: '{"label":"Chunk",
      "property":"id","edge":{"name":"document","type":"PART_OF","label":"Document","property":"id"}}'
  npx tsx tools/graph.ts content <store> <label> <property> <sample.tsv> <fields> <different.txt>
      compares properties ('["text","ord"]') with the values in rows (id, JSON list); keys of those that differ are listed

Carries nodes from such a copy over to the live graph, without touching a node that is there.

  npx tsx tools/graph.ts take <store> <run> <volume> <wanted> <keys> <nodes.jsonl>
      writes the wanted nodes that the live graph lacks, with their relationships, into a file;
      <wanted> says which: '[{"label":"Doc","property":"id","ids":"ids.txt"}]', one id a line
  npx tsx tools/graph.ts put|there|remove <store> <nodes.jsonl>
      writes them in one transaction; counts those that are live and equal; deletes those that are still equal
  npx tsx tools/graph.ts save <store> <label> <property> <orphaned.txt> <rows.tsv> <nodes.jsonl>
      writes the live nodes of these keys into such a file, but for those that have a row by now

Relates nodes as their rows say; <ends> and the three lists are those of "edges".

  npx tsx tools/graph.ts save-edges <store> <ends> <missing.tsv> <repointed.tsv> <additional.tsv> <relinked.jsonl>
      writes the relationships that go, as they are, and those that come into a file
  npx tsx tools/graph.ts relink|unlink|linked <store> <ends> <relinked.jsonl>
      deletes and makes those exactly, in one transaction; takes that back; counts what is done of it`

type Form = (target: Target, store: Neo4jStore, words: readonly string[]) => Command

/** Each form with the least and the greatest number of words behind the store. */
const FORMS: Record<string, [number, number, Form]> = {
  look: [0, 0, lookAt],
  read: [0, 1, (target, store, [keys]) => readAll(target, store, keysOf(keys))],
  'read-copy': [
    2,
    3,
    (target, store, [run, volume, keys]) => readCopy(baseOf(target, store, run!), volume!, keysOf(keys)),
  ],
  paths: [1, 1, (target, store, [types]) => walkPaths(target, store, readJson(types!))],
  references: [
    6,
    7,
    (target, store, [label, property, rows, since, missing, orphans, how]) => {
      const lists = { missing: missing!, orphans: orphans! }
      const side = { label: label!, property: property! }
      return compareNodes(target, store, side, rows!, since!, lists, readJson(how ?? '{}'))
    },
  ],
  edges: [
    6,
    6,
    (target, store, [ends, rows, since, missing, repointed, additional]) => {
      const lists = { missing: missing!, repointed: repointed!, additional: additional! }
      return compareEdges(target, store, readJson<Ends>(ends!), rows!, since!, lists)
    },
  ],
  content: [
    5,
    5,
    (target, store, [label, property, rows, fields, different]) => {
      const side = { label: label!, property: property! }
      return compareProperties(target, store, side, rows!, readJson(fields!), different!)
    },
  ],
  take: [
    5,
    5,
    (target, store, [run, volume, wanted, keys, out]) =>
      takeNodes(baseOf(target, store, run!), volume!, readJson<Wanted[]>(wanted!), keysOf(keys), out!),
  ],
  save: [
    5,
    5,
    (target, store, [label, property, orphans, rows, out]) =>
      saveNodes(target, store, { label: label!, property: property! }, orphans!, rows!, out!),
  ],
  'save-edges': [
    5,
    5,
    (target, store, [ends, missing, repointed, additional, out]) => {
      const lists = { missing: missing!, repointed: repointed!, additional: additional! }
      return saveEdges(target, store, readJson<Ends>(ends!), lists, out!)
    },
  ],
  relink: [2, 2, (target, store, [ends, file]) => relinkEdges(target, store, readJson<Ends>(ends!), file!)],
  unlink: [2, 2, (target, store, [ends, file]) => unlinkEdges(target, store, readJson<Ends>(ends!), file!)],
  linked: [2, 2, (target, store, [ends, file]) => lookForEdges(target, store, readJson<Ends>(ends!), file!)],
  put: [1, 1, (target, store, [file]) => putNodes(target, store, file!)],
  there: [1, 1, (target, store, [file]) => lookForNodes(target, store, file!)],
  remove: [1, 1, (target, store, [file]) => removeNodes(target, store, file!)],
}

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [verb = '', name = '', ...words] = positionals
  const [least, most, form] = FORMS[verb] ?? []
  if (!form || words.length < least! || words.length > most!)
    throw badInput('that is none of its forms', 'npx tsx tools/graph.ts --help')
  const target = targetFrom(values)
  const output = await exec(form(target, storeNamed(target, name, 'neo4j'), words), { cwd: target.root })
  process.stdout.write(output.stdout)
  return undefined
})

function baseOf(target: Target, store: Neo4jStore, id: string) {
  return { target, store, run: { id, folder: '.' } }
}

function keysOf(text = '[]'): Key[] {
  return readJson<Key[]>(text)
}
