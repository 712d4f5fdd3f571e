import { clock } from '../format.ts'
import type { Annotations } from './annotations.ts'
import { all, type Line, type Of, type Row, when, words } from './model.ts'

/** Every decision of a person: when, what was asked, what was decided, why as far as it was said, and how long it took. */
export function decisions(lines: readonly Line[], annotations: Annotations): Row[] {
  return lines.flatMap((event): Row[] => {
    const row = decision(event, lines)
    if (!row) return []
    const notes = annotations.notes(event.line)
    const [at, asked, decided, why, took] = row.cells
    const reasons = [why, ...notes].filter(one => one !== '').join('; ')
    return [{ ...row, cells: [at!, asked!, decided!, reasons, took!] }]
  })
}

function decision(event: Line, lines: readonly Line[]): Row | undefined {
  switch (event.kind) {
    case 'answered':
      // The phrase is told with what it was bound to.
      if (event.path === 'confirm') return undefined
      return rowOf(event, event.question, words(event.answer), '', clock(event.ms))
    case 'confirmed':
      return confirmed(event, lines)
    case 'failed':
      return afterFailure(event, lines)
    default:
      return undefined
  }
}

function rowOf(event: Line, asked: string, decided: string, why: string, took: string): Row {
  return { cells: [when(event.at), asked, decided, why, took], lines: [event.line] }
}

function confirmed(event: Of<'confirmed'>, lines: readonly Line[]): Row {
  const before = lines.filter(({ line }) => line < event.line)
  const asked = all(before, 'answered').findLast(({ path }) => path === 'confirm')
  const planned = all(before, 'planned').at(-1)
  const plan = planned
    ? `plan ${planned.hash.slice(0, 12)}: ${planned.commands} commands, ${planned.writes} change something`
    : ''
  const bound = Object.entries(event.binding).map(([what, value]) => `${what} = ${value}`)
  const why = [plan, ...(bound.length === 0 ? [] : [`bound to ${bound.join(', ')}`])]
    .filter(Boolean)
    .join('; ')
  const row = rowOf(event, 'Go on with the plan?', event.phrase, why, asked ? clock(asked.ms) : '')
  const sources = [planned, asked].flatMap(one => (one ? [one.line] : []))
  return { ...row, lines: [...sources, event.line] }
}

/** What was done about a failure is the next thing that happened to the command, or to the run. */
function afterFailure(event: Of<'failed'>, lines: readonly Line[]): Row {
  const next = lines.find(
    later =>
      later.line > event.line &&
      (later.kind === 'closed' ||
        later.kind === 'undone' ||
        (later.kind === 'started' && later.path === event.path)),
  )
  const row = rowOf(event, `Failed: ${event.say}`, decided(next), event.problem[0] ?? '', '')
  const took = next ? clock(Date.parse(next.at) - Date.parse(event.at)) : ''
  const sources = next ? [event.line, next.line] : [event.line]
  return { cells: [...row.cells.slice(0, 4), took], lines: sources, tone: 'bad' }
}

function decided(next: Line | undefined): string {
  if (next === undefined) return 'nothing yet'
  if (next.kind === 'started') return 'tried again'
  return next.kind === 'undone' ? 'what was done was taken back' : 'left as it was'
}

/** What the navigator expected of each write, beside what came of it. */
export function predictions(lines: readonly Line[]): Row[] {
  return all(lines, 'predicted').map(event => {
    const next = all(lines, 'predicted').find(({ line, path }) => line > event.line && path === event.path)
    const until = next?.line ?? Number.POSITIVE_INFINITY
    const seen = all(lines, 'compared').find(
      ({ line, path }) => path === event.path && line > event.line && line < until,
    )
    const asked = all(lines, 'asked').findLast(({ line, path }) => path === event.path && line < event.line)
    return predictionRow(event, seen, asked)
  })
}

function predictionRow(event: Of<'predicted'>, seen?: Of<'compared'>, asked?: Of<'asked'>): Row {
  const verdict = seen === undefined ? 'never compared' : seen.agrees ? 'as predicted' : 'NOT as predicted'
  const cells = [
    event.say,
    asked?.touches ?? '',
    asked?.why ?? '',
    event.by,
    event.expects,
    seen?.outcome.join('; ') ?? '',
    verdict,
  ]
  const sources = [asked, event, seen].flatMap(one => (one ? [one.line] : []))
  return { cells, lines: sources, ...(seen?.agrees ? {} : { tone: seen ? 'bad' : 'warn' }) }
}

/** Who passed the incident on to whom, and who went on with it. */
export function handovers(lines: readonly Line[]): Row[] {
  return lines.flatMap((event): Row[] => {
    if (event.kind === 'handed')
      return [{ cells: [when(event.at), `${event.from} → ${event.to}`, event.note], lines: [event.line] }]
    if (event.kind === 'resumed')
      return [
        { cells: [when(event.at), `resumed by ${event.operator} on ${event.host}`, ''], lines: [event.line] },
      ]
    if (event.kind === 'interrupted')
      return [{ cells: [when(event.at), `interrupted: ${event.how}`, ''], lines: [event.line] }]
    return []
  })
}
