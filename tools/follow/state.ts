import type { Effect, Recorded } from '../../lib/journal.ts'

type Of<K extends Recorded['kind']> = Extract<Recorded, { kind: K }>

/** What is being done, per path. */
export interface Doing {
  path: string
  say: string
  effect: Effect
  command: string
  since: number
}

/** A run as its events tell it so far. */
export interface Run {
  opened: Of<'opened'> | undefined
  /** Who works on it now. */
  holder: string
  /** Milliseconds since the epoch; the RTO counts from here. */
  detected: number | undefined
  description: string
  confirmed: boolean
  doing: Map<string, Doing>
  /** Writes in effect, oldest first, by path; `undo` is absent where there is none. */
  changed: Map<string, { say: string; undo?: string }>
  ended: Set<string>
  ahead: NonNullable<Of<'planned'>['ahead']>
  checks: Of<'checked'>[]
  /** Questions to the navigator without an answer, oldest first, by path. */
  asked: Map<string, Of<'asked'>>
  failed: Of<'failed'> | undefined
  /** An outcome that was not as predicted: both talk about it. */
  talk: Of<'compared'> | undefined
  handed: Of<'handed'> | undefined
  closed: Of<'closed'> | undefined
}

export function newRun(): Run {
  return {
    opened: undefined,
    holder: '',
    detected: undefined,
    description: '',
    confirmed: false,
    doing: new Map(),
    changed: new Map(),
    ended: new Set(),
    ahead: [],
    checks: [],
    asked: new Map(),
    failed: undefined,
    talk: undefined,
    handed: undefined,
    closed: undefined,
  }
}

/** Takes in one event more. */
export function tell(run: Run, event: Recorded): void {
  if ('path' in event && event.kind !== 'command' && event.kind !== 'asked') run.asked.delete(event.path)
  switch (event.kind) {
    case 'opened':
      run.opened = event
      run.holder = `${event.operator} on ${event.host}`
      break
    case 'resumed':
      resume(run, event)
      break
    case 'answered':
      if (event.path.endsWith('detected')) run.detected = Date.parse(String(event.answer)) || undefined
      if (event.path.endsWith('description')) run.description = String(event.answer)
      break
    case 'planned':
      run.ahead = event.ahead ?? []
      break
    case 'confirmed':
      run.confirmed = true
      break
    case 'started':
      begin(run, event)
      break
    case 'finished':
    case 'checked':
    case 'skipped':
      end(run, event.path)
      if (event.kind === 'checked') run.checks.push(event)
      break
    case 'failed':
      run.doing.delete(event.path)
      run.failed = event
      break
    case 'undone':
      run.changed.delete(event.path)
      run.ended.delete(event.path)
      break
    case 'asked':
      run.asked.set(event.path, event)
      break
    case 'compared':
      if (!event.agrees) run.talk = event
      break
    case 'handed':
      run.handed = event
      break
    case 'closed':
      run.closed = event
      run.doing.clear()
      run.asked.clear()
      break
  }
}

function resume(run: Run, event: Of<'resumed'>): void {
  run.holder = `${event.operator} on ${event.host}`
  run.confirmed = false
  run.doing.clear()
  run.asked.clear()
  run.closed = undefined
  run.failed = undefined
  run.handed = undefined
}

function begin(run: Run, event: Of<'started'>): void {
  const { path, say, effect, command, undo, at } = event
  run.doing.set(path, { path, say, effect, command, since: Date.parse(at) })
  run.failed = undefined
  if (effect === 'write') run.talk = undefined
  if (effect === 'write') {
    run.changed.delete(path)
    run.changed.set(path, { say, ...(undo ? { undo } : {}) })
  }
}

function end(run: Run, path: string): void {
  run.doing.delete(path)
  run.ended.add(path)
}

/** The writes that were begun and whose end nobody has told. */
export function writesInFlight(run: Run): Doing[] {
  return [...run.doing.values()].filter(({ effect }) => effect === 'write')
}

/** What of the plan is still to come, in its order. */
export function still(run: Run): Run['ahead'] {
  return run.ahead.filter(({ path }) => !run.ended.has(path) && !run.doing.has(path))
}

/** Milliseconds since the detection, and those left of the RTO; undefined while nobody has said when it was. */
export function clockOf(
  { detected, opened }: Run,
  now: number,
): { passed: number; left: number } | undefined {
  if (detected === undefined || opened?.rtoMinutes === undefined) return undefined
  const passed = now - detected
  return { passed, left: opened.rtoMinutes * 60_000 - passed }
}
