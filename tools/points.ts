import type { Command } from '../lib/command.ts'
import { exec } from '../lib/exec.ts'
import { badInput } from '../lib/problem.ts'
import { type QdrantStore, storeNamed, type Target } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import {
  coveredIds,
  lookForPoints,
  putPoints,
  removePoints,
  replacePoints,
  savePoints,
  takePoints,
} from '../stores/qdrant/carry.ts'
import { inspectPoints } from '../stores/qdrant/commands.ts'
import { comparePayloads, compareVectors, keepPoints } from '../stores/qdrant/contents.ts'
import { comparePoints } from '../stores/qdrant/references.ts'
import { inspectIn, recoverIn } from '../stores/qdrant/restore-apart.ts'
import { shapeOf } from '../stores/qdrant/shape.ts'
import { readArguments, readJson, targetFrom } from './arguments.ts'

const HELP = `Reads the points of a Qdrant collection.

  npx tsx tools/points.ts inspect <store> <collection>
      reads every point with payload and vector: count, fingerprint, damaged vectors, searches; as JSON
  npx tsx tools/points.ts shape <store> <collection>
      parameters, payload indexes, exact count, and whether some stored vectors find their own point
  npx tsx tools/points.ts references <store> <collection> <rows.tsv> <since> <missing.txt> <orphaned.txt> [<how>]
      compares ids with the rows of a table (id, created); rows without a point and points without a row are listed in
      the two files; <how> where it is not one by one and by id: '{"field":"document_id","many":true,"created":"at"}'
  npx tsx tools/points.ts content <store> <collection> <sample.tsv> <fields> <different.txt> [<how>]
      compares fields of payloads ('["text","ord"]') with the values in rows (id, JSON list); keys of those that differ
      are listed
  npx tsx tools/points.ts vectors <store> <collection> <keys.tsv> <vectors.jsonl> <different.txt> [<how>]
      compares stored vectors with those that rows should have ('{"key":"5","vector":[0.1]}', one a line)

  npx tsx tools/points.ts recover-apart|inspect-apart <store> <container> <collection> [<sha256>]
      recovers a snapshot that lies in the container of a trial; reads the points of what was recovered there

Carries points from a recovered collection over to the live one, without touching a point that is there.

  npx tsx tools/points.ts take <store> <recovered> <live> <ids.txt> <points.jsonl>
      writes the points of these ids that the live collection lacks into a file
  npx tsx tools/points.ts save <store> <live> <orphaned.txt> <rows.tsv> <points.jsonl>
      writes the live points of these ids into a file, but for those that have a row by now
  npx tsx tools/points.ts keep <store> <live> <keys.txt> <points.jsonl> [<how>]
  npx tsx tools/points.ts replace <store> <live> <points.jsonl>
      writes the live points of these keys into a file; writes them back, over what is there by then
  npx tsx tools/points.ts put|there|remove <store> <live> <points.jsonl>
      writes those that are missing; counts those that are live and equal; deletes those that are still equal
  npx tsx tools/points.ts covered <store> <live> <ids.txt>
      how many of the ids have a live point`

type Form = (store: QdrantStore, words: readonly string[], target: Target) => Command

/** Each form with the number of words behind the store. */
const FORMS: Record<string, [number, Form]> = {
  inspect: [1, (store, [name]) => inspectPoints(store, name!)],
  shape: [1, (store, [name]) => shapeOf(store, name!)],
  references: [
    5,
    (store, [name, rows, since, missing, orphans, how]) =>
      comparePoints(
        store,
        name!,
        rows!,
        since!,
        { missing: missing!, orphans: orphans! },
        readJson(how ?? '{}'),
      ),
  ],
  content: [
    4,
    (store, [name, rows, fields, different, how]) =>
      comparePayloads(store, name!, rows!, readJson(fields!), different!, readJson(how ?? '{}')),
  ],
  vectors: [
    4,
    (store, [name, keys, given, different, how]) =>
      compareVectors(store, name!, keys!, given!, different!, readJson(how ?? '{}')),
  ],
  'recover-apart': [
    3,
    (store, [container, name, sha256], target) => recoverIn(target, store, container!, name!, sha256!),
  ],
  'inspect-apart': [2, (store, [container, name], target) => inspectIn(target, store, container!, name!)],
  keep: [3, (store, [name, keys, out, how]) => keepPoints(store, name!, keys!, out!, readJson(how ?? '{}'))],
  take: [4, (store, [fresh, live, ids, out]) => takePoints(store, fresh!, live!, ids!, out!)],
  save: [4, (store, [live, ids, rows, out]) => savePoints(store, live!, ids!, rows!, out!)],
  put: [2, (store, [live, file]) => putPoints(store, live!, file!)],
  replace: [2, (store, [live, file]) => replacePoints(store, live!, file!)],
  there: [2, (store, [live, file]) => lookForPoints(store, live!, file!)],
  remove: [2, (store, [live, file]) => removePoints(store, live!, file!)],
  covered: [2, (store, [live, ids]) => coveredIds(store, live!, ids!)],
}

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [verb = '', name = '', ...words] = positionals
  const [least, form] = FORMS[verb] ?? []
  if (!form || words.length < least!)
    throw badInput('that is none of its forms', 'npx tsx tools/points.ts --help')
  const target = targetFrom(values)
  const output = await exec(form(storeNamed(target, name, 'qdrant'), words, target), { cwd: target.root })
  process.stdout.write(output.stdout)
  return undefined
})
