import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readJournal, sentence } from '../lib/journal.ts'
import { operator } from '../lib/lock.ts'
import { badInput } from '../lib/problem.ts'
import { type Annotation, Annotations, annotate, readAnnotations, VERBS } from '../lib/report/annotations.ts'
import { writeReport } from '../lib/report.ts'
import { mask } from '../lib/secret.ts'
import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Adds to the report of an incident what its journal cannot know. The journal itself is never touched.

  npx tsx tools/annotate.ts <incident>                       its lines, numbered, with what was said about them
  npx tsx tools/annotate.ts <incident> pin <line> [reason]   the line stands in the timeline
  npx tsx tools/annotate.ts <incident> hide <line> [reason]  it stands in the raw log only
  npx tsx tools/annotate.ts <incident> comment <line> <text> the text stands below it; behind a decision it is its reason
  npx tsx tools/annotate.ts <incident> action <line> <text>  something that is left to do because of it

Hiding takes a line out of the timeline alone: losses, checks and commands stay where they are. Of pin and hide the last
one counts. What was said is kept in annotations.jsonl, who said it and when too; report.md and report.html are written
again.`

/** Characters; more is a document of its own. */
const MOST = 1000
const SEE_HELP = 'npx tsx tools/annotate.ts --help'

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const target = targetFrom(values)
  const [incident, verb, line, ...text] = positionals
  const folder = folderOf(target.incidents, incident)
  if (verb === undefined) return list(folder)
  annotate(folder, {
    at: new Date().toISOString(),
    by: operator(),
    line: lineOf(folder, line),
    ...saidOf(verb, text),
  })
  const report = writeReport(target.root, relative(target.root, folder)).trim()
  process.stdout.write(`noted; written again: ${report} and report.html\n`)
  return undefined
})

function folderOf(incidents: string, incident: string | undefined): string {
  if (incident === undefined) throw badInput('which incident?', SEE_HELP)
  const folder = join(incidents, incident)
  if (/^[\w-]+$/.test(incident) && existsSync(join(folder, 'journal.jsonl'))) return folder
  throw badInput(`there is no incident "${incident.slice(0, 60)}"`, `those there are: ls ${incidents}`)
}

function saidOf(verb: string, words: readonly string[]): Pick<Annotation, 'what' | 'text'> {
  const what = VERBS.find(one => one === verb)
  if (!what) throw badInput(`"${verb.slice(0, 60)}" is none of ${VERBS.join(', ')}`, SEE_HELP)
  const text = words.join(' ').replace(/\s+/g, ' ').trim()
  if (text === '' && (what === 'comment' || what === 'action'))
    throw badInput(`${what} needs a text`, SEE_HELP)
  if (text.length > MOST)
    throw badInput(`the text is longer than ${MOST} characters`, 'a report wants one sentence')
  return { what, text }
}

function lineOf(folder: string, word: string | undefined): number {
  if (word === undefined) throw badInput('which line?', 'without a verb the lines are listed')
  const lines = readJournal(folder).length
  const line = /^\d{1,7}$/.test(word) ? Number(word) : 0
  if (line >= 1 && line <= lines) return line
  throw badInput(`"${word.slice(0, 20)}" is no line of the journal`, `it has the lines 1 to ${lines}`)
}

function list(folder: string): undefined {
  const said = new Annotations(readAnnotations(folder))
  const events = readJournal(folder)
  const width = `${events.length}`.length
  for (const [index, event] of events.entries()) {
    const text = `${event.at.slice(0, 19)}Z  ${event.kind} · ${sentence(event).trim().split('\n')[0]}`
    process.stdout.write(`${mask(`${`${index + 1}`.padStart(width)}  ${text}`)}\n`)
    for (const { what, text, by } of said.all.filter(({ line }) => line === index + 1))
      process.stdout.write(`${mask(`${' '.repeat(width)}  > ${what}${text ? `: ${text}` : ''} (${by})`)}\n`)
  }
}
