import type { Output } from '../lib/command.ts'
import { EXIT, Problem } from '../lib/problem.ts'
import type { Activities, Intent } from './activity.ts'
import type { Facts, Node } from './model.ts'
import { shown, type Undo } from './plan.ts'

type WriteNode = Node & { kind: 'write' }

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

/** Law 6: a write is done when the world says so. It is never repeated blindly, and it can be taken back. */
export class Writes {
  /** The writes that are in effect, oldest first. */
  readonly done: Done[] = []
  readonly #act: Activities

  constructor(act: Activities) {
    this.#act = act
  }

  async write(node: WriteNode, f: Facts, path: string): Promise<Facts> {
    const outcome = this.#act.around.memory.of(path)
    if (
      outcome?.state === 'finished' &&
      (this.done.some(done => done.path === path) || this.#isReversed(node, f, path))
    ) {
      this.#remember(node, f, path)
      return {}
    }
    return this.#act.run(node.say, path, async () => {
      if (outcome && (await this.#settle(node, f, path))) return {}
      if (!outcome && this.#act.around.adopt && (await this.#adopted(node, f, path))) return {}
      await this.#act.around.beforeWrite(f, this.#intent(node, f, path))
      await this.#perform(node, f, path)
      return {}
    })
  }

  /**
   * A write that this run never began, looked at because a person has gone on by hand: true when it is in effect.
   * Half of one is a person's to finish or to take back; what cannot be looked at was not done.
   */
  async #adopted(node: WriteNode, f: Facts, path: string): Promise<boolean> {
    const { command, undo } = this.#intent(node, f, path)
    const state = await this.#stateOf(node, f, path).catch(error => {
      if (!(error instanceof Problem) || error.exitCode === EXIT.interrupted) throw error
      return 'absent' as const
    })
    if (state === 'partial' && !node.repeatable) {
      throw new Problem(`${node.say}: what is there is not what this step makes`, {
        exitCode: EXIT.checkFailed,
        command,
        hint: `if half of it was done by hand, finish it or take it back (${undo}); if it is in use already, the recovery is over: prove it with npx tsx tools/validate-data-integrity.ts`,
      })
    }
    if (state !== 'done') return false
    this.#remember(node, f, path)
    const back = typeof node.undo === 'function' ? { undo } : {}
    this.#act.around.record({ kind: 'adopted', path, say: node.say, command, ...back })
    return true
  }

  /** A stop that was followed by its start is history; it must not be repeated. */
  #isReversed(node: WriteNode, f: Facts, path: string): boolean {
    const { memory } = this.#act.around
    return [node.undo, node.spent].some(
      later => typeof later === 'function' && memory.isReversed(path, shown(later(f))),
    )
  }

  /**
   * Looks at a write of an earlier run, whether its end is known or not: true when it is in effect. What
   * was finished then may have been changed since (somebody started a service again), so it is seen, not
   * believed. Only one whose end is unknown is taken back when half of it is there: a finished one that
   * looks like a half has gone live since, and people have written to it.
   */
  async #settle(node: WriteNode, f: Facts, path: string): Promise<boolean> {
    const intended = this.#act.around.memory.of(path)?.state === 'intended'
    const state = intended ? await this.#steadyState(node, f, path) : await this.#stateSince(node, f, path)
    const inUse = !intended && state === 'partial' && !node.repeatable
    if (state !== 'done') {
      const now = inUse ? 'it has changed since and is left as it is' : `now it is ${state}`
      this.#act.around.record({ kind: 'note', text: `${node.say}: was begun before; ${now}` })
    }
    if (state === 'done' || inUse) {
      this.#remember(node, f, path)
      this.#act.finish(node.say, 'write', path, { ms: 0 })
      return true
    }
    if (intended && state === 'partial' && typeof node.undo === 'function') {
      await this.#act.around.beforeWrite(f, this.#intent(node, f, path))
      this.#act.around.record({
        kind: 'note',
        text: `${node.say}: undoing the half of it: ${shown(node.undo(f))}`,
      })
      await this.#act.exec(node.undo(f), path)
    }
    return false
  }

  async #perform(node: WriteNode, f: Facts, path: string): Promise<void> {
    const command = node.run(f)
    const undo = typeof node.undo === 'function' ? shown(node.undo(f)) : undefined
    this.#act.begin(node.say, 'write', path, command, undo)
    this.#remember(node, f, path)
    const output = await this.#act.exec(command, path, node.critical === true)
    const state = await this.#stateOf(node, f, path, node.critical === true)
    if (state !== 'done') {
      throw new Problem(`${node.say}: the command ended well, but the world says "${state}"`, {
        exitCode: EXIT.checkFailed,
        command: shown(command),
        hint: 'read the log of the service; nothing that was there before has been removed',
      })
    }
    const { durationMs: ms, exitCode } = output
    this.#act.finish(node.say, 'write', path, { ms, exitCode, ...(node.size ? { bytes: node.size(f) } : {}) })
  }

  #intent(node: WriteNode, f: Facts, path: string): Intent {
    const undo = typeof node.undo === 'function' ? shown(node.undo(f)) : node.undo.none
    const [touches, why] = [this.#act.touches(path), this.#act.why(path)]
    return { path, say: node.say, command: shown(node.run(f)), touches, undo, why }
  }

  /**
   * The state once it no longer changes: a server goes on with what a client that died had asked for
   * (Qdrant finishes a recovery whose upload has arrived).
   */
  async #steadyState(node: WriteNode, f: Facts, path: string) {
    const look = node.probe.look(f)
    let before = await this.#act.exec(look, path)
    for (let tries = 0; tries < STEADY_TRIES; tries++) {
      await this.#act.pause(STEADY_MS)
      this.#act.around.mayContinue()
      const now = await this.#act.exec(look, path)
      if (node.probe.state(now, f) === node.probe.state(before, f) && sameAnswer(now, before)) break
      before = now
    }
    return node.probe.state(before, f)
  }

  /**
   * The state of a finished write. When it cannot be looked at, because this run has stopped the store since,
   * its end in the journal counts; what it has made is read again by the steps that follow.
   */
  async #stateSince(node: WriteNode, f: Facts, path: string) {
    try {
      return await this.#stateOf(node, f, path)
    } catch (error) {
      if (!(error instanceof Problem) || error.exitCode === EXIT.interrupted) throw error
      this.#act.around.record({
        kind: 'note',
        text: `${node.say}: was finished before and cannot be looked at now: ${error.message}`,
      })
      return 'done'
    }
  }

  /** A critical write that was not killed is seen to its end, so that the journal knows that it was done. */
  async #stateOf(node: WriteNode, f: Facts, path: string, critical = false) {
    return node.probe.state(await this.#act.exec(node.probe.look(f), path, critical), f)
  }

  #remember(node: WriteNode, f: Facts, path: string): void {
    if (this.done.some(done => done.path === path)) return
    const undo = typeof node.undo === 'function' ? node.undo(f) : node.undo
    const stillThere = async () => (await this.#stateOf(node, f, path)) !== 'absent'
    this.done.push({ path, say: node.say, undo, stillThere })
  }

  /** Takes back what was done, newest first; a write that did not happen is passed over. */
  async undoAll(tell: (line: string) => void, mayWrite?: () => Promise<void>): Promise<void> {
    for (const done of [...this.done].reverse()) {
      if (!('argv' in done.undo)) {
        tell(`nothing to undo: ${done.say}: ${done.undo.none}`)
      } else if (await done.stillThere()) {
        await mayWrite?.()
        tell(`undo: ${done.say}`)
        const output = await this.#act.exec(done.undo, done.path)
        this.#act.around.record({ kind: 'undone', path: done.path, say: done.say, ms: output.durationMs })
      } else tell(`did not happen: ${done.say}`)
      this.done.pop()
    }
  }
}

/** Servers put the time a request took into their answers; Docker the age of everything, and lists in any order. */
function sameAnswer(a: Output, b: Output): boolean {
  const timeless = (text: string) =>
    text.replace(/"time":[\d.e-]+|"(RunningFor|Status|Labels|Mounts|Networks)":"[^"]*"/g, '')
  return timeless(a.stdout) === timeless(b.stdout)
}
