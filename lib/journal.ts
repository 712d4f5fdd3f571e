import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Problem } from './problem.ts'
import { mask, masked } from './secret.ts'

/** One thing that happened. The union is closed: readers know every kind. */
export type Event =
  | {
      kind: 'opened'
      scenario: string
      incident: string
      project: string
      host: string
      operator: string
      version: string
      /** What it must not exceed, from the detection on. */
      rtoMinutes?: number
    }
  | { kind: 'answered'; path: string; question: string; answer: unknown; ms: number }
  | {
      kind: 'planned'
      hash: string
      commands: number
      writes: number
      /** Predicted seconds of what follows. */
      seconds?: number
      /** The commands of the plan in their order, as far as they are known; `final`: there is no undo. */
      ahead?: { path: string; say: string; effect: Effect; final?: true }[]
    }
  | { kind: 'confirmed'; phrase: string; binding: Record<string, string> }
  | { kind: 'started'; path: string; say: string; effect: Effect; command: string; undo?: string }
  | { kind: 'command'; path: string; pid: number }
  | {
      kind: 'finished'
      path: string
      say: string
      effect: Effect
      ms: number
      /** Of the program; absent where nothing was run. */
      exitCode?: number
      /** What it moved, where the step knows that. */
      bytes?: number
      learned?: Record<string, unknown>
    }
  | {
      kind: 'checked'
      path: string
      say: string
      verdict: string
      expected?: string
      found: string
      ms: number
      exitCode?: number
    }
  | { kind: 'skipped'; path: string; say: string; why: string }
  | { kind: 'failed'; path: string; say: string; problem: string[] }
  | { kind: 'undone'; path: string; say: string; ms: number }
  /** A write that a person has done by hand: its probe says so. */
  | { kind: 'adopted'; path: string; say: string; command: string; undo?: string }
  /** In a pair: the navigator is asked what a write will lead to. */
  | {
      kind: 'asked'
      path: string
      say: string
      /** On one line, masked. */
      command: string
      /** What it changes, as far as the tree says so: a store, an element of a loop. */
      touches: string
      /** How it is taken back, or the sentence why it is not. */
      undo: string
      /** Why the step does this. */
      why: string
    }
  | { kind: 'predicted'; path: string; say: string; by: string; expects: string; ms: number }
  | { kind: 'compared'; path: string; say: string; expects: string; outcome: string[]; agrees: boolean }
  /** The lock went from one engineer to another. */
  | { kind: 'handed'; from: string; to: string; note: string }
  | { kind: 'note'; text: string }
  | { kind: 'kept'; what: Record<string, unknown>; text: string }
  | { kind: 'released'; store: string }
  | { kind: 'interrupted'; how: string }
  /** `elsewhere`: its folder was not here, so what was kept in files is not, either. */
  | {
      kind: 'resumed'
      host: string
      operator: string
      elsewhere?: true
      /** What was done by hand meanwhile counts, if its probe agrees. */
      adopt?: true
    }
  | { kind: 'closed'; outcome: string; exitCode: number }

export type Effect = 'read' | 'keep' | 'write' | 'check' | 'until'
export type Recorded = Event & { at: string }

/** Kept free so that a full disk does not silence the journal at the worst moment. */
const RESERVE_BYTES = 1024 * 1024

/** A line by which a run goes on with the incident. */
const RESUMED = /^\{"at":"[^"]*","kind":"resumed"/gm

/**
 * The memory of an incident: `journal.jsonl`, one fsynced line an event, intent before and outcome
 * after; beside it the same for people. Nothing is ever rewritten.
 */
export class Journal {
  readonly folder: string
  readonly file: string
  readonly #log: string
  readonly #listeners: ((event: Recorded) => void)[] = []
  /** Up to which byte of the file was looked for a resume; before that, nobody but this run goes on with it. */
  #lookedTo: number | undefined
  #resumes = { found: 0, ours: 0 }

  constructor(folder: string, incident: string) {
    this.folder = folder
    this.file = join(folder, 'journal.jsonl')
    this.#log = join(folder, `incident_${incident}.log`)
  }

