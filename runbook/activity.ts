import type { Command, Output, Progress } from '../lib/command.ts'
import { type ExecOptions, exec } from '../lib/exec.ts'
import type { Event } from '../lib/journal.ts'
import { problemLines } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import type { Memory } from './memory.ts'
import type { AnyStep, Binding, Facts, Question } from './model.ts'
import { type Effect, shown } from './plan.ts'
import { laneOf } from './tree.ts'

/** What the world outside of the tree offers to an execution. */
export interface Surroundings {
  cwd: string
  memory: Memory
  record: (event: Event) => void
  observe: Observer
  /** Aborted by the second Ctrl-C. */
  kill: AbortSignal
  /** Throws when the run must not go on: first Ctrl-C, lock lost. Asked before every activity. */
  mayContinue: () => void
  /** Throws when the write must not be: the world is not the confirmed one, the target is somebody else's now. */
  beforeWrite: (facts: Facts, intent: Intent) => Promise<void>
  /** Runs a command; the one of lib/exec.ts but where outputs are kept, or come from a recording. */
  exec: Door
  /** Waits between two looks, in milliseconds; absent: as long as that takes. A replay has no need to. */
  wait?: (ms: number) => Promise<void>
  /** Runs what learns and nothing else. */
  preview: boolean
  /** A person sits at the terminal. */
  attended: boolean
  /** What a person has done by hand counts as done, if its probe agrees. */
  adopt: boolean
}

/** Where the commands of a run go through: each with the path of the activity that it belongs to. */
export type Door = (command: Command, path: string, options: ExecOptions) => Promise<Output>

/** Straight to the outside: nothing is kept, nothing comes from a recording. */
export const direct: Door = (command, _, options) => exec(command, options)

/** A write that is about to begin, as a person would read it: all that the navigator of a pair is asked about. */
export type Intent = Omit<Extract<Event, { kind: 'asked' }>, 'kind'>

/** `lane` names the one of several sequences that run side by side; empty when there is only one. */
export interface Observer {
  activity(say: string, effect: Effect, command: string, lane: string): void
  progress(p: Progress, lane: string): void
  /** Nothing more happens in that lane. */
  ended(lane: string): void
  /** A line that stays: a verdict, a finding. */
  line(text: string): void
}

/** Nobody watches, nothing interrupts, nothing is refused: for previews and tests. */
export function quietSurroundings(cwd: string, memory: Memory): Surroundings {
  const nothing = () => undefined
  return {
    cwd,
    memory,
    record: event => memory.remember(event),
    observe: { activity: nothing, progress: nothing, ended: nothing, line: nothing },
    kill: new AbortController().signal,
    mayContinue: nothing,
    beforeWrite: async () => undefined,
    exec: direct,
    preview: false,
    attended: false,
    adopt: false,
  }
}

/** The run has reached a question: not a failure, a place between two stretches. */
export class Pause {
  readonly path: string
  readonly facts: Facts
  readonly ask: { question: Question<Facts> } | { binding: Binding<Facts> }

  constructor(path: string, facts: Facts, ask: Pause['ask']) {
    this.path = path
    this.facts = facts
    this.ask = ask
  }
}

/** An activity that failed, with what is needed to go on from here. */
export class Failure extends Error {
  readonly path: string
  readonly say: string
  readonly trouble: string | undefined

  constructor(path: string, say: string, cause: unknown, trouble?: string) {
    super(say, { cause })
    this.path = path
    this.say = say
    this.trouble = trouble
  }
}

/** How an activity ended: milliseconds, the exit code of its program, bytes it moved, what was learned. */
export interface End {
  ms: number
  exitCode?: number
  bytes?: number
  learned?: Facts
}

/** How an activity is begun, run, recorded and failed; the same for every kind of them. */
export class Activities {
  readonly around: Surroundings
  /** The steps that were begun, by their path: what they say about reason and trouble. */
  readonly #steps = new Map<string, AnyStep>()

  constructor(around: Surroundings) {
    this.around = around
  }

  /** Notes which step begins. */
  enter(step: AnyStep, path: string): void {
    this.#steps.set(path, step)
  }

  /** What the innermost step around a path says about trouble. */
  trouble(path: string): string | undefined {
    return this.#stepAround(path)?.trouble
  }

  /** The reason that the innermost step around a path gives, on one line. */
  why(path: string): string {
    return (this.#stepAround(path)?.why ?? '').replace(/\s*\n\s*/g, ' ')
  }

  /** The kind of store that the innermost step around a path is about, and the element of the loop that it is in. */
  touches(path: string): string {
    const element = path.match(/\[([^\]]+)\](?!.*\[)/)?.[1]
    return [laneOf(path) || this.#stepAround(path)?.about || 'the platform', element ?? '']
      .filter(Boolean)
      .join(', ')
  }

  #stepAround(path: string): AnyStep | undefined {
    const around = [...this.#steps.keys()].filter(step => path === step || path.startsWith(`${step}/`))
    return this.#steps.get(around.sort((a, b) => b.length - a.length)[0] ?? '')
  }

  async run<T>(say: string, path: string, run: () => Promise<T>): Promise<T> {
    this.around.mayContinue()
    try {
      return await run()
    } catch (error) {
      if (error instanceof Failure || error instanceof Pause) throw error
      this.around.record({ kind: 'failed', path, say, problem: problemLines(error).map(mask) })
      throw new Failure(path, say, error, this.trouble(path))
    }
  }

  begin(say: string, effect: Effect, path: string, command: Command, undo?: string): void {
    const text = shown(command)
    this.around.observe.activity(say, effect, text, laneOf(path))
    this.around.record({
      kind: 'started',
      path,
      say,
      effect,
      command: text,
      ...(undo ? { undo } : {}),
    })
  }

  finish(say: string, effect: 'read' | 'write' | 'until', path: string, end: End): void {
    const { learned = {}, ...told } = end
    const known = Object.keys(learned).length > 0 ? { learned } : {}
    this.around.record({ kind: 'finished', path, say, effect, ...told, ...known })
  }

  /** Runs a command; a critical one is not killed half-way. */
  exec(command: Command, path: string, critical = false): Promise<Output> {
    const { cwd, kill, observe, record } = this.around
    return this.around.exec(command, path, {
      cwd,
      // A critical write is never killed half-way; it takes seconds.
      ...(critical ? {} : { signal: kill }),
      progress: p => observe.progress(p, laneOf(path)),
      started: pid => pid !== undefined && record({ kind: 'command', path, pid }),
    })
  }

  pause(ms: number): Promise<void> {
    if (this.around.wait) return this.around.wait(ms)
    return new Promise(resolve => {
      const timer = setTimeout(finish, ms)
      const { kill } = this.around
      function finish() {
        clearTimeout(timer)
        kill.removeEventListener('abort', finish)
        resolve()
      }
      kill.addEventListener('abort', finish)
    })
  }
}
