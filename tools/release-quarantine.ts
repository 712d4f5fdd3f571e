import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readJournal } from '../lib/journal.ts'
import { badInput } from '../lib/problem.ts'
import { terminal, unattended } from '../runbook/ask.ts'
import { perform, program } from '../runbook/perform.ts'
import { stepsFor } from '../steps/by-kind.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Deletes for good what a recovery has set aside. There is no undo: do it when nobody needs the damaged data.

  npx tsx tools/release-quarantine.ts <incident> [--confirm <phrase>]`

await program(async () => {
  const { values, positionals } = readArguments(HELP, { confirm: { type: 'string' } })
  const [incident = ''] = positionals
  const target = targetFrom(values)
  const folder = join(target.incidents, incident)
  if (!/^[\w-]+$/.test(incident) || !existsSync(join(folder, 'journal.jsonl'))) {
    throw badInput(
      `there is no incident "${incident.slice(0, 60)}"`,
      `those there are: ls ${target.incidents}`,
    )
  }
  const kept = readJournal(folder).findLast(event => event.kind === 'kept')
  if (kept?.kind !== 'kept')
    throw badInput(`${incident} has nothing in quarantine`, 'only a recovery that ended well has')
  const release = kept.what as { store: string }
  const store = target.stores[release.store]
  if (!store)
    throw badInput(
      `the configuration has no store "${release.store}"`,
      'release with the configuration of that incident',
    )
  const phrase = `${target.runtime.project} release ${incident}`
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI
  const asker = interactive
    ? terminal(new Map())
    : unattended(new Map(), values.confirm as string | undefined)
  process.stdout.write(`Will be deleted for good. ${kept.text}\n`)
  await asker.phrase('Type the phrase to delete it', phrase)
  await perform(stepsFor(store.kind)!.release, {
    target,
    store,
    run: { id: incident.slice(0, 15), folder: '.' },
    release,
  })
  return undefined
})
