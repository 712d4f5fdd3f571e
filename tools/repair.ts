import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Relation } from '../lib/config-schema.ts'
import { stamp } from '../lib/format.ts'
import { badInput, EXIT } from '../lib/problem.ts'
import { storeNamed, type Target } from '../lib/target.ts'
import { terminal } from '../runbook/ask.ts'
import { perform, program } from '../runbook/perform.ts'
import { unattended } from '../runbook/unattended.ts'
import {
  alone,
  deletedFile,
  deleteOrphanedPoints,
  findUnmatched,
  type OrphanedPoints,
  reindexMissing,
  reindexOf,
  type Unmatched,
} from '../steps/repair-references.ts'
import type { Run } from '../stores/base.ts'
import { type Partner, repairLists } from '../stores/references.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { underLock } from './backup/lock.ts'

const HELP = `Mends what belongs together across the stores and no longer does, by "relations" of the configuration: rows
without a point or node are made again by the platform's own command ("reindex"), points without a row are deleted.

  npx tsx tools/repair.ts [<relation>…] --plan         what is unmatched, and what would be done; changes nothing
  npx tsx tools/repair.ts [<relation>…] [--confirm <phrase>]

The phrase is bound to the very keys that are deleted. They are saved first; the last lines say how to bring them back.
Exit code 0 when everything is matched in the end, 2 when something is left, 3 when the phrase is another.`

const FOLDER = '.repair'

interface Work {
  partner: Partner
  facts: Unmatched
}

await program(async () => {
  const options = { plan: { type: 'boolean' }, confirm: { type: 'string' } } as const
  const { values, positionals } = readArguments(HELP, options)
  const target = targetFrom(values)
  const relations = named(target, positionals)
  const id = stamp(new Date())
  return underLock(target, `repair-${id}`, async () => {
    const run = { id, folder: `${FOLDER}/${target.runtime.project}-${id}` }
    mkdirSync(join(target.root, run.folder), { recursive: true })
    const works = await find(target, relations, run)
    for (const line of works.flatMap(linesOf)) say(line)
    if (works.length === 0) say('everything is matched: nothing to do')
    const wanted = works.filter(canMend)
    if (values.plan || wanted.length === 0) return works.length === 0 ? EXIT.recovered : EXIT.checkFailed
    await agreed(`${target.runtime.project} repair ${digest(target, works)}`, values.confirm)
    for (const work of wanted) await mend(work)
    return works.some(leavesSome) ? EXIT.checkFailed : EXIT.recovered
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

/** What is unmatched; a relation where everything is matched is left out. */
async function find(target: Target, relations: readonly Relation[], run: Run): Promise<Work[]> {
  const works: Work[] = []
  for (const relation of relations) {
    for (const partner of ['point', 'node'] as const) {
      const kind = partner === 'point' ? 'qdrant' : 'neo4j'
      const at = relation[kind]
      if (!at) continue
      const store = storeNamed(target, at.store, kind)
      const facts = await perform(findUnmatched(partner), { target, store, run, relation })
      if (alone(facts.seen) + facts.seen.orphans > 0) works.push({ partner, facts })
    }
  }
  return works
}

function canMend({ partner, facts }: Work): boolean {
  const { seen } = facts
  if (seen.orphans > 0 && partner === 'point') return true
  return alone(seen) > 0 && reindexOf(facts, partner) !== undefined
}

/** What only a person can do. */
function leavesSome({ partner, facts }: Work): boolean {
  const { seen } = facts
  return (alone(seen) > 0 && !reindexOf(facts, partner)) || (seen.orphans > 0 && partner === 'node')
}

function linesOf({ partner, facts }: Work): string[] {
  const { seen, relation } = facts
  const lists = repairLists(facts, relation.name, partner)
  const lines: string[] = []
  if (alone(seen) > 0) {
    const reindex = reindexOf(facts, partner)
    const how = reindex
      ? `made again by ${reindex.service}: ${reindex.command.join(' ')}`
      : 'no "reindex" in the configuration: make them again from the source'
    lines.push(`${relation.name}: ${alone(seen)} rows without a ${partner} (${lists.missing}); ${how}`)
  }
  if (seen.orphans > 0) {
    const how =
      partner === 'point' ? 'saved, then deleted' : 'look whether they were added by hand; nothing is deleted'
    lines.push(`${relation.name}: ${seen.orphans} ${partner}s without a row (${lists.orphans}); ${how}`)
  }
  return lines
}

/** What is deleted comes first: the comparison that proves the rest writes the list of keys anew. */
async function mend({ partner, facts }: Work): Promise<void> {
  const { seen, relation, store } = facts
  if (seen.orphans > 0 && partner === 'point') {
    await perform(deleteOrphanedPoints, facts as OrphanedPoints, { takeBack: true })
    const words = [store.name, relation.qdrant!.collection, deletedFile(facts)]
    say(`to bring them back: npx tsx tools/points.ts put ${words.join(' ')}`)
  }
  if (alone(seen) > 0 && reindexOf(facts, partner)) await perform(reindexMissing(partner), facts)
}

/**
 * Of what will be deleted, key by key, and of the commands. Not of the rows that get their partner: while writers run
 * there is always another one, and making it does no harm.
 */
function digest(target: Target, works: readonly Work[]): string {
  const hash = createHash('sha256')
  for (const { partner, facts } of works) {
    const { name } = facts.relation
    const { orphans } = repairLists(facts, name, partner)
    hash.update(JSON.stringify([name, partner, reindexOf(facts, partner) ?? null]))
    hash.update(readFileSync(join(target.root, orphans)))
  }
  const hex = hash.digest('hex')
  return `${hex.slice(0, 4)}-${hex.slice(4, 8)}`
}

async function agreed(phrase: string, confirm: string | undefined): Promise<void> {
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI
  const asker = interactive ? terminal(new Map()) : unattended(new Map(), confirm)
  await asker.phrase('Type the phrase to do so', phrase)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
