import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Relation } from '../lib/config-schema.ts'
import { stamp } from '../lib/format.ts'
import { badInput, EXIT } from '../lib/problem.ts'
import type { Target } from '../lib/target.ts'
import { terminal } from '../runbook/ask.ts'
import { program } from '../runbook/perform.ts'
import { unattended } from '../runbook/unattended.ts'
import type { Run } from '../stores/base.ts'
import { type Sampled, sampleOf } from '../stores/content.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { underLock } from './backup/lock.ts'
import { findGone } from './repair/collection.ts'
import { findContent } from './repair/content.ts'
import { findEdges } from './repair/edges.ts'
import { findPartners } from './repair/partners.ts'
import type { Search, Work } from './repair/work.ts'

const HELP = `Mends what belongs together across the stores and no longer does, by "relations" of the configuration: rows
without a point or node are made again by the platform's own command ("reindex"), points and nodes without a row are
deleted, nodes are related as the rows say ("edges"), points with the payload or vector of another row are made anew
("content", "embed"), and a collection that is gone is made anew and filled.

  npx tsx tools/repair.ts [<relation>…] --plan         what is wrong, and what would be done; changes nothing
  npx tsx tools/repair.ts [<relation>…] [--confirm <phrase>]
  --sample all|1/n   how many rows are compared by content

The phrase is bound to the very keys of what is deleted or overwritten. All of that is saved first; the last lines say how
to bring it back. Exit code 0 when everything is matched in the end, 2 when something is left, 3 when the phrase is
another.`

const FOLDER = '.repair'

await program(async () => {
  const options = {
    plan: { type: 'boolean' },
    confirm: { type: 'string' },
    sample: { type: 'string' },
  } as const
  const { values, positionals } = readArguments(HELP, options)
  const sample = sampleOf(values.sample)
  const target = targetFrom(values)
  const relations = named(target, positionals)
  const id = stamp(new Date())
  return underLock(target, `repair-${id}`, async () => {
    const run = { id, folder: `${FOLDER}/${target.runtime.project}-${id}` }
    mkdirSync(join(target.root, run.folder), { recursive: true })
    try {
      const works = await find(target, relations, run, { sample })
      for (const line of works.flatMap(({ lines }) => lines)) say(line)
      if (works.length === 0) say('everything is matched: nothing to do')
      if (values.plan || !works.some(({ mend }) => mend))
        return works.length === 0 ? EXIT.recovered : EXIT.checkFailed
      await agreed(`${target.runtime.project} repair ${digest(target, works)}`, values.confirm)
      for (const { mend } of works) for (const line of (await mend?.()) ?? []) say(line)
      return works.some(({ leaves }) => leaves) ? EXIT.checkFailed : EXIT.recovered
    } finally {
      clearUp(target, run)
    }
  })
})

function named({ relations }: Target, names: readonly string[]): readonly Relation[] {
  const unknown = names.find(name => !relations.some(relation => relation.name === name))
  if (unknown !== undefined)
    throw badInput(
      `there is no relation "${unknown.slice(0, 40)}"`,
      `the configuration has ${relations.map(({ name }) => name).join(', ') || 'none'}`,
    )
  return names.length === 0 ? relations : relations.filter(({ name }) => names.includes(name))
}

/** What is wrong, in the order in which it is mended: relationships need their nodes, content its points. */
async function find(
  target: Target,
  relations: readonly Relation[],
  run: Run,
  { sample }: Sampled,
): Promise<Work[]> {
  const partners: Work[] = []
  const between: Work[] = []
  for (const relation of relations) {
    const search: Search = { target, run, relation, sample }
    const gone = relation.qdrant && (await findGone(search))
    if (gone) partners.push(gone)
    else partners.push(...(await findPartners(search, 'point')))
    partners.push(...(await findPartners(search, 'node')))
    between.push(...(await findEdges(search)))
    if (!gone) between.push(...(await findContent(search)))
  }
  return [...partners, ...between]
}

/**
 * Of what will be deleted or overwritten, key by key, and of the commands. Not of the rows that get their partner: while
 * writers run there is always another one, and making it does no harm.
 */
function digest({ root }: Target, works: readonly Work[]): string {
  const hash = createHash('sha256')
  for (const { bound, mend } of works) {
    if (!mend) continue
    hash.update(JSON.stringify(bound.words))
    for (const file of bound.files) hash.update(readFileSync(join(root, file)))
  }
  const hex = hash.digest('hex')
  return `${hex.slice(0, 4)}-${hex.slice(4, 8)}`
}

/** Lists of rows were only needed to compare; what was deleted or overwritten stays. */
function clearUp({ root }: Target, { folder }: Run): void {
  for (const name of readdirSync(join(root, folder)))
    if (name.startsWith('rows_')) rmSync(join(root, folder, name))
}

async function agreed(phrase: string, confirm: string | undefined): Promise<void> {
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI
  const asker = interactive ? terminal(new Map()) : unattended(new Map(), confirm)
  await asker.phrase('Type the phrase to do so', phrase)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
