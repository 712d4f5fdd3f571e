import type { Command, Output, Progress } from '../lib/command.ts'
import { exec } from '../lib/exec.ts'
import type { Event } from '../lib/journal.ts'
import { EXIT, Problem, problemLines } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import type { Memory } from './memory.ts'
import type { Binding, Facts, Node, Question } from './model.ts'
import { type Effect, nameOf, shown, told, type Undo } from './plan.ts'
import { pathOf } from './tree.ts'

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
  /** Throws when the world is not the one that was confirmed. Asked before every write. */
  beforeWrite: (facts: Facts) => Promise<void>
  /** Runs what learns and nothing else. */
  preview: boolean
}

export interface Observer {
  activity(say: string, effect: Effect, command: string): void
  progress(p: Progress): void
  /** A line that stays: a verdict, a finding. */
  line(text: string): void
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

/** How often and how far apart a state is looked at until it has settled: a minute at most. */
const STEADY_TRIES = 60
const STEADY_MS = 1000

/** A write that happened and can be taken back. */
export interface Done {
  path: string
  say: string
  undo: Undo
  stillThere: () => Promise<boolean>
}

/** Milliseconds by what they were spent on. */
export interface Spent {
  decide: number
  wait: number
  act: number
  prove: number
}

/** Walks the tree with real facts. Walking it again with the same memory repeats nothing. */
export class Execution {
  /** The writes that are in effect, oldest first. */
  readonly done: Done[] = []
  readonly spent: Spent = { decide: 0, wait: 0, act: 0, prove: 0 }
  readonly #around: Surroundings
  #trouble: string | undefined

