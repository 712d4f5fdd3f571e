import type { Command, Output } from '../lib/command.ts'
import { EXIT, messageOf, Problem, problemLines } from '../lib/problem.ts'
import { Activities, Failure, Pause, type Surroundings } from './activity.ts'
import type { AnyStep, Facts, Node, Part, Skip, Verdict } from './model.ts'
import { nameOf, shown, told } from './plan.ts'
import { endsRun, isPassedOver, notAllPassed, Surveys } from './survey.ts'
import { inLane, laneOf, lanePath, pathOf, walk } from './tree.ts'
import { type Done, Writes } from './writes.ts'

const LOOK = 'look at what the command shows; nothing further was changed'

/** How a check ended, besides its verdict. */
interface Judged {
  ms: number
  exitCode?: number | undefined
  command?: Command
}

/** What is said of a part, and its name in the journal. */
interface Told {
  say: string
  path: string
}

/** Walks the tree with real facts. Walking it again with the same memory repeats nothing. */
export class Execution {
  readonly #act: Activities
  readonly #writes: Writes
  readonly #surveys = new Surveys()

  constructor(around: Surroundings) {
    this.#act = new Activities(around)
    this.#writes = new Writes(this.#act)
  }

  /** The writes that are in effect, oldest first. */
  get done(): readonly Done[] {
    return this.#writes.done
  }

  /** Takes back what was done, newest first; `mayWrite` throws when the target is somebody else's by now. */
  undoAll(tell: (line: string) => void, mayWrite?: () => Promise<void>): Promise<void> {
    return this.#writes.undoAll(tell, mayWrite)
  }

  /** Runs a sequence and gives the facts known at its end. Throws Pause or Failure. */
  async sequence(nodes: readonly Node[], facts: Facts, path: string): Promise<Facts> {
    let known = facts
    for (const [index, node] of nodes.entries()) {
      const here = pathOf(path, node, index)
      try {
        known = { ...known, ...(await this.node(node, known, here)) }
      } catch (error) {
        const missed = this.#surveys.around(here)
        if (!missed || !isPassedOver(error)) throw error
        const { say, cause } = error
        missed.push({ say, verdict: 'unchecked', found: messageOf(cause) })
        this.#cannotCheck(nodes, path, index + 1, say)
        break
      }
    }
    return known
  }

