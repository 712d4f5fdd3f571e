import type { Command, Output } from '../lib/command.ts'
import { EXIT, Problem } from '../lib/problem.ts'
import { shown } from './plan.ts'
import type { RecordedOutput } from './recording.ts'
import type { StandingClock } from './replay-clock.ts'

/** How what is asked for was found: `exact`, under another path (`moved`), or under its path with another text. */
export type Match = 'exact' | 'moved' | 'changed'

/** A command of today that waits for its recorded output. */
export interface Request {
  path: string
  command: Command
  text: string
}

interface Waiting {
  /** Absent: a pause of a poll, which ends by the clock alone. */
  request?: Request
  due: number
  resolve: (output?: Output) => void
  reject: (error: unknown) => void
}

interface Found {
  entry: RecordedOutput
  match: Match
}

/**
 * The recorded outputs of one run. Commands of lanes wait for them side by side, so they are given out in the
 * order in which they were recorded: always the earliest of what is waited for, and the clock moves with it.
 */
export class Tape {
  readonly left: RecordedOutput[]
  /** Set when nothing of what is waited for was recorded: the replay cannot go on. */
  over: { requests: Request[]; dropped?: RecordedOutput } | undefined
  readonly #clock: StandingClock
  readonly #told: (request: Request, entry: RecordedOutput, match: Match) => void
  readonly #same: (request: Request, entry: RecordedOutput) => boolean
  readonly #waiting: Waiting[] = []
  #scheduled = false

  /**
   * `same`: whether a recorded output belongs to the activity of a request, although its command or its path is
   * another one. `told` hears of every output that is given out.
   */
  constructor(
    entries: readonly RecordedOutput[],
    clock: StandingClock,
    same: (request: Request, entry: RecordedOutput) => boolean,
    told: (request: Request, entry: RecordedOutput, match: Match) => void,
  ) {
    this.left = [...entries]
    this.#clock = clock
    this.#same = same
    this.#told = told
  }

  /** The recorded output of a command, or the Problem that it ended with. */
  ask(command: Command, path: string): Promise<Output> {
    const request = { path, command, text: shown(command) }
    return new Promise((resolve, reject) => {
      this.#wait({ request, due: 0, resolve: resolve as Waiting['resolve'], reject })
    })
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wait({ due: this.#clock.now + ms, resolve: () => resolve(), reject })
    })
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#later()
  }

  /** Ends the earliest of what is waited for; when there is none, all of it. */
  #serve(): void {
    const served = this.#waiting
      .map(waiting => ({ waiting, found: waiting.request && this.#find(waiting.request) }))
      .filter(({ waiting, found }) => !waiting.request || found)
      .map(each => ({ ...each, at: each.found ? Date.parse(each.found.entry.at) : each.waiting.due }))
      .sort((a, b) => a.at - b.at)[0]
    if (!served) {
      this.#end()
      return
    }
    const { waiting, found, at } = served
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
    this.#clock.set(at)
    if (found) this.#give(waiting, found)
    else waiting.resolve()
    if (this.#waiting.length > 0) this.#later()
  }

  /** Everything between two outputs is done by then: a walk waits for nothing else. */
  #later(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#serve()
    })
  }

  #give({ request, resolve, reject }: Waiting, found: Found): void {
    this.left.splice(this.left.indexOf(found.entry), 1)
    this.#told(request!, found.entry, found.match)
    // Nothing that comes after it is known.
    if (found.entry.dropped !== undefined) this.over = { requests: [], dropped: found.entry }
    try {
      resolve(outputOf(found.entry, request!.command))
    } catch (error) {
      reject(error)
    }
  }

  #find({ path, text, command }: Request): Found | undefined {
    const here = this.left.filter(entry => entry.path === path)
    const exact = here.find(entry => entry.command === text)
    if (exact) return { entry: exact, match: 'exact' }
    const request = { path, text, command }
    const moved = this.left.find(
      entry => entry.command === text && placeOf(entry.path) === placeOf(path) && this.#same(request, entry),
    )
    if (moved) return { entry: moved, match: 'moved' }
    const [changed] = here
    if (changed && this.#same(request, changed)) return { entry: changed, match: 'changed' }
    return undefined
  }

  #end(): void {
    const requests = this.#waiting.flatMap(({ request }) => (request ? [request] : []))
    this.over ??= { requests }
    // An interrupt is what a poll lets through, too.
    const end = new Problem('the recording ends here', { exitCode: EXIT.interrupted })
    for (const { reject } of this.#waiting.splice(0)) reject(end)
  }
}

/** Step and lane: within them a command may have got another number, because one was put before it. */
function placeOf(path: string): string {
  return `${path.split('/')[0]} ${/\{[^}]*\}/.exec(path)?.[0] ?? ''} ${path.match(/\[[^\]]*\]/g)?.join('') ?? ''}`
}

/** An exit code is an answer or a failure by what the command of today says. */
function outputOf(entry: RecordedOutput, command: Command): Output {
  const { problem, durationMs, stdout = '', stderr = '' } = entry
  if (entry.dropped !== undefined)
    throw new Problem('its output was too long to be kept', { exitCode: EXIT.interrupted })
  if (!problem) {
    const exitCode = entry.exitCode ?? 0
    if (exitCode === 0 || command.ok?.includes(exitCode)) return { stdout, stderr, exitCode, durationMs }
    throw new Problem(`${command.argv[0]} ended with exit code ${exitCode}`, { code: exitCode })
  }
  if (problem.code !== undefined && command.ok?.includes(problem.code))
    return { stdout: '', stderr: problem.tail.join('\n'), exitCode: problem.code, durationMs }
  const { message, ...details } = problem
  throw new Problem(message, { ...details, command: entry.command })
}
