import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Output } from '../lib/command.ts'
import { type Recorded, readJournal } from '../lib/journal.ts'
import { badInput, type ExitCode, messageOf, Problem } from '../lib/problem.ts'
import { maskCredentials, masked } from '../lib/secret.ts'
import type { TargetRecord } from '../lib/target-record.ts'
import type { Door } from './activity.ts'
import { shown } from './plan.ts'

/** What one command of a run gave, as a line of outputs.jsonl. */
export interface RecordedOutput {
  /** Counts from 1 in every run of the incident, so that a line that is missing is noticed. */
  n: number
  /** When it had ended. */
  at: string
  path: string
  command: string
  exitCode?: number
  stdout?: string
  stderr?: string
  durationMs: number
  /** What it threw instead. */
  problem?: RecordedProblem
  /** Characters of an output that was too long to be kept. */
  dropped?: number
}

export interface RecordedProblem {
  message: string
  hint?: string
  exitCode: ExitCode
  code?: number
  tail: string[]
}

/** The target as it was, and how the run was made: target.json. */
export interface RecordedTarget extends TargetRecord {
  /** Name of the store that was recovered; absent where the scenario has none of its own. */
  store?: string
  /** A person sat at the terminal. */
  attended: boolean
}

export const OUTPUTS = 'outputs.jsonl'
export const TARGET = 'target.json'

/** A longer output is data in the wrong place; a replay can do without the rest of that run. */
const MOST = 4 * 1024 * 1024

/** Keeps what every command of a run gave, beside its journal, so that the run can be replayed. */
export class Recording {
  readonly #folder: string
  readonly #file: string
  readonly #note: (text: string) => void
  #broken = false
  #count = 0
  /** Of a file that is there already the last line may be cut. */
  #whole: boolean

  /** `note` is told once when it cannot go on: a recovery never waits for it. */
  constructor(folder: string, note: (text: string) => void) {
    this.#folder = folder
    this.#file = join(folder, OUTPUTS)
    this.#note = note
    this.#whole = !existsSync(this.#file)
  }

  /** The same door, and what comes through it is kept. */
  through(door: Door): Door {
    return async (command, path, options) => {
      const begun = Date.now()
      try {
        const output = await door(command, path, options)
        this.#keep({ path, command: shown(command), ...kept(output) })
        return output
      } catch (error) {
        const durationMs = Date.now() - begun
        this.#keep({ path, command: shown(command), durationMs, problem: problemOf(error) })
        throw error
      }
    }
  }

  #keep(line: Omit<RecordedOutput, 'at' | 'n'>): void {
    if (this.#broken) return
    this.#try(() => {
      const text = JSON.stringify({ n: ++this.#count, at: new Date().toISOString(), ...masked(line) })
      appendFileSync(this.#file, `${this.#whole ? '' : '\n'}${text}\n`, { mode: 0o600 })
      this.#whole = true
    })
  }

  /** The target as it is now, once per incident. */
  keepTarget(target: RecordedTarget): void {
    const file = join(this.#folder, TARGET)
    if (existsSync(file)) return
    this.#try(() => writeFileSync(file, `${JSON.stringify(masked(target), null, 2)}\n`, { mode: 0o600 }))
  }

  #try(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#broken = true
      this.#note(
        `the outputs of the commands are no longer kept, so this run cannot be replayed: ${messageOf(error)}`,
      )
    }
  }
}

function kept({ stdout, stderr, exitCode, durationMs }: Output) {
  const length = stdout.length + stderr.length
  if (length > MOST) return { exitCode, durationMs, dropped: length }
  return { exitCode, durationMs, stdout: maskCredentials(stdout), stderr: maskCredentials(stderr) }
}

function problemOf(error: unknown): RecordedProblem {
  if (!(error instanceof Problem)) return { message: messageOf(error), exitCode: 1, tail: [] }
  const { message, hint, exitCode, code, tail } = error
  const known = { ...(hint === undefined ? {} : { hint }), ...(code === undefined ? {} : { code }) }
  return { message, exitCode, tail: tail.map(maskCredentials), ...known }
}

/** The outputs that were kept, in their order; a line that was cut by a crash is left out. */
export function readOutputs(folder: string): RecordedOutput[] {
  return readFileSync(join(folder, OUTPUTS), 'utf8')
    .split('\n')
    .flatMap((line): RecordedOutput[] => {
      try {
        return line === '' ? [] : [JSON.parse(line) as RecordedOutput]
      } catch {
        return []
      }
    })
}

/** What an incident keeps of its runs. */
export interface RecordedRun {
  events: readonly Recorded[]
  outputs: readonly RecordedOutput[]
  target: RecordedTarget
}

/** Throws a Problem (exit 64) when something of it is not there. */
export function readRecordedRun(folder: string): RecordedRun {
  const missing = ['journal.jsonl', OUTPUTS, TARGET].filter(name => !existsSync(join(folder, name)))
  if (missing.length > 0)
    throw badInput(
      `${folder} has no ${missing.join(' and no ')}`,
      'a run can be replayed whose outputs were kept: give the folder of its incident',
    )
  const target = JSON.parse(readFileSync(join(folder, TARGET), 'utf8')) as RecordedTarget
  return { events: readJournal(folder), outputs: readOutputs(folder), target }
}
