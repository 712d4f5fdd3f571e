import { plural } from '../lib/format.ts'
import type { Event } from '../lib/journal.ts'
import type { RecordedOutput } from './recording.ts'
import {
  around,
  type Difference,
  factDifferences,
  plain,
  text,
  verdictDifferences,
  worldDifferences,
} from './replay-differences.ts'
import type { Session } from './replay-session.ts'
import type { Match, Request } from './replay-tape.ts'

/** How these ended a run in ways that a replay does not have: declined, locked, interrupted. */
const FROM_OUTSIDE = [3, 75, 130]

/** Holds what happens today against what was recorded, and keeps the differences. */
export class Judge {
  readonly differences: Difference[] = []
  /** Commands that were answered from the recording. */
  commands = 0
  /** An activity failed that did not fail then: nothing recorded comes after it. */
  strayed = false
  session!: Session
  /** What the activities were called, by path: then and now. */
  readonly #were: ReadonlyMap<string, string>
  readonly #are = new Map<string, string>()
  /** The recorded path of an activity whose path is another one today. */
  readonly #moved = new Map<string, string>()

  constructor(sessions: readonly Session[]) {
    const started = sessions.flatMap(session => session.of('started'))
    this.#were = new Map(started.map(({ path, say }) => [path, say]))
  }

  differs(difference: Difference): void {
    this.differences.push(difference)
  }

  /** Whether a recorded activity and one of today are the same; `here`: at the same path. */
  isSame(request: Request, entry: RecordedOutput): boolean {
    const [was, is] = [this.#were.get(entry.path), this.#are.get(request.path)]
    if (request.path === entry.path) return was === undefined || is === undefined || was === is
    // What was recorded at the path of today keeps its outputs to itself.
    return was !== undefined && was === is && this.#were.get(request.path) !== is
  }

  given(request: Request, entry: RecordedOutput, match: Match): void {
    this.commands++
    if (match === 'moved') this.#moved.set(request.path, entry.path)
    if (match !== 'changed') return
    const sentence = `${this.#name(request.path)}: another command`
    const difference = { path: request.path, sentence, ...around(entry.command, request.text) }
    // Of a poll once, however often it looks.
    if (this.differences.some(({ path, is }) => path === difference.path && is === difference.is)) return
    this.differs({ kind: 'command', ...difference })
  }

  event(event: Event): void {
    if (event.kind === 'started') {
      this.#are.set(event.path, event.say)
      this.session.take('started', ({ path }) => path === this.#then(event.path))
    }
    if (event.kind === 'finished') {
      const was = this.session.take('finished', ({ path }) => path === this.#then(event.path))
      if (was) for (const difference of factDifferences(was, event)) this.differs(difference)
    }
    if (event.kind === 'checked') {
      const was = this.session.take('checked', ({ path }) => path === this.#then(event.path))
      if (was) for (const difference of verdictDifferences(was, event)) this.differs(difference)
      else if (this.session.take('skipped', ({ path }) => path === this.#then(event.path)))
        this.#otherwise(event, 'skipped', event.verdict)
    }
    if (event.kind === 'skipped') this.#skipped(event)
    if (event.kind === 'adopted') this.session.take('adopted', ({ path }) => path === this.#then(event.path))
    if (event.kind === 'undone') this.session.take('undone', ({ path }) => path === this.#then(event.path))
    if (event.kind === 'failed') this.#failed(event)
  }

  #skipped(event: Extract<Event, { kind: 'skipped' }>): void {
    if (this.session.take('skipped', ({ path }) => path === this.#then(event.path))) return
    const was = this.session.take('checked', ({ path }) => path === this.#then(event.path))
    if (was) this.#otherwise(event, was.verdict, 'skipped')
  }

  #otherwise({ path, say }: { path: string; say: string }, was: string, is: string): void {
    this.differs({ kind: 'verdict', path, sentence: `${say}: another verdict`, was, is })
  }

  #failed({ path, say, problem }: Extract<Event, { kind: 'failed' }>): void {
    if (this.session.take('failed', failed => failed.path === this.#then(path))) return
    this.strayed = true
    this.differs({ kind: 'outcome', path, sentence: `${say}: fails today`, is: problem[0] ?? 'failed' })
  }

  world(path: string, was: Record<string, string>, is: Record<string, string>): void {
    for (const difference of worldDifferences(path, was, is)) this.differs(difference)
  }

  /** A command of today of which nothing was recorded. */
  lacks({ path, text: is }: Request): void {
    const wait = this.session.of('finished').some(event => event.path === path && event.effect === 'until')
    const sentence = wait
      ? `${this.#name(path)}: the wait is not over with what was recorded`
      : `${this.#name(path)}: a command that was not recorded`
    this.differs({ kind: 'new', path, sentence, is })
  }

  /** What was recorded of a run that today has come to its end as well, and was not needed. */
  leftOver(outputs: readonly RecordedOutput[]): void {
    for (const [path, { command, times }] of byPath(outputs)) {
      const sentence = `${this.#name(path)}: not run today${times > 1 ? ` (${times} times then)` : ''}`
      this.differs({ kind: 'gone', path, sentence, was: command })
    }
    const { lost } = this.session
    if (lost > 0)
      this.differs({ kind: 'open', path: '', sentence: `the recording lacks ${plural(lost, 'output')}` })
    const known = new Set(this.differences.map(({ path }) => path))
    const left = [
      ...[
        ...this.session.of('finished'),
        ...this.session.of('checked'),
        ...this.session.of('skipped'),
        ...this.session.of('adopted'),
      ].map(({ path, say }) => ({
        path,
        sentence: `${say}: ended then, and nothing of it is seen today`,
      })),
      ...(this.#endedFromOutside ? [] : this.session.of('failed')).map(({ path, say }) => ({
        path,
        sentence: `${say}: failed then, and does not fail today`,
      })),
      ...this.session
        .of('answered')
        .map(({ path, question }) => ({ path, sentence: `not asked today: ${question}` })),
    ]
    for (const one of left) if (!known.has(one.path)) this.differs({ kind: 'gone', ...one })
  }

  get #endedFromOutside(): boolean {
    const { exitCode } = this.session
    return exitCode !== undefined && FROM_OUTSIDE.includes(exitCode)
  }

  /** What a success leaves in quarantine. */
  kept(is: readonly { what: Record<string, unknown> }[]): void {
    const was = this.session.of('kept').map(({ what }) => what)
    const now = is.map(({ what }) => plain(what))
    if (text(was) === text(now)) return
    this.differs({
      kind: 'kept',
      path: 'quarantine',
      sentence: 'something else is in quarantine',
      ...around(text(was), text(now)),
    })
  }

  #then(path: string): string {
    return this.#moved.get(path) ?? path
  }

  #name(path: string): string {
    return this.#are.get(path) ?? this.#were.get(path) ?? path
  }
}

function byPath(outputs: readonly RecordedOutput[]): Map<string, { command: string; times: number }> {
  const found = new Map<string, { command: string; times: number }>()
  for (const { path, command } of outputs) {
    found.set(path, { command, times: (found.get(path)?.times ?? 0) + 1 })
  }
  return found
}
