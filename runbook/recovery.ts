import { join } from 'node:path'
import { exec } from '../lib/exec.ts'
import { type Lock, lockImage, takeLock } from '../lib/lock.ts'
import { EXIT, type ExitCode, Problem } from '../lib/problem.ts'
import type { RunNote } from '../lib/run-record.ts'
import { mask } from '../lib/secret.ts'
import { style } from '../lib/style.ts'
import type { Target } from '../lib/target.ts'
import { type Door, direct, type Failure, type Intent, type Pause } from './activity.ts'
import { say, terminal } from './ask.ts'
import { type Measured, otherPaths, RtoClock } from './clock.ts'
import {
  type Agreement,
  agreementFor,
  CONFIRM,
  lookAgain,
  planned,
  planSummary,
  refuseChanged,
} from './confirm.ts'
import { failureOf, stopped, succeeded } from './ending.ts'
import { Execution } from './execute.ts'
import { aheadOf, type PastRun, pastRuns, predict } from './history.ts'
import { holdChoices, holdLines } from './hold.ts'
import { type Incident, openIncident, resumeIncident } from './incident.ts'
import { handleInterrupts, type Interrupts, restoreCursor } from './interrupts.ts'
import { containersLeft } from './leftovers.ts'
import { endNote, type Mark, markOf, noteOf } from './mark.ts'
import type { AnyScenario, AnyStep, Binding, Facts } from './model.ts'
import type { Options } from './options.ts'
import { Pair } from './pair.ts'
import { Parachute } from './parachute.ts'
import { runStretch, Screen } from './pipeline.ts'
import { Recording } from './recording.ts'
import { whatToResume } from './resume.ts'
import { Busy, skim } from './skim.ts'
import { storeOf } from './store-of.ts'
import { laneOf, stepsOf, walk } from './tree.ts'
import { type Asker, refuseUnanswered, unattended } from './unattended.ts'
import { VERSION } from './version.ts'

/** One run of a scenario, from the lock to the report. */
export class Recovery {
  readonly #scenario: AnyScenario
  readonly #target: Target
  readonly #options: Options
  readonly #asker: Asker
  readonly #screen: Screen
  #incident!: Incident
  /** Where the commands of the run go through, so that what they give is kept. */
  #door!: Door
  #lock!: Lock
  #mark!: Mark
  #parachute!: Parachute
  #clock!: RtoClock
  /** What earlier runs took, of this scenario and of its other paths: read once, as none is added while this one runs. */
  #past: readonly PastRun[] = []
  #others: readonly Measured[] = []
  #stopClock: (() => void) | undefined
  #rtoMinutes = 0
  /** Only of a run that goes on to change something: a refused one leaves nothing behind. */
  #note: RunNote | undefined
  #interrupts: Interrupts | undefined
  #pair: Pair | undefined
  /** The target is somebody else's: this run may not touch it any more. */
  #lost = false
  readonly #told = new Set<string>()
  #agreement: { binding: Binding<Facts>; agreement: Agreement; checked: boolean } | undefined

  constructor(scenario: AnyScenario, target: Target, options: Options) {
    const interactive = Boolean(process.stdin.isTTY && process.stdout.isTTY && !process.env.CI)
    this.#scenario = scenario
    this.#target = target
    this.#options = options
    // A run that was handed over has no questions any more.
    const leave = () => this.#interrupts && AbortSignal.any([this.#interrupts.leave, this.#lock.passed])
    this.#asker = interactive ? terminal(options.set, leave) : unattended(options.set, options.confirm, leave)
    this.#screen = new Screen(options.plain || !process.stdout.isTTY)
  }

