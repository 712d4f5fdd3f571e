import { keepHeapSmall } from '../lib/heap.ts'
import type { Event } from '../lib/journal.ts'
import { EXIT, exitCodeOf, Problem, problemLines } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import { direct, Failure, type Pause, type Surroundings } from './activity.ts'
import { Execution } from './execute.ts'
import { Memory } from './memory.ts'
import type { Facts, Node, Step } from './model.ts'
import { runStretch, Screen } from './pipeline.ts'

interface Performance {
  /** Runs just what learns; nothing is written. */
  lookOnly?: boolean
  /** After a failure or an interrupt, what was changed is taken back before the error goes on. */
  takeBack?: boolean
  /** One line per event in a terminal too, where only the last dozen would stay. */
  plain?: boolean
  /** Told what happens, as a journal would be. */
  record?: (event: Event) => void
}

/**
 * Runs one step outside of a scenario. For tools and for scripts of one's own:
 * `await perform(step, { target, store, run })`. Gives the facts known at its end. Throws a Problem; a
 * question in the step is one, because nobody is asked here.
 */
export async function perform<Needs extends Facts, Gives>(
  step: Step<Needs, Gives>,
  facts: Needs,
  { lookOnly = false, takeBack = false, plain = false, record }: Performance = {},
): Promise<Needs & Gives> {
  const memory = new Memory()
  const screen = new Screen(plain || !process.stdout.isTTY)
  const killer = new AbortController()
  const around: Surroundings = {
    cwd: facts.target.root,
    memory,
    record: event => {
      memory.remember(event)
      record?.(event)
    },
    observe: screen,
    kill: killer.signal,
    mayContinue: () => undefined,
    beforeWrite: async () => undefined,
    exec: direct,
    preview: lookOnly,
    attended: Boolean(process.stdin.isTTY && process.stdout.isTTY),
    adopt: false,
  }
  const execution = new Execution(around)
  const nodes: Node[] = [{ kind: 'step', step }]
  const interrupt = () => killer.abort()
  if (takeBack) for (const signal of SIGNALS) process.on(signal, interrupt)
  try {
    const stretch = await runStretch(execution, nodes, 0, facts, screen, () => false)
    if (stretch.pause) throw unanswerable(stretch.pause)
    return stretch.facts as Needs & Gives
  } catch (error) {
    // The interrupt was for the work, not for taking it back.
    around.kill = new AbortController().signal
    if (takeBack) await execution.undoAll(line => process.stderr.write(`${mask(line)}\n`))
    throw problemOf(error)
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

function unanswerable(pause: Pause): Problem {
  const question = 'question' in pause.ask ? pause.ask.question.say : pause.ask.binding.say
  return new Problem(`the step asks: ${question}`, {
    exitCode: EXIT.badInput,
    hint: 'run it in a scenario, or give its answer as a fact to a step that needs it',
  })
}

function problemOf(error: unknown): unknown {
  const failure = error instanceof Failure ? error : error instanceof Error ? error.cause : undefined
  return failure instanceof Failure ? failure.cause : error
}

/** The frame of every tool: runs it, prints a problem as people read it, gives the exit code. */
export async function program(main: () => Promise<number | undefined>): Promise<void> {
  keepHeapSmall()
  try {
    process.exitCode = (await main()) ?? EXIT.recovered
  } catch (error) {
    for (const line of problemLines(error)) process.stderr.write(`${mask(line)}\n`)
    process.exitCode = exitCodeOf(error)
  }
}
