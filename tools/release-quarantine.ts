import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { exec } from '../lib/exec.ts'
import { bytes } from '../lib/format.ts'
import { Journal, type Recorded, readJournal } from '../lib/journal.ts'
import { badInput, EXIT } from '../lib/problem.ts'
import { writeReport } from '../lib/report.ts'
import type { Target } from '../lib/target.ts'
import { terminal } from '../runbook/ask.ts'
import { perform, program } from '../runbook/perform.ts'
import { unattended } from '../runbook/unattended.ts'
import { stepsFor } from '../steps/by-kind.ts'
import { quarantineSize } from '../stores/quarantine-size.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Lists what recoveries have set aside, and deletes it for good when nobody needs it any more.

  npx tsx tools/release-quarantine.ts                                   what is kept by which incident, and its size
  npx tsx tools/release-quarantine.ts <incident> [--confirm <phrase>]   delete what that incident keeps

There is no undo.`

type Kept = Extract<Recorded, { kind: 'kept' }>

await program(async () => {
  const { values, positionals } = readArguments(HELP, { confirm: { type: 'string' } })
  const target = targetFrom(values)
  const [incident] = positionals
  if (incident === undefined) return list(target)
  if (!/^[\w-]+$/.test(incident) || !existsSync(join(target.incidents, incident, 'journal.jsonl'))) {
    throw badInput(
      `there is no incident "${incident.slice(0, 60)}"`,
      `those there are: ls ${target.incidents}`,
    )
  }
  const kept = keptBy(target, incident)
  if (kept.length === 0)
    throw badInput(`${incident} has nothing in quarantine`, 'only a recovery that ended well has')
  for (const { text } of kept) process.stdout.write(`Will be deleted for good. ${text}\n`)
  await agreed(`${target.runtime.project} release ${incident}`, values.confirm as string | undefined)
  for (const each of kept) await release(target, incident, each)
  writeReport(target.root, relative(target.root, join(target.incidents, incident)))
  return undefined
})

/** What an incident has set aside and nobody has released, one entry per store. */
function keptBy(target: Target, incident: string): Kept[] {
  const kept = new Map<unknown, Kept>()
  for (const event of readJournal(join(target.incidents, incident))) {
    if (event.kind === 'kept') kept.set(event.what.store, event)
    if (event.kind === 'released') kept.delete(event.store)
  }
  return [...kept.values()]
}

async function list(target: Target) {
  const names = existsSync(target.incidents) ? readdirSync(target.incidents).sort().reverse() : []
  const kept = names
    .filter(name => existsSync(join(target.incidents, name, 'journal.jsonl')))
    .flatMap(name => keptBy(target, name).map(each => ({ name, each })))
  const sizes: (number | undefined)[] = []
  for (const { name, each } of kept) {
    const size = await sizeOf(target, name, each)
    sizes.push(size)
    const takes = size === undefined ? 'its size cannot be seen now' : `takes ${bytes(size)}`
    process.stdout.write(`${name}: ${each.text} (${takes})\n`)
  }
  const seen = sizes.filter(size => size !== undefined)
  const total = seen.reduce((sum, size) => sum + size, 0)
  const all = seen.length === sizes.length ? 'all of it takes' : 'what can be seen takes'
  process.stdout.write(kept.length === 0 ? 'nothing is in quarantine\n' : `${all} ${bytes(total)}\n`)
  return EXIT.recovered
}

/** Bytes; undefined where the store does not run, or is none of this configuration's. */
async function sizeOf(target: Target, incident: string, { what }: Kept): Promise<number | undefined> {
  const store = target.stores[String(what.store)]
  if (!store) return undefined
  const run = { id: incident.slice(0, 15), folder: '.' }
  try {
    return await quarantineSize({ target, run }, store, what, look => exec(look, { cwd: target.root }))
  } catch {
    return undefined
  }
}

async function agreed(phrase: string, confirm: string | undefined): Promise<void> {
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI
  const asker = interactive ? terminal(new Map()) : unattended(new Map(), confirm)
  await asker.phrase('Type the phrase to delete it', phrase)
}

async function release(target: Target, incident: string, { what }: Kept): Promise<void> {
  const store = target.stores[String(what.store)]
  if (!store)
    throw badInput(
      `the configuration has no store "${what.store}"`,
      'release with the configuration of that incident',
    )
  const run = { id: incident.slice(0, 15), folder: '.' }
  await perform(stepsFor(store.kind).release, { target, store, run, release: what })
  const journal = new Journal(join(target.incidents, incident), incident)
  journal.write({ kind: 'released', store: store.name })
}