  constructor(around: Surroundings) {
    this.#around = around
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
        this.#trouble = node.step.trouble
        return this.sequence(node.step.nodes, f, path)
      case 'read':
        return this.#read(named(node, path), f, path)
      case 'keep':
        return this.#around.preview ? {} : this.#read(named(node, path), f, path)
      case 'check':
        return this.#around.preview ? {} : this.#check(named(node, path), f, path)
      case 'until':
        return this.#around.preview ? {} : this.#until(named(node, path), f, path)
      case 'write':
        return this.#around.preview ? {} : this.#write(named(node, path), f, path)
      case 'each':
        return this.#each(node, f, path)
      case 'when':
        return this.#when(node, f, path)
      case 'let':
        return node.learn(f)
      case 'ask':
        return this.#ask(node, f, path)
      case 'confirm':
        if (!this.#around.memory.confirmed) throw new Pause(path, f, { binding: node.binding })
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

  async #ask(node: Node & { kind: 'ask' }, f: Facts, path: string): Promise<Facts> {
    const outcome = this.#around.memory.of(path)
    if (outcome?.state !== 'answered') throw new Pause(path, f, { question: node.question })
    return { [node.question.id]: outcome.answer }
  }

  async #read(node: Node & { kind: 'read' | 'keep' }, f: Facts, path: string): Promise<Facts> {
    const outcome = this.#around.memory.of(path)
    if (outcome?.state === 'finished') return outcome.learned
    return this.#activity(node.say, path, async () => {
      const command = node.run(f)
      this.#begin(node.say, node.kind, path, command)
      const output = await this.#exec(command, path)
      const learned = (node.kind === 'read' ? node.learn?.(output, f) : undefined) ?? {}
      this.spent.act += output.durationMs
      this.#finish(node.say, 'read', path, output.durationMs, learned)
      return learned
    })
  }

  async #check(node: Node & { kind: 'check' }, f: Facts, path: string): Promise<Facts> {
    if (this.#around.memory.of(path)?.state === 'finished') return {}
    return this.#activity(node.say, path, async () => {
      const command = node.run(f)
      this.#begin(node.say, 'check', path, command)
      const output = await this.#exec(command, path)
      const { verdict, found } = node.holds(output, f)
      this.spent.prove += output.durationMs
      const { durationMs: ms } = output
      this.#around.record({ kind: 'checked', path, say: node.say, verdict, found, ms })
      this.#around.observe.line(`${verdict}: ${node.say}: ${found}`)
      if (verdict === 'failed' || verdict === 'unchecked') {
        throw new Problem(`check ${verdict}: ${node.say}: ${found}`, {
          exitCode: EXIT.checkFailed,
          command: shown(command),
        })
      }
      return {}
    })
  }

  async #until(node: Node & { kind: 'until' }, f: Facts, path: string): Promise<Facts> {
    return this.#activity(node.say, path, async () => {
      const begun = Date.now()
      const command = node.run(f)
      this.#begin(node.say, 'until', path, command)
      let last: unknown
      while (Date.now() - begun < node.limits.total * 1000) {
        try {
          const output = await this.#exec(command, path)
          if (node.holds(output, f)) {
            this.spent.wait += Date.now() - begun
            this.#finish(node.say, 'until', path, Date.now() - begun, {})
            return {}
          }
          last = undefined
        } catch (error) {
          // Not answering yet is what is waited for; only an interrupt ends the wait.
          if (error instanceof Problem && error.exitCode === EXIT.interrupted) throw error
          last = error
        }
        await this.#pause(node.limits.every * 1000)
        this.#around.mayContinue()
      }
      throw waitedTooLong(node.say, node.limits.total, command, last)
    })
  }

  async #write(node: Node & { kind: 'write' }, f: Facts, path: string): Promise<Facts> {
    const outcome = this.#around.memory.of(path)
    if (
      outcome?.state === 'finished' &&
      (this.done.some(done => done.path === path) || this.#isReversed(node, f, path))
    ) {
      this.#remember(node, f, path)
      return {}
    }
    return this.#activity(node.say, path, async () => {
      if (outcome && (await this.#settle(node, f, path))) return {}
      await this.#around.beforeWrite(f)
      await this.#perform(node, f, path)
      return {}
    })
  }

  /** A stop that was followed by its start is history; it must not be repeated. */
  #isReversed(node: Node & { kind: 'write' }, f: Facts, path: string): boolean {
    return typeof node.undo === 'function' && this.#around.memory.isReversed(path, shown(node.undo(f)))
  }

  /**
   * Looks at a write of an earlier run, whether its end is known or not: true when it is in effect. What
   * was finished then may have been changed since (somebody started a service again), so it is seen, not
   * believed.
   */
  async #settle(node: Node & { kind: 'write' }, f: Facts, path: string): Promise<boolean> {
    const intended = this.#around.memory.of(path)?.state === 'intended'
    const state = intended ? await this.#steadyState(node, f, path) : await this.#stateOf(node, f, path)
    if (state !== 'done')
      this.#around.record({ kind: 'note', text: `${node.say}: was begun before; now it is ${state}` })
    if (state === 'done') {
      this.#remember(node, f, path)
      this.#finish(node.say, 'write', path, 0, {})
      return true
    }
    if (state === 'partial' && typeof node.undo === 'function') {
      await this.#around.beforeWrite(f)
      this.#around.record({
        kind: 'note',
        text: `${node.say}: undoing the half of it: ${shown(node.undo(f))}`,
      })
      await this.#exec(node.undo(f), path)
    }
    return false
  }

  async #perform(node: Node & { kind: 'write' }, f: Facts, path: string): Promise<void> {
    const command = node.run(f)
    const undo = typeof node.undo === 'function' ? shown(node.undo(f)) : node.undo.none
    this.#begin(node.say, 'write', path, command, undo)
    this.#remember(node, f, path)
    const output = await this.#exec(command, path, node.critical === true)
    const state = await this.#stateOf(node, f, path)
    if (state !== 'done') {
      throw new Problem(`${node.say}: the command ended well, but the world says "${state}"`, {
        exitCode: EXIT.checkFailed,
        command: shown(command),
        hint: 'read the log of the service; nothing that was there before has been removed',
      })
    }
    this.spent.act += output.durationMs
    this.#finish(node.say, 'write', path, output.durationMs, {})
  }

  /**
   * The state once it no longer changes: a server goes on with what a client that died had asked for
   * (Qdrant finishes a recovery whose upload has arrived).
   */
  async #steadyState(node: Node & { kind: 'write' }, f: Facts, path: string) {
    const look = node.probe.look(f)
    let before = await this.#exec(look, path)
    for (let tries = 0; tries < STEADY_TRIES; tries++) {
      await this.#pause(STEADY_MS)
      this.#around.mayContinue()
      const now = await this.#exec(look, path)
      if (node.probe.state(now, f) === node.probe.state(before, f) && sameAnswer(now, before)) break
      before = now
    }
    return node.probe.state(before, f)
  }

  async #stateOf(node: Node & { kind: 'write' }, f: Facts, path: string) {
    return node.probe.state(await this.#exec(node.probe.look(f), path), f)
  }

  #remember(node: Node & { kind: 'write' }, f: Facts, path: string): void {
    if (this.done.some(done => done.path === path)) return
    const undo = typeof node.undo === 'function' ? node.undo(f) : node.undo
    const stillThere = async () => (await this.#stateOf(node, f, path)) !== 'absent'
    this.done.push({ path, say: node.say, undo, stillThere })
  }

  /** Takes back what was done, newest first; a write that did not happen is passed over. */
  async undoAll(tell: (line: string) => void): Promise<void> {
    for (const done of [...this.done].reverse()) {
      if (!('argv' in done.undo)) {
        tell(`nothing to undo: ${done.say}: ${done.undo.none}`)
      } else if (await done.stillThere()) {
        tell(`undo: ${done.say}`)
        const output = await this.#exec(done.undo, done.path)
        this.#around.record({ kind: 'undone', path: done.path, say: done.say, ms: output.durationMs })
      } else tell(`did not happen: ${done.say}`)
      this.done.pop()
    }
  }

  async #activity<T>(say: string, path: string, run: () => Promise<T>): Promise<T> {
    this.#around.mayContinue()
    try {
      return await run()
    } catch (error) {
      if (error instanceof Failure || error instanceof Pause) throw error
      this.#around.record({ kind: 'failed', path, say, problem: problemLines(error).map(mask) })
      throw new Failure(path, say, error, this.#trouble)
    }
  }

  #begin(say: string, effect: Effect, path: string, command: Command, undo?: string): void {
    const text = shown(command)
    this.#around.observe.activity(say, effect, text)
    const journalled = effect === 'keep' ? 'read' : effect
    this.#around.record({
      kind: 'started',
      path,
      say,
      effect: journalled,
      command: text,
      ...(undo ? { undo } : {}),
    })
  }

  #finish(say: string, effect: 'read' | 'write' | 'until', path: string, ms: number, learned: Facts): void {
    const known = Object.keys(learned).length > 0 ? { learned } : {}
    this.#around.record({ kind: 'finished', path, say, effect, ms, ...known })
  }

  #exec(command: Command, path: string, critical = false): Promise<Output> {
    const { cwd, kill, observe, record } = this.#around
    return exec(command, {
      cwd,
      // A critical write is never killed half-way; it takes seconds.
      ...(critical ? {} : { signal: kill }),
      progress: p => observe.progress(p),
      started: pid => pid !== undefined && record({ kind: 'command', path, pid }),
    })
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(finish, ms)
      const { kill } = this.#around
      function finish() {
        clearTimeout(timer)
        kill.removeEventListener('abort', finish)
        resolve()
      }
      kill.addEventListener('abort', finish)
    })
  }
}

/** Servers put the time a request took into their answers. */
function sameAnswer(a: Output, b: Output): boolean {
  const timeless = (text: string) => text.replace(/"time":[\d.e-]+/g, '')
  return timeless(a.stdout) === timeless(b.stdout)
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