  async run(): Promise<ExitCode> {
    const store = storeOf(this.#scenario, this.#target, this.#options.set)
    const { rtoMinutes } = store ?? this.#target
    this.#rtoMinutes = rtoMinutes
    if (!this.#asker.interactive) refuseUnanswered(this.#scenario.nodes, this.#options)
    // Any store's image will do for the lock: it is there, and has `cat`.
    await this.#open((store ?? Object.values(this.#target.stores)[0]!).service)
    this.#interrupts = handleInterrupts(how => this.#incident.journal.write({ kind: 'interrupted', how }))
    try {
      this.#greet(rtoMinutes)
      const run = { id: this.#incident.id, folder: this.#incident.folder }
      const base = { target: this.#target, ...(store ? { store } : {}), run }
      this.#packParachute(base)
      this.#startClock()
      const facts = await this.#work(base)
      return this.#succeed(facts)
    } catch (error) {
      return this.#fail(error)
    } finally {
      this.#stopClock?.()
      this.#interrupts?.remove()
      const events = this.#incident.journal.read()
      // The mark belongs to whoever works on the incident now.
      await Promise.all([this.#lost || this.#mark.end(events), endNote(this.#note, events)])
      this.#incident.journal.close()
      await this.#lock.release()
      restoreCursor()
    }
  }

  async #open(service: string): Promise<void> {
    const { runtime, root } = this.#target
    await exec(runtime.version(), { cwd: root })
    const resume = await whatToResume(this.#target, this.#scenario.id, this.#options, this.#asker)
    this.#lock = await takeLock(
      runtime,
      root,
      resume ?? `new ${this.#scenario.id}`,
      await lockImage(runtime, root, service, { emptyHost: this.#scenario.emptyHost ?? false }),
    )
    try {
      this.#incident =
        resume === undefined
          ? openIncident(this.#target, this.#scenario.id, VERSION, this.#rtoMinutes)
          : resumeIncident(this.#target, this.#scenario.id, resume || undefined, this.#options)
    } catch (error) {
      await this.#lock.release()
      throw error
    }
    this.#door = this.#recorded()
    // Whoever follows, or takes over from another machine, sees the incident from its begin.
    for (const event of this.#incident.journal.read()) this.#lock.tell(event)
    const { journal } = this.#incident
    journal.listen(event => this.#lock.tell(event))
    this.#lock.hear(message => {
      if (message.kind === 'handing') journal.write({ ...message, kind: 'handed' })
    })
    if (this.#options.pair) this.#beginPairing()
    this.#mark = markOf(this.#incident, this.#target, this.#scenario.id)
    this.#placeMark()
    for (const name of containersLeft(this.#incident.before))
      await exec(runtime.removeContainer(name), { cwd: root }).catch(() => undefined)
  }

  #recorded(): Door {
    const { folder, journal } = this.#incident
    const { root, written } = this.#target
    const store = storeOf(this.#scenario, this.#target, this.#options.set)
    const recording = new Recording(join(root, folder), text => journal.write({ kind: 'note', text }))
    const { interactive: attended } = this.#asker
    recording.keepTarget({ ...written, ...(store ? { store: store.name } : {}), attended })
    return recording.through(direct)
  }

  #packParachute(base: Facts): void {
    const { journal, memory } = this.#incident
    this.#parachute = new Parachute(journal.folder, this.#scenario.nodes, memory, text =>
      journal.write({ kind: 'note', text }),
    )
    this.#parachute.pack(base)
    journal.listen(({ kind, ...event }) => {
      const changed = 'effect' in event && event.effect === 'write'
      if (kind === 'undone' || kind === 'adopted' || (kind === 'finished' && changed))
        this.#parachute.repack()
    })
  }

  /** Says it once, when the moment comes from which this path cannot hold the RTO; also while a person decides. */
  #startClock(): void {
    const { journal } = this.#incident
    const opened = Date.parse(journal.read()[0]?.at ?? '')
    this.#past = pastRuns(this.#target, this.#scenario.id)
    this.#others = otherPaths(this.#target, this.#scenario)
    this.#clock = new RtoClock(this.#rtoMinutes, opened, this.#others)
    const all = stepsOf(this.#scenario.nodes).map(({ id }) => ({ id, bytes: 0 }))
    const before = predict(this.#past, all)
    if (before) this.#clock.expect(before.steps)
    for (const event of journal.read()) this.#clock.hear(event)
    journal.listen(event => this.#clock.hear(event))
    this.#stopClock = this.#clock.watch(lines => {
      journal.write({ kind: 'note', text: lines.join('; ') })
      for (const line of lines) this.#screen.aside(line)
    })
  }

  #beginPairing(): void {
    const { journal, before } = this.#incident
    const around = {
      record: journal.write.bind(journal),
      hear: this.#lock.hear,
      line: this.#screen.line.bind(this.#screen),
    }
    this.#pair = new Pair(around, before)
    journal.listen(event => this.#pair?.remember(event))
  }

  #greet(rtoMinutes: number): void {
    const { platform, runtime, rpoHours } = this.#target
    const head = `${this.#scenario.title} · ${platform} (project ${runtime.project})`
    if (this.#asker.interactive) say.intro(style.strong(head))
    else process.stdout.write(`${head}\n`)
    process.stdout.write(
      style.quiet(`RTO ${rtoMinutes}:00 · RPO ${rpoHours} h · incident ${this.#incident.name}\n`),
    )
  }

  /** Walks the tree until it ends; a question or a failure leads to another walk that repeats nothing. */
  async #work(base: Facts): Promise<Facts> {
    const { nodes } = this.#scenario
    let from = 0
    let facts = base
    let execution = this.#execution()
    while (from < nodes.length) {
      const skimmed = await skim(this.#execution(busy), nodes, from, facts)
      for (const step of skimmed.ended) this.#say(step, skimmed.facts)
      from = skimmed.next
      facts = skimmed.facts
      if (skimmed.pause) {
        await this.#answer(skimmed.pause, from)
        continue
      }
      try {
        const stretch = await runStretch(execution, nodes, from, facts, this.#screen, step =>
          this.#hasQuestion(step),
        )
        from = stretch.next
        facts = stretch.facts
        if (from >= nodes.length) this.#pair?.compare()
      } catch (error) {
        const failure = failureOf(error)
        if (!failure) throw error
        await this.#hold(failure, execution)
        execution = this.#execution()
        from = 0
        facts = base
      }
    }
    return facts
  }

  /** A step that only asked has no list; its result is a line of its own. */
  #say(step: AnyStep, facts: Facts): void {
    if (this.#told.has(step.id) || !step.summary) return
    this.#told.add(step.id)
    process.stdout.write(`${style.good('✔')} ${step.title}  ${step.summary(facts)}\n`)
    for (const detail of step.details?.(facts) ?? []) process.stdout.write(`  › ${mask(detail)}\n`)
  }

  #execution(mayContinue?: () => void): Execution {
    const { journal, memory } = this.#incident
    const interrupts = this.#interrupts!
    const check =
      mayContinue ??
      (() => {
        interrupts.check()
        this.#lock.check()
      })
    return new Execution({
      cwd: this.#target.root,
      memory,
      record: event => journal.write(event),
      observe: this.#screen,
      kill: interrupts.kill,
      mayContinue: check,
      beforeWrite: async (facts, intent) => {
        await this.#askNavigator(intent, check)
        await this.#lock.confirm()
        await this.#sameWorld(facts)
      },
      exec: this.#door,
      preview: false,
      attended: this.#asker.interactive,
      adopt: this.#options.adopt,
    })
  }

  /** A fence that does not wait for the plan does not wait for the navigator either. */
  async #askNavigator(intent: Intent, check: () => void): Promise<void> {
    if (!this.#agreement) return
    const waiting = (say: string) => this.#screen.waiting(say, laneOf(intent.path))
    await this.#pair?.before(intent, { check, waiting })
  }

  /** Right before the first change after the confirmation the world is looked at once more. */
  async #sameWorld(facts: Facts): Promise<void> {
    if (!this.#agreement || this.#agreement.checked) return
    this.#placeMark()
    this.#note = noteOf(this.#incident, this.#target, this.#scenario.id, this.#rtoMinutes)
    const now = await lookAgain(this.#agreement.binding, facts, this.#door)
    refuseChanged(this.#agreement.agreement.state, now)
    this.#agreement.checked = true
    if (!this.#scenario.letsBackupsRun) this.#mark.hold(this.#scenario.uses?.(facts) ?? [])
  }

  #placeMark(): void {
    if (!this.#scenario.letsBackupsRun) this.#mark.place()
  }

  #hasQuestion(step: AnyStep): boolean {
    return [...walk(step.nodes, step.id)].some(
      ({ node, path }) => node.kind === 'ask' && this.#incident.memory.of(path)?.state !== 'answered',
    )
  }

  /** An interrupt at a question leaves it at once: nothing is in flight that could finish. */
  async #answer(pause: Pause, from: number): Promise<void> {
    this.#interrupts?.check()
    await this.#askFor(pause, from).catch(error => this.#whyLeft(error))
  }

  /** A question that was left because of an interrupt or a handover is not one that was declined. */
  #whyLeft(error: unknown): never {
    this.#interrupts?.check()
    this.#lock.check()
    throw error
  }

  async #askFor(pause: Pause, from: number): Promise<void> {
    const begun = Date.now()
    if ('question' in pause.ask) {
      const { question } = pause.ask
      const answer = await this.#asker.answer(question, pause.facts)
      const ms = Date.now() - begun
      this.#incident.journal.write({ kind: 'answered', path: pause.path, question: question.say, answer, ms })
      if (!this.#asker.interactive) process.stdout.write(`? ${question.say}  ${mask(answer)}\n`)
    } else await this.#confirm(pause.ask.binding, pause.facts, from, begun)
  }

  async #confirm(binding: Binding<Facts>, facts: Facts, from: number, begun: number): Promise<void> {
    this.#parachute.pack(facts)
    const agreement = await agreementFor(binding, this.#scenario.nodes.slice(from + 1), facts, this.#door)
    const isDone = (path: string) => this.#incident.memory.of(path)?.state === 'finished'
    const prediction = predict(this.#past, aheadOf(agreement.plan))
    this.#clock.expect(prediction?.steps ?? binding.estimate(facts))
    const elapsedMs = this.#elapsed(facts)
    const summary = planSummary(binding, agreement, facts, {
      elapsedMs,
      now: Date.now(),
      prediction,
      others: this.#others,
      isDone,
    })
    this.#asker.note(mask(summary), 'Plan')
    const seconds = prediction?.seconds ?? binding.estimate(facts)
    this.#incident.journal.write(planned(agreement, seconds))
    await this.#asker.phrase(binding.say, agreement.phrase)
    this.#agreement = { binding, agreement, checked: false }
    const question = 'confirmation'
    this.#incident.journal.write({
      kind: 'answered',
      path: CONFIRM,
      question,
      answer: agreement.phrase,
      ms: Date.now() - begun,
    })
    this.#incident.journal.write({ kind: 'confirmed', phrase: agreement.phrase, binding: agreement.state })
  }

  /** Since the detection, which starts the RTO clock. */
  #elapsed(facts: Facts): number {
    const detected = Date.parse(facts.detected ?? '')
    return Number.isNaN(detected) ? 0 : Date.now() - detected
  }

  /** A failure holds: nothing is undone by itself, because one may not be able to afford it. */
  async #hold(failure: Failure, execution: Execution): Promise<void> {
    const cause = failure.cause
    const ended =
      cause instanceof Problem && [EXIT.interrupted, EXIT.locked].includes(cause.exitCode as never)
    if (ended || !this.#asker.interactive) throw failure
    process.stdout.write(`${mask(holdLines(failure, execution.done, this.#target.escalation).join('\n'))}\n`)
    const choices = holdChoices(failure, execution.done.length)
    const choice = await this.#asker.choose('What now?', choices).catch(error => this.#whyLeft(error))
    if (choice === 'alone') this.#pair?.goOnAlone()
    if (choice === 'talked') await this.#noteTalk(failure)
    if (['retry', 'alone', 'talked'].includes(choice)) return
    if (choice === 'undo') {
      await execution.undoAll(
        line => process.stdout.write(`  ${mask(line)}\n`),
        () => this.#lock.confirm(),
      )
      this.#incident.journal.write({
        kind: 'note',
        text: 'undone: everything this run changed has been taken back',
      })
      process.stdout.write('everything this run changed has been taken back; start again without --resume\n')
    }
    throw failure
  }

  /** What two people found when they talked stands beside what they expected and saw. */
  async #noteTalk({ say }: Failure): Promise<void> {
    const question = { id: 'talked', say: 'What did you find, in one line?' }
    const found = await this.#asker.answer(question, {}).catch(error => this.#whyLeft(error))
    this.#incident.journal.write({ kind: 'note', text: `talked about "${say}": ${found}` })
  }

  #succeed(facts: Facts): ExitCode {
    return succeeded(
      this.#incident,
      this.#target.root,
      this.#scenario.quarantine(facts),
      this.#elapsed(facts),
    )
  }

  #fail(error: unknown): ExitCode {
    const exitCode = stopped(error, {
      incident: this.#incident,
      target: this.#target,
      scenario: this.#scenario.id,
      attended: this.#asker.interactive,
    })
    this.#lost = exitCode === EXIT.locked
    return exitCode
  }
}

function busy(): never {
  throw new Busy()
}