  /** In a survey: what stands behind a look that failed needs what it would have learned. */
  #cannotCheck(nodes: readonly Node[], parent: string, from: number, failed: string): void {
    for (const { node, path } of walk(nodes, parent, from)) {
      if (node.kind !== 'check') continue
      const verdict: Verdict = { verdict: 'unchecked', found: `failed before it: ${failed}` }
      for (const part of partsOf(node, path)) this.#conclude(part, verdict, { ms: 0 })
    }
  }

  /** Runs one node and gives what it learned. */
  async node(node: Node, f: Facts, path: string): Promise<Facts> {
    switch (node.kind) {
      case 'step':
        this.#act.enter(node.step, path)
        return node.step.survey ? this.#survey(node.step, f, path) : this.sequence(node.step.nodes, f, path)
      case 'read':
        return this.#read(named(node, path), f, path)
      case 'keep':
        return this.#act.around.preview ? {} : this.#read(named(node, path), f, path)
      case 'check':
        return this.#act.around.preview ? {} : this.#check(node, f, path)
      case 'until':
        return this.#act.around.preview ? {} : this.#until(named(node, path), f, path)
      case 'write':
        return this.#act.around.preview ? {} : this.#writes.write(named(node, path), f, path)
      case 'each':
        return this.#each(node, f, path)
      case 'when':
        return this.#when(node, f, path)
      case 'lanes':
        return this.#lanes(node, f, path)
      case 'let':
        return this.#let(node, f, path)
      case 'ask':
        return this.#ask(node, f, path)
      case 'confirm':
        if (!this.#act.around.memory.confirmed) throw new Pause(path, f, { binding: node.binding })
        return {}
    }
  }

  /** Makes every check of a step, then fails when one of them did not pass. */
  async #survey(step: AnyStep, f: Facts, path: string): Promise<Facts> {
    const missed = this.#surveys.begin(path)
    const known = await this.sequence(step.nodes, f, path).finally(() => this.#surveys.end(path))
    if (missed.length === 0) return known
    return this.#act.run(step.title, path, async () => {
      throw notAllPassed(missed, step.trouble ?? LOOK, step.missed?.(missed, f))
    })
  }

  async #each(node: Node & { kind: 'each' }, f: Facts, path: string): Promise<Facts> {
    const gathered: unknown[] = []
    for (const [index, element] of node.of(f).entries()) {
      const inside = { ...f, [node.as]: element }
      const after = await this.sequence(node.body, inside, `${path}[${nameOf(element) ?? index + 1}]`)
      if (node.collect) gathered.push(node.collect.value(after))
    }
    return node.collect ? { [node.collect.as]: gathered } : {}
  }

  async #when(node: Node & { kind: 'when' }, f: Facts, path: string): Promise<Facts> {
    const holds = node.holds(f)
    await this.sequence(holds ? node.yes : node.no, f, `${path}/${holds ? 'yes' : 'no'}`)
    return {}
  }

  /**
   * Every lane runs to its own end. What is not a failure of one lane (the walk has to stop here) comes
   * first; of failures the first is held, the others stand in the journal.
   */
  async #lanes(node: Node & { kind: 'lanes' }, f: Facts, path: string): Promise<Facts> {
    const { observe } = this.#act.around
    const runs = node.lanes.map(({ name, nodes }) =>
      this.sequence(nodes, f, lanePath(path, name)).finally(() => observe.ended(name)),
    )
    const ended = await Promise.allSettled(runs)
    const reasons = ended.flatMap(end => (end.status === 'rejected' ? [end.reason as unknown] : []))
    if (reasons.length > 0) throw reasons.find(reason => !(reason instanceof Failure)) ?? reasons[0]
    // What a lane only knew from before must not cover what another one has learned.
    const learned = ended.flatMap(end => (end.status === 'fulfilled' ? Object.entries(end.value) : []))
    return Object.fromEntries(learned.filter(([name, value]) => f[name] !== value))
  }

  /** Concluded anew on every walk; the journal is told once. */
  #let(node: Node & { kind: 'let' }, f: Facts, path: string): Facts {
    const learned = node.learn(f)
    const { memory, preview } = this.#act.around
    if (node.keeps && !preview && memory.of(path) === undefined) {
      const kept = Object.fromEntries(node.keeps.map(name => [name, learned[name]]))
      this.#act.finish(node.say, 'read', path, { ms: 0, learned: kept })
    }
    return learned
  }

  async #ask(node: Node & { kind: 'ask' }, f: Facts, path: string): Promise<Facts> {
    const outcome = this.#act.around.memory.of(path)
    if (outcome?.state !== 'answered') throw new Pause(path, f, { question: node.question })
    return { [node.question.id]: outcome.answer }
  }

  async #read(node: Node & { kind: 'read' | 'keep' }, f: Facts, path: string): Promise<Facts> {
    const outcome = this.#act.around.memory.of(path)
    if (outcome?.state === 'finished') return outcome.learned
    return this.#act.run(node.say, path, async () => {
      const command = node.run(f)
      this.#act.begin(node.say, node.kind, path, command)
      const output = await this.#act.exec(command, path)
      const learned = (node.kind === 'read' ? node.learn?.(output, f) : undefined) ?? {}
      const bytes = node.kind === 'keep' && node.size ? { bytes: node.size(f) } : {}
      const { durationMs: ms, exitCode } = output
      this.#act.finish(node.say, 'read', path, { ms, exitCode, ...bytes, learned })
      return learned
    })
  }

  async #check(node: Node & { kind: 'check' }, f: Facts, path: string): Promise<Facts> {
    const parts = partsOf(node, path)
    if (parts.every(part => this.#act.around.memory.of(part.path)?.state === 'finished')) return {}
    const { say } = named(node, path)
    return this.#act.run(say, path, async () => {
      const command = node.run(f)
      this.#act.begin(say, 'check', path, command)
      const { output, failed, ms } = await this.#look(command, path)
      for (const [index, part] of parts.entries()) {
        const verdict = output ? this.#judge(part, output, f, path) : unchecked(failed)
        const exitCode = output?.exitCode ?? codeOf(failed)
        // The look was made once: its time must not be counted for every part.
        this.#conclude(part, verdict, { ms: index === 0 ? ms : 0, exitCode, command })
      }
      return {}
    })
  }

  /** Outside of a survey a command that fails is a failure; in one nothing can be checked by it. */
  async #look(command: Command, path: string): Promise<{ output?: Output; failed?: unknown; ms: number }> {
    const begun = Date.now()
    try {
      const output = await this.#act.exec(command, path)
      return { output, ms: output.durationMs }
    } catch (failed) {
      if (!this.#surveys.around(path) || endsRun(failed)) throw failed
      return { failed, ms: Date.now() - begun }
    }
  }

  #judge({ holds }: Part, output: Output, f: Facts, path: string): Verdict | Skip {
    try {
      return holds(output, f)
    } catch (error) {
      if (!this.#surveys.around(path)) throw error
      return unchecked(error)
    }
  }

  /** Records a verdict. Throws when it is no pass, unless a survey takes it. */
  #conclude({ say, path }: Told, verdict: Verdict | Skip, { ms, exitCode, command }: Judged): void {
    const { record, observe } = this.#act.around
    if ('skip' in verdict) {
      record({ kind: 'skipped', path, say, why: verdict.skip })
      observe.line(`skipped: ${inLane(laneOf(path), say)}: ${verdict.skip}`)
      return
    }
    const { found } = verdict
    const code = exitCode === undefined ? {} : { exitCode }
    record({ kind: 'checked', path, say, ...verdict, ms, ...code })
    observe.line(`${verdict.verdict}: ${inLane(laneOf(path), say)}: ${found}`)
    if (verdict.verdict === 'proven' || verdict.verdict === 'expected loss') return
    const missed = {
      say,
      verdict: verdict.verdict,
      found,
      ...(command === undefined ? {} : { command: shown(command) }),
    }
    const survey = this.#surveys.around(path)
    if (!survey) throw notAllPassed([missed], this.#act.trouble(path) ?? LOOK)
    survey.push(missed)
  }

  /** Says what a person has to do; alone nobody would ever do it. */
  #askHands(say: string, doing: string, command: Command, last: unknown): void {
    const now = last === undefined ? [] : problemLines(last)
    if (!this.#act.around.attended) {
      const details = { exitCode: EXIT.checkFailed, command: shown(command), hint: doing, tail: now }
      throw new Problem(`a person has to do this, and nobody is at the terminal: ${say}`, details)
    }
    for (const line of [`by hand: ${doing}`, ...now]) this.#act.around.observe.line(line)
  }

  async #until(node: Node & { kind: 'until' }, f: Facts, path: string): Promise<Facts> {
    return this.#act.run(node.say, path, async () => {
      const begun = Date.now()
      const command = node.run(f)
      this.#act.begin(node.say, 'until', path, command)
      let last: unknown
      let { byHand } = node
      while (Date.now() - begun < node.limits.total * 1000) {
        try {
          const output = await this.#act.exec(command, path)
          if (node.holds(output, f)) {
            const { exitCode } = output
            this.#act.finish(node.say, 'until', path, { ms: Date.now() - begun, exitCode })
            return {}
          }
          last = undefined
        } catch (error) {
          // Not answering yet is what is waited for; only an interrupt ends the wait.
          if (error instanceof Problem && error.exitCode === EXIT.interrupted) throw error
          last = error
        }
        if (byHand) this.#askHands(node.say, byHand, command, last)
        byHand = undefined
        await this.#act.pause(node.limits.every * 1000)
        this.#act.around.mayContinue()
      }
      throw waitedTooLong(node.say, node.limits.total, command, last)
    })
  }
}

/** Inside of a loop the path names its element in brackets; what is said names it too. */
function named<N extends { say: string }>(node: N, path: string): N {
  const about = path.match(/\[([^\]]+)\](?!.*\[)/)?.[1]
  return about === undefined ? node : { ...node, say: told(node.say, about) }
}

/** The checks of one look: with a single one, the look is the check. */
function partsOf(node: Node & { kind: 'check' }, path: string): (Part & Told)[] {
  return node.parts.map((part, index) =>
    named({ ...part, path: node.parts.length === 1 ? path : `${path}/${index}` }, path),
  )
}

function unchecked(error: unknown): Verdict {
  return { verdict: 'unchecked', found: messageOf(error) }
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Problem ? error.code : undefined
}

function waitedTooLong(say: string, seconds: number, command: Command, last: unknown): Problem {
  const tail = last === undefined ? [] : problemLines(last)
  return new Problem(`gave up after ${seconds} s: ${say}`, {
    command: shown(command),
    tail,
    hint: 'the log of the service says what it is busy with',
  })
}
