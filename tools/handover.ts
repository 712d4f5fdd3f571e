import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../lib/exec.ts'
import { type Recorded, readJournal } from '../lib/journal.ts'
import { BACKUP, type Holder, holderOf, operator, resumeCommand } from '../lib/lock.ts'
import { badInput, EXIT, Problem } from '../lib/problem.ts'
import { stateOf } from '../lib/runtime.ts'
import { mask } from '../lib/secret.ts'
import type { Target } from '../lib/target.ts'
import { terminal } from '../runbook/ask.ts'
import { eventsOfLock } from '../runbook/inherit.ts'
import type { Facts, Question } from '../runbook/model.ts'
import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { handoverPage, type StoreNow } from './handover/page.ts'
import { passOn } from './handover/pass.ts'

const HELP = `Hands a recovery over: prints on one screen what the next engineer needs, asks for what the log cannot know, waits
until no write is in flight and passes the lock on. After that the first terminal can no longer write.

  npx tsx tools/handover.ts                              ask who goes on, and what they must know
  npx tsx tools/handover.ts --to ben --note <sentence>   the same without a terminal
  npx tsx tools/handover.ts --show                       print the screen and pass nothing on
  --minutes <n>                                          how long the place is kept for them (15)`

const TO: Question<Facts> = { id: 'to', say: 'Who goes on?', refuse: refuseEmpty }
const NOTE: Question<Facts> = {
  id: 'note',
  say: 'What do they have to know that no log can tell?',
  refuse: refuseEmpty,
}

await program(async () => {
  const { values, positionals } = readArguments(HELP, {
    show: { type: 'boolean' },
    to: { type: 'string' },
    note: { type: 'string' },
    minutes: { type: 'string' },
  })
  const [extra] = positionals
  if (extra !== undefined)
    throw badInput(`"${extra.slice(0, 60)}" is one word too many`, '--help shows the form')
  const seconds = 60 * minutesOf(values.minutes as string | undefined)
  const target = targetFrom(values)
  const holder = await running(target)
  const events = await allEvents(target, holder)
  const page = handoverPage(events, await storesNow(target), Date.now())
  process.stdout.write(`${mask(page.join('\n'))}\n`)
  if (values.show) return EXIT.recovered
  const { to, note } = await asked(values.to as string | undefined, values.note as string | undefined)
  const incident = incidentOf(events)
  const handing = { kind: 'handing', from: operator(), to, note } as const
  const say = (text: string) => void process.stdout.write(`${mask(text)}\n`)
  await passOn(target, { holder, incident, handing, seconds, say })
  say(`Handed over to ${to}. The place is kept for ${seconds / 60} minutes; they go on with:`)
  say(`  ${resumeCommand(incident)}`)
  return EXIT.recovered
})

/** Throws a Problem when there is nothing to hand over. */
async function running({ runtime, root }: Target): Promise<Holder> {
  await exec(runtime.version(), { cwd: root })
  const holder = await holderOf(runtime, root)
  if (!holder || holder.incident.startsWith(BACKUP))
    throw badInput(`no recovery runs on ${runtime.project}`, 'there is nothing to hand over')
  if (holder.reservedFor !== '')
    throw badInput(
      `${runtime.project} is handed over to ${holder.reservedFor} already`,
      `who goes on: ${resumeCommand(holder.incident)}`,
    )
  if (holder.running) return holder
  throw new Problem(`the run of ${holder.operator} on ${holder.host} has died`, {
    exitCode: EXIT.locked,
    hint: 'nobody holds the target: whoever goes on starts its scenario again with --resume',
  })
}

/** From the log of the lock on any machine; from the journal where its folder is, should the log be cut. */
async function allEvents({ runtime, root, incidents }: Target, holder: Holder): Promise<Recorded[]> {
  const events = await eventsOfLock(runtime, root, holder)
  const folder = join(incidents, holder.incident)
  if (events[0]?.kind === 'opened') return events
  if (existsSync(join(folder, 'journal.jsonl'))) return readJournal(folder)
  throw new Problem('the log of the run does not begin with its incident', {
    hint: 'the daemon may have cut it (log options max-size): hand over at the machine that has the incident folder',
  })
}

function incidentOf(events: readonly Recorded[]): string {
  const [opened] = events
  return opened?.kind === 'opened' ? opened.incident : ''
}

async function storesNow({ runtime, root, stores }: Target): Promise<StoreNow[]> {
  const states = runtime.readStates(await exec(runtime.states(), { cwd: root }))
  return Object.values(stores).map(({ name, service }) => {
    const { state, health } = stateOf(states, service)
    return { name, state, health }
  })
}

async function asked(
  to: string | undefined,
  note: string | undefined,
): Promise<{ to: string; note: string }> {
  const given = new Map(
    Object.entries({ to, note }).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
  const missing = [TO, NOTE].filter(({ id }) => !given.has(id))
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI
  if (missing.length > 0 && !interactive) throw withoutTerminal(missing)
  const asker = terminal(given)
  return { to: await asker.answer(TO, {}), note: await asker.answer(NOTE, {}) }
}

function withoutTerminal(missing: readonly Question<Facts>[]): Problem {
  const names = missing.map(({ id }) => `--${id}`).join(' and ')
  return badInput(`there is no terminal to ask at, and ${names} is missing`, '--help shows the form')
}

function minutesOf(text = '15'): number {
  const minutes = Number(text)
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 720) return minutes
  throw badInput(`"${text.slice(0, 20)}" is no number of minutes between 1 and 720`, '--minutes 15')
}

function refuseEmpty(answer: string): string | undefined {
  return answer.trim() === '' ? 'it cannot be empty' : undefined
}
