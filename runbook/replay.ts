import { join, relative } from 'node:path'
import { EXIT, exitCodeOf, messageOf, Problem } from '../lib/problem.ts'
import { type Target, targetOf } from '../lib/target.ts'
import { configOf } from '../lib/target-record.ts'
import { Failure, Pause } from './activity.ts'
import {
  type Agreement,
  agreementFor,
  CHANGED,
  CONFIRM,
  lookAgain,
  planSummary,
  refuseChanged,
} from './confirm.ts'
import { Execution } from './execute.ts'
import { Memory } from './memory.ts'
import type { AnyScenario, AnyStep, Binding, Facts, Question } from './model.ts'
import { commandsOf } from './plan.ts'
import type { RecordedRun } from './recording.ts'
import { StandingClock } from './replay-clock.ts'
import type { Difference } from './replay-differences.ts'
import { Judge } from './replay-judge.ts'
import { type Session, sessionsOf } from './replay-session.ts'
import { Tape } from './replay-tape.ts'
import { Busy, skim } from './skim.ts'
import { storeOf } from './store-of.ts'
import { pathOf } from './tree.ts'
import { checked } from './unattended.ts'

export interface Replayed {
  differences: Difference[]
  /** Recorded commands that today's steps asked for. */
  commands: number
  /** Runs of the incident: one, and one more for each resume. */
  runs: number
}

/**
 * Runs the steps of today against the recorded outputs of a past run: nothing is executed, no file is written.
 * Gives where they decide otherwise than then. Only one at a time: it stops the clock of the process.
 */
export function replay(scenario: AnyScenario, run: RecordedRun): Promise<Replayed> {
  const opened = run.events[0]
  if (opened?.kind !== 'opened')
    throw new Problem('the journal does not begin with the opening of an incident', {
      exitCode: EXIT.badInput,
    })
  const clock = new StandingClock(opened.at)
  return clock.during(() => new Replay(scenario, run, opened.incident, clock).run())
}

/** How a recorded run ends today: as it did then, recovered, or where it cannot be followed any further. */
type End = 'over' | 'recovered' | 'stopped'

class Replay {
  readonly #scenario: AnyScenario
  readonly #base: Facts
  readonly #target: Target
  readonly #attended: boolean
  readonly #clock: StandingClock
  readonly #memory = new Memory()
  readonly #sessions: Session[]
  readonly #judge: Judge
  #session!: Session
  #tape!: Tape
  #adopt = false
  #agreement: { binding: Binding<Facts>; agreement: Agreement; checked: boolean } | undefined

  constructor(scenario: AnyScenario, run: RecordedRun, incident: string, clock: StandingClock) {
    const { store: name, attended } = run.target
    this.#scenario = scenario
    this.#target = targetOf(configOf(run.target))
    this.#attended = attended
    this.#clock = clock
    this.#sessions = sessionsOf(run.events, run.outputs)
    this.#judge = new Judge(this.#sessions)
    const { root, incidents } = this.#target
    const store = storeOf(scenario, this.#target, new Map(name === undefined ? [] : [['store', name]]))
    const folder = relative(root, join(incidents, incident))
    const own = { id: incident.slice(0, 15), folder }
    this.#base = { target: this.#target, ...(store ? { store } : {}), run: own }
  }

  async run(): Promise<Replayed> {
    for (const session of this.#sessions) {
      if (session.isElsewhere) {
        const sentence = 'could not be replayed: the outputs of this run were kept on another machine'
        this.#judge.differs({ kind: 'open', path: '', sentence })
        break
      }
      this.#begin(session)
      const end = await this.#end(await this.#work())
      if (end !== 'over') break
    }
    const { differences, commands } = this.#judge
    return { differences, commands, runs: this.#sessions.length }
  }

  #begin(session: Session): void {
    this.#session = session
    this.#judge.session = session
    this.#agreement = undefined
    const judge = this.#judge
    this.#tape = new Tape(
      session.outputs,
      this.#clock,
      (request, entry) => judge.isSame(request, entry),
      (request, entry, match) => judge.given(request, entry, match),
    )
    const resumed = session.take('resumed')
    this.#adopt = resumed?.adopt ?? false
    if (resumed) {
      this.#clock.set(Date.parse(resumed.at))
      this.#memory.remember(resumed)
    }
  }

