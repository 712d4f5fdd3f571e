import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { duration } from './format.ts'
import { type Recorded, readJournal } from './journal.ts'
import { spent } from './spent.ts'
import { writeRunValidation } from './validation-report.ts'

export { spent }

/**
 * Writes report.md and validation_report_<incident>.txt and .json from the journal: facts only. Gives the path of
 * the report, relative to `root`.
 */
export function writeReport(root: string, folder: string): string {
  const events = readJournal(resolve(root, folder))
  const report = join(folder, 'report.md')
  writeFileSync(resolve(root, report), markdown(events))
  writeRunValidation(resolve(root, folder), events)
  return `${report}\n`
}

type Of<K extends Recorded['kind']> = Extract<Recorded, { kind: K }>

function all<K extends Recorded['kind']>(events: readonly Recorded[], kind: K): Of<K>[] {
  return events.filter((event): event is Of<K> => event.kind === kind)
}

function first<K extends Recorded['kind']>(events: readonly Recorded[], kind: K): Of<K> | undefined {
  return all(events, kind)[0]
}

function markdown(events: readonly Recorded[]): string {
  const opened = first(events, 'opened')
  const closed = all(events, 'closed').at(-1)
  const end = closed ?? events.at(-1)
  const took = Date.parse(end?.at ?? '') - Date.parse(opened?.at ?? '')
  return [
    `# Incident ${opened?.incident}`,
    '',
    `- Scenario: ${opened?.scenario} on ${opened?.project}, by ${opened?.operator} on ${opened?.host}`,
    `- Opened ${opened?.at}, ${closed ? `closed ${closed.at}: ${closed.outcome}` : 'still open'} (${duration(took)})`,
    ...all(events, 'answered').map(event => `- ${event.question} ${text(event.answer)}`),
    '',
    '## What was lost and what is kept',
    '',
    ...section(
      all(events, 'checked').filter(e => e.verdict === 'expected loss'),
      e => `Expected loss: ${e.found}`,
    ),
    ...all(events, 'kept').map(event => `- ${event.text}`),
    '',
    '## Where the time went',
    '',
    ...lanes(events),
    '',
    '## What was changed',
    '',
    ...section(
      all(events, 'started').filter(e => e.effect === 'write'),
      e => `${e.at} ${e.say}: \`${e.command}\`${e.undo ? ` (undo: \`${e.undo}\`)` : ''}`,
    ),
    '',
    '## What was proven',
    '',
    ...section(all(events, 'checked'), e => `${e.verdict}: ${e.say}: ${e.found}`),
    '',
    '## Timeline',
    '',
    ...events.filter(told).map(event => `- ${event.at} ${line(event)}`),
    '',
  ].join('\n')
}

function section<T>(events: readonly T[], write: (event: T) => string): string[] {
  return events.length === 0 ? ['- nothing'] : events.map(event => `- ${write(event)}`)
}

function lanes(events: readonly Recorded[]): string[] {
  return Object.entries(spent(events)).map(([lane, ms]) => `- ${lane}: ${duration(ms)}`)
}

function told(event: Recorded): boolean {
  return event.kind !== 'command' && event.kind !== 'started'
}

function line(event: Recorded): string {
  switch (event.kind) {
    case 'finished':
      return `${event.say} (${duration(event.ms)})`
    case 'checked':
      return `${event.verdict}: ${event.say}`
    case 'failed':
      return `FAILED: ${event.say}: ${event.problem[0]}`
    case 'answered':
      return `${event.question} ${text(event.answer)}`
    case 'note':
    case 'kept':
      return event.text
    case 'closed':
      return event.outcome
    default:
      return event.kind
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
