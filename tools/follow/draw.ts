import { clock } from '../../lib/format.ts'
import type { Recorded } from '../../lib/journal.ts'
import { inLane, laneOf } from '../../runbook/tree.ts'
import { clockOf, type Doing, type Run, still } from './state.ts'

export interface Size {
  columns: number
  rows: number
}

/** A run on one screen: where it is, the clock, what comes next, what can be undone, what was found. */
export function screen(run: Run, now: number, { columns, rows }: Size): string[] {
  const { opened } = run
  if (!opened) return ['the run has not said yet what it is']
  const room = Math.max(1, Math.floor((rows - 12) / 3))
  const lines = [
    `${opened.scenario} on ${opened.project}, incident ${opened.incident}`,
    `held by ${run.holder}`,
    clockLine(run, now),
    '',
    ...where(run, now),
    '',
    ...part(
      'next',
      still(run),
      room,
      ({ effect, path, say }) => `${mark(effect)} ${inLane(laneOf(path), say)}`,
    ),
    ...part('can be undone', [...run.changed.values()].reverse(), room, undoable),
    ...part(
      'found',
      [...run.checks].reverse(),
      room,
      ({ verdict, say, found }) => `${verdict}: ${say}: ${found}`,
    ),
  ]
  return lines.slice(0, rows - 1).map(line => cut(line, columns))
}

function clockLine(run: Run, now: number): string {
  const told = clockOf(run, run.closed ? Date.parse(run.closed.at) : now)
  if (!told) return 'clock: nobody has said yet when it was detected'
  const { passed, left } = told
  const rest = left < 0 ? `RTO MISSED by ${clock(-left)}` : `${clock(left)} left`
  return `clock: ${clock(passed)} of the RTO of ${run.opened?.rtoMinutes}:00, ${rest}`
}

function where(run: Run, now: number): string[] {
  if (run.closed) return [`ended: ${run.closed.outcome} (exit code ${run.closed.exitCode})`]
  if (run.talk) {
    const { say, expects, outcome } = run.talk
    return [`NOT AS PREDICTED: ${say}`, `  expected: ${expects}`, `  seen:     ${outcome.join('; ')}`]
  }
  const asked = [...run.asked.values()].map(
    ({ say, at }) => `waits for the navigator: ${say}${since(at, now)}`,
  )
  const doing = [...run.doing.values()].flatMap(each => [
    `now: ${doingLine(each)}  ${clock(now - each.since)}`,
    `     ${oneLine(each.command)}`,
  ])
  if (asked.length + doing.length > 0) return [...asked, ...doing]
  if (run.failed) return [`holds: ${run.failed.say}: ${run.failed.problem[0] ?? ''}`]
  return [run.confirmed ? 'now: between two commands, or the driver is asked' : 'now: the driver is asked']
}

function doingLine({ path, say, effect }: Doing): string {
  return `${mark(effect)} ${inLane(laneOf(path), say)}  (${path.split('/')[0]})`
}

function since(at: string, now: number): string {
  return `  ${clock(now - Date.parse(at))}`
}

function mark(effect: string): string {
  return effect === 'write' ? '!' : '$'
}

function undoable({ say, undo }: { say: string; undo?: string }): string {
  return undo ? `${say}: ${oneLine(undo)}` : `${say}: stays, there is no undo`
}

function part<T>(title: string, all: readonly T[], room: number, line: (one: T) => string): string[] {
  if (all.length === 0) return [`${title}: nothing`]
  const shown = all.slice(0, room).map(one => `  ${line(one)}`)
  return [`${title}${all.length > room ? ` (${room} of ${all.length})` : ''}:`, ...shown]
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}

function cut(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`
}

/** What the navigator reads before they say what they expect. */
export function questionLines(
  { say, command, touches, undo, why }: Extract<Recorded, { kind: 'asked' }>,
  behind: number,
): string[] {
  return [
    '',
    `! ${say}`,
    `  command  ${oneLine(command)}`,
    `  touches  ${touches}`,
    `  undo     ${oneLine(undo)}`,
    `  reason   ${oneLine(why)}`,
    ...(behind > 0 ? [`  (${behind} more after this one)`] : []),
  ]
}