  /** Makes the folder and reserves the space; on a resumed incident both are there. */
  open(): this {
    mkdirSync(this.folder, { recursive: true })
    dropHalfLine(this.file)
    writeFileSync(this.#reserve, Buffer.alloc(RESERVE_BYTES))
    return this
  }

  /** Called with every event once it is on disk; the lock container hears of the run this way. */
  listen(listener: (event: Recorded) => void): void {
    this.#listeners.push(listener)
  }

  /** Gives the event as it stands in the journal now. */
  write(event: Event): Recorded {
    const recorded: Recorded = { at: new Date().toISOString(), ...event }
    if (this.#isTaken()) return recorded
    this.#append(this.file, `${JSON.stringify(withoutSecrets(recorded))}\n`)
    this.#append(this.#log, `${recorded.at}  ${mask(sentence(recorded))}\n`)
    if (event.kind === 'resumed') this.#resumes.ours++
    for (const listener of this.#listeners) listener(recorded)
    return recorded
  }

  /**
   * Whether somebody else goes on with the incident, in this folder: a run that slept through the handover and
   * wakes up late has nothing to add to what they do. It may have fallen asleep in the midst of a line of its own,
   * so resumes are counted: the size of the file says nothing about whose lines are in it.
   */
  #isTaken(): boolean {
    this.#lookedTo ??= sizeOf(this.file)
    if (sizeOf(this.file) > this.#lookedTo) {
      const added = readFrom(this.file, this.#lookedTo)
      const lines = added.subarray(0, added.lastIndexOf('\n') + 1)
      this.#lookedTo += lines.length
      this.#resumes.found += lines.toString('utf8').match(RESUMED)?.length ?? 0
    }
    return this.#resumes.found > this.#resumes.ours
  }

  read(): Recorded[] {
    return readJournal(this.folder)
  }

  close(): void {
    if (this.#isTaken()) return
    rmSync(this.#reserve, { force: true })
  }

  get #reserve(): string {
    return join(this.folder, '.reserved')
  }

  #append(file: string, text: string): void {
    const rest = appendSynced(file, Buffer.from(text))
    if (rest.length === 0) return
    rmSync(this.#reserve, { force: true })
    const lost = appendSynced(file, rest)
    if (lost.length > 0)
      throw new Problem(`no space is left for the journal ${file}`, { hint: 'make room, then --resume' })
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** What stands in a file from this byte on: the journal is looked at before each line, and only what is new is read. */
function readFrom(file: string, from: number): Buffer {
  const fd = openSync(file, 'r')
  try {
    const rest = Buffer.alloc(fstatSync(fd).size - from)
    return rest.subarray(0, readSync(fd, rest, 0, rest.length, from))
  } finally {
    closeSync(fd)
  }
}

/** The event for a reader: a secret that is one of the journal's own words does not change what kind of event it is. */
export function withoutSecrets({ at, kind, ...told }: Recorded): Recorded {
  return { at, kind, ...masked(told) } as Recorded
}

/** What is written after half a line would be lost with it: the half one never happened. */
function dropHalfLine(file: string): void {
  if (!existsSync(file)) return
  const text = readFileSync(file)
  const whole = text.lastIndexOf('\n') + 1
  if (whole < text.length) truncateSync(file, whole)
}

/** Appends as much as there is room for and gives the rest: on a full disk a write may be short. */
function appendSynced(file: string, text: Buffer): Buffer {
  const fd = openSync(file, 'a', 0o600)
  try {
    const written = writeSync(fd, text)
    fsyncSync(fd)
    return text.subarray(written)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return text
  } finally {
    closeSync(fd)
  }
}

/** The events of a journal. A last line that was cut by a crash is left out: it never happened. */
export function readJournal(folder: string): Recorded[] {
  const events: Recorded[] = []
  for (const line of readFileSync(join(folder, 'journal.jsonl'), 'utf8').split('\n')) {
    if (line === '') continue
    try {
      events.push(JSON.parse(line) as Recorded)
    } catch {
      break
    }
  }
  return events
}

/** One line for people per event. */
export function sentence(event: Recorded): string {
  switch (event.kind) {
    case 'opened':
      return `incident ${event.incident} opened: ${event.scenario} on ${event.project}, by ${event.operator} on ${event.host}`
    case 'answered':
      return `answered: ${event.question} → ${plain(event.answer)}`
    case 'planned':
      return `planned: ${event.commands} commands, ${event.writes} change something (plan ${event.hash})`
    case 'confirmed':
      return `confirmed: ${event.phrase}`
    case 'started':
      return `${event.effect === 'write' ? '!' : '$'} ${event.say}: ${event.command}`
    case 'command':
      return `  process ${event.pid}`
    case 'finished':
      return `  done: ${event.say} (${event.ms} ms)`
    case 'checked':
      return `${event.verdict}: ${event.say}: ${event.found}${event.expected === undefined ? '' : ` (expected: ${event.expected})`}`
    case 'skipped':
      return `skipped: ${event.say}: ${event.why}`
    case 'failed':
      return `FAILED: ${event.say}\n    ${event.problem.join('\n    ')}`
    case 'undone':
      return `undone: ${event.say} (${event.ms} ms)`
    case 'adopted':
      return `done by hand, as its probe says: ${event.say}: ${event.command}`
    case 'asked':
      return `asked the navigator: ${event.say}: ${event.command}`
    case 'predicted':
      return `predicted by ${event.by}: ${event.say} → ${event.expects}`
    case 'compared':
      return `${event.agrees ? 'as predicted' : 'NOT AS PREDICTED'}: ${event.say}: expected ${event.expects}, seen ${event.outcome.join('; ')}`
    case 'handed':
      return `handed over by ${event.from} to ${event.to}: ${event.note}`
    case 'note':
    case 'kept':
      return event.text
    case 'released':
      return `released for good: what was kept of ${event.store}`
    case 'interrupted':
      return `interrupted: ${event.how}`
    case 'resumed':
      return `resumed by ${event.operator} on ${event.host}`
    case 'closed':
      return `closed: ${event.outcome} (exit code ${event.exitCode})`
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