  /** The walk of Recovery: it ends at a question or a failure, and the next one repeats nothing. */
  async #work(): Promise<End> {
    const { nodes } = this.#scenario
    const walk = { from: 0, facts: this.#base, execution: this.#execution() }
    while (walk.from < nodes.length) {
      try {
        const pause = await this.#go(walk)
        const end = pause && (await this.#answer(pause, walk.from))
        if (end) return end
      } catch (error) {
        const end = await this.#held(error, walk.execution)
        if (end) return end
        Object.assign(walk, { from: 0, facts: this.#base, execution: this.#execution() })
      }
    }
    this.#judge.kept(this.#scenario.quarantine(walk.facts))
    return 'recovered'
  }

  /** On to the next question, or to the end of the next step. */
  async #go(walk: { from: number; facts: Facts; execution: Execution }): Promise<Pause | undefined> {
    const { nodes } = this.#scenario
    const skimmed = await skim(this.#execution(busy), nodes, walk.from, walk.facts)
    for (const step of skimmed.ended) this.#tell(step, skimmed.facts)
    walk.from = skimmed.next
    walk.facts = skimmed.facts
    const node = nodes[walk.from]
    if (skimmed.pause || !node) return skimmed.pause
    try {
      const learned = await walk.execution.node(node, walk.facts, pathOf('', node, walk.from))
      walk.facts = { ...walk.facts, ...learned }
      walk.from++
      if (node.kind === 'step') this.#tell(node.step, walk.facts)
      return undefined
    } catch (error) {
      if (error instanceof Pause) return error
      throw error
    }
  }

  /** What would be said at the end of a step: words do not decide, but they must not break a run either. */
  #tell(step: AnyStep, facts: Facts): void {
    try {
      step.summary?.(facts)
      step.details?.(facts)
    } catch (error) {
      const sentence = `${step.title}: what is said at its end breaks: ${messageOf(error)}`
      this.#judge.differs({ kind: 'outcome', path: step.id, sentence })
    }
  }

  #execution(mayContinue: () => void = () => undefined): Execution {
    const nothing = () => undefined
    return new Execution({
      cwd: this.#target.root,
      memory: this.#memory,
      record: event => {
        // What is thrown at the end of a recording has not happened.
        if (this.#tape.over) return
        this.#memory.remember(event)
        this.#judge.event(event)
      },
      observe: { activity: nothing, progress: nothing, ended: nothing, line: nothing },
      kill: new AbortController().signal,
      mayContinue,
      beforeWrite: async (facts, { path }) => {
        this.#stopAsThen(path)
        await this.#sameWorld(facts)
      },
      exec: (command, path) => this.#tape.ask(command, path),
      wait: ms => this.#tape.pause(ms),
      preview: false,
      attended: this.#attended,
      adopt: this.#adopt,
    })
  }

  async #sameWorld(facts: Facts): Promise<void> {
    if (!this.#agreement || this.#agreement.checked) return
    const { binding, agreement } = this.#agreement
    const now = await lookAgain(binding, facts, (command, path) => this.#tape.ask(command, path))
    refuseChanged(agreement.state, now)
    this.#agreement.checked = true
  }

  /**
   * What stops a write from outside, such as a prediction that was wrong, stands in no output: it stops again. That
   * the world had changed is seen in the outputs.
   */
  #stopAsThen(path: string): void {
    const next = this.#session.events.find(
      event => (event.kind === 'started' || event.kind === 'failed') && event.path === path,
    )
    if (next?.kind !== 'failed' || next.problem[0] === CHANGED) return
    throw new Problem(next.problem[0] ?? 'stopped', { exitCode: EXIT.checkFailed })
  }

  async #answer(pause: Pause, from: number): Promise<End | undefined> {
    if ('binding' in pause.ask) return this.#confirm(pause.ask.binding, pause.facts, from)
    const { question } = pause.ask
    const answered = this.#session.take('answered', ({ path }) => path === pause.path)
    if (!answered) return this.#unanswered(pause.path, question.say)
    this.#clock.set(Date.parse(answered.at))
    this.#memory.remember(answered)
    const refused = refusal(question, String(answered.answer), pause.facts)
    if (refused !== undefined) {
      const sentence = `${question.say} The answer of then is refused today: ${refused}`
      this.#judge.differs({ kind: 'answer', path: pause.path, sentence, was: String(answered.answer) })
    }
    return undefined
  }

