import type { Command } from '../lib/command.ts'
import { EXIT, Problem, problemLines } from '../lib/problem.ts'
import { Activities, Failure, Pause, type Surroundings } from './activity.ts'
import type { Facts, Node } from './model.ts'
import { nameOf, shown, told } from './plan.ts'
import { inLane, laneOf, lanePath, pathOf } from './tree.ts'
import { type Done, Writes } from './writes.ts'

/** Walks the tree with real facts. Walking it again with the same memory repeats nothing. */
export class Execution {
  readonly #act: Activities
  readonly #writes: Writes

  constructor(around: Surroundings) {
    this.#act = new Activities(around)
    this.#writes = new Writes(this.#act)
  }

  /** The writes that are in effect, oldest first. */
  get done(): readonly Done[] {
    return this.#writes.done
  }

  /** Takes back what was done, newest first. */
  undoAll(tell: (line: string) => void): Promise<void> {
    return this.#writes.undoAll(tell)
  }

  /** Runs a sequence and gives the facts known at its end. Throws Pause or Failure. */
  async sequence(nodes: readonly Node[], facts: Facts, path: string): Promise<Facts> {
    let known = facts
    for (const [index, node] of nodes.entries()) {
      known = { ...known, ...(await this.node(node, known, pathOf(path, node, index))) }
    }
    return known
  }

  /** Runs one node and gives what it learned. */
  async node(node: Node, f: Facts, path: string): Promise<Facts> {
    switch (node.kind) {
      case 'step':
        this.#act.enter(node.step, path)
        return this.sequence(node.step.nodes, f, path)
      case 'read':
        return this.#read(named(node, path), f, path)
      case 'keep':
        return this.#act.around.preview ? {} : this.#read(named(node, path), f, path)
      case 'check':
        return this.#act.around.preview ? {} : this.#check(named(node, path), f, path)
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
        return node.learn(f)
      case 'ask':
        return this.#ask(node, f, path)
      case 'confirm':
        if (!this.#act.around.memory.confirmed) throw new Pause(path, f, { binding: node.binding })
        return {}
    }
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
    if (this.#act.around.memory.of(path)?.state === 'finished') return {}
    return this.#act.run(node.say, path, async () => {
      const command = node.run(f)
      this.#act.begin(node.say, 'check', path, command)
      const output = await this.#act.exec(command, path)
      const { verdict, found } = node.holds(output, f)
      const { durationMs: ms, exitCode } = output
      this.#act.around.record({ kind: 'checked', path, say: node.say, verdict, found, ms, exitCode })
      this.#act.around.observe.line(`${verdict}: ${inLane(laneOf(path), node.say)}: ${found}`)
      if (verdict === 'failed' || verdict === 'unchecked') {
        throw new Problem(`check ${verdict}: ${node.say}: ${found}`, {
          exitCode: EXIT.checkFailed,
          command: shown(command),
          hint: this.#act.trouble(path) ?? 'look at what the command shows; nothing further was changed',
        })
      }
      return {}
    })
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

function waitedTooLong(say: string, seconds: number, command: Command, last: unknown): Problem {
  const tail = last === undefined ? [] : problemLines(last)
  return new Problem(`gave up after ${seconds} s: ${say}`, {
    command: shown(command),
    tail,
    hint: 'the log of the service says what it is busy with',
  })
}