  async #confirm(binding: Binding<Facts>, facts: Facts, from: number): Promise<End | undefined> {
    const rest = this.#scenario.nodes.slice(from + 1)
    const agreement = await agreementFor(binding, rest, facts, (command, path) =>
      this.#tape.ask(command, path),
    )
    const planned = this.#session.take('planned')
    if (!planned) return this.#unanswered(CONFIRM, binding.say)
    this.#clock.set(Date.parse(planned.at))
    // Nobody reads it here; it must not break.
    planSummary(binding, agreement, facts, {
      elapsedMs: 0,
      now: Date.now(),
      prediction: undefined,
      others: [],
    })
    const writes = [...commandsOf(agreement.plan)].filter(({ effect }) => effect === 'write')
    if (planned.hash !== agreement.hash) this.#judge.differs(otherPlan(planned, writes))
    const confirmed = this.#session.take('confirmed')
    this.#session.take('answered', ({ path }) => path === CONFIRM)
    if (!confirmed) return this.#unanswered(CONFIRM, binding.say)
    this.#judge.world(CONFIRM, confirmed.binding, agreement.state)
    this.#clock.set(Date.parse(confirmed.at))
    this.#memory.remember(confirmed)
    this.#agreement = { binding, agreement, checked: false }
    return undefined
  }

  /** A run may have ended at a question; else it is one that nobody was asked. */
  #unanswered(path: string, say: string): End {
    if (this.#hasEnded) return 'over'
    this.#judge.differs({ kind: 'new', path, sentence: `a question that was not asked: ${say}` })
    return 'stopped'
  }

  /** Nothing more was recorded, and it was no success. */
  get #hasEnded(): boolean {
    return this.#tape.left.length === 0 && this.#session.exitCode !== EXIT.recovered
  }

  /** Undefined: what failed was tried again then. */
  async #held(error: unknown, execution: Execution): Promise<End | undefined> {
    if (this.#tape.over) return this.#out()
    const failure = error instanceof Failure
    if (!failure && exitCodeOf(error) !== this.#session.exitCode) {
      this.#judge.differs({ kind: 'outcome', path: '', sentence: `it breaks today: ${messageOf(error)}` })
      return 'stopped'
    }
    if (this.#judge.strayed) return 'stopped'
    if (this.#session.of('undone').length > 0) {
      await execution.undoAll(() => undefined).catch(() => undefined)
      return this.#tape.over ? this.#out() : 'over'
    }
    return failure && this.#tape.left.length > 0 ? undefined : 'over'
  }

  /** Where the recording has nothing more to say. */
  #out(): End {
    const { requests, dropped } = this.#tape.over!
    if (!dropped && this.#hasEnded) return 'over'
    for (const request of requests) this.#judge.lacks(request)
    const rest = this.#tape.left.length
    const why = dropped ? `its output was too long to be kept (${dropped.dropped} characters)` : ''
    if (dropped || rest > 0) {
      const at = dropped?.path ?? requests[0]?.path ?? ''
      const sentence = `could not be replayed from here: ${why || `${rest} recorded commands are not reached`}`
      this.#judge.differs({ kind: 'open', path: at, sentence })
    }
    return 'stopped'
  }

  #end(end: End): End {
    if (end === 'stopped') return end
    this.#judge.leftOver(this.#tape.left)
    const { exitCode } = this.#session
    if (end === 'over' || exitCode === undefined) return 'over'
    if (exitCode !== EXIT.recovered) {
      const was = this.#session.of('closed').at(-1)!.outcome
      const sentence = 'it is recovered today'
      this.#judge.differs({ kind: 'outcome', path: '', sentence, was, is: 'recovered and proven' })
    }
    return end
  }
}

function busy(): never {
  throw new Busy()
}

function refusal(question: Question<Facts>, answer: string, facts: Facts): string | undefined {
  try {
    checked(question, answer, facts)
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error.message
    throw error
  }
}

interface Planned {
  writes: number
  ahead?: { path: string; say: string; effect: string }[]
}

/** Which writes come and go; when none do, the same ones read otherwise. */
function otherPlan({ writes, ahead = [] }: Planned, now: readonly { say: string }[]): Difference {
  const were = ahead.filter(({ effect }) => effect === 'write').map(({ say }) => say)
  const are = now.map(({ say }) => say)
  const gone = were.filter(say => !are.includes(say))
  const come = are.filter(say => !were.includes(say))
  const counts = { was: `${writes} writes`, is: `${are.length} writes` }
  const parts = [...gone.map(say => `without "${say}"`), ...come.map(say => `with "${say}"`)]
  const how =
    parts.length > 0 ? parts.join(', ') : 'the commands of its writes, or their undo, read otherwise'
  return { kind: 'plan', path: CONFIRM, sentence: `another plan: ${how}`, ...counts }
}
