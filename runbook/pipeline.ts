import {
  type DefaultRenderer,
  Listr,
  type ListrTask,
  type ListrTaskWrapper,
  type SimpleRenderer,
} from 'listr2'
import type { Progress } from '../lib/command.ts'
import { bytes, clock, count } from '../lib/format.ts'
import { style } from '../lib/style.ts'
import { whileListRuns } from './ask.ts'
import { type Execution, Failure, type Observer, Pause } from './execute.ts'
import type { AnyStep, Facts, Node } from './model.ts'
import { pathOf } from './tree.ts'

// Even LISTR_FORCE_TTY=0 would make listr2 believe in a terminal.
delete process.env.LISTR_FORCE_TTY

type Task = ListrTaskWrapper<Facts, typeof DefaultRenderer, typeof SimpleRenderer>

/** Where what happens is shown: the line of the step that runs. */
export class Screen implements Observer {
  readonly #plain: boolean
  #task: Task | undefined
  #say = ''
  #begun = 0
  #bar = ''
  #ticker: NodeJS.Timeout | undefined

  constructor(plain: boolean) {
    this.#plain = plain
  }

  get plain(): boolean {
    return this.#plain
  }

  attach(task: Task): void {
    this.#task = task
    // Never a silent minute: a line that lives in a terminal, one every ten seconds elsewhere.
    this.#ticker = setInterval(() => this.#tick(), this.#plain ? 10_000 : 1000)
  }

  detach(): void {
    clearInterval(this.#ticker)
    this.#task = undefined
  }

  activity(say: string, effect: string, command: string): void {
    this.#say = say
    this.#begun = Date.now()
    this.#bar = ''
    const mark = effect === 'write' ? style.warn('!') : '$'
    if (!this.#plain) this.#show(`${mark} ${say}`)
    else if (effect === 'write') this.#show(`! ${say}: ${command}`)
  }

  progress(p: Progress): void {
    this.#bar = bar(p, Date.now() - this.#begun)
  }

  line(text: string): void {
    this.#show(mark(text))
  }

  #tick(): void {
    const ms = Date.now() - this.#begun
    if (ms < 2000 || this.#say === '') return
    this.#show(style.quiet(`  ${this.#say} ${clock(ms)} ${this.#bar}`.trimEnd()))
  }

  #show(text: string): void {
    if (this.#task) this.#task.output = text
  }
}

const VERDICTS: [string, (text: string) => string][] = [
  ['proven: ', text => `${style.good('✔')} ${text}`],
  ['expected loss: ', text => `${style.warn('◇')} expected loss: ${text}`],
  ['failed: ', text => `${style.bad('✖')} ${text}`],
  ['unchecked: ', text => `${style.bad('?')} could not be checked: ${text}`],
]

function mark(text: string): string {
  for (const [start, draw] of VERDICTS) if (text.startsWith(start)) return draw(text.slice(start.length))
  return text
}

/** "78 %  190/244 MB  61 MB/s  ETA 00:01". */
function bar(p: Progress, ms: number): string {
  const share = p.total ? Math.min(1, p.done / p.total) : undefined
  const parts: string[] = []
  if (share !== undefined) {
    const full = Math.round(share * 20)
    parts.push(`${'█'.repeat(full)}${'░'.repeat(20 - full)}  ${Math.round(share * 100)} %`)
  }
  if (p.unit === 'bytes')
    parts.push(
      p.total ? `${bytes(p.done)}/${bytes(p.total)}` : bytes(p.done),
      `${bytes((p.done / ms) * 1000)}/s`,
    )
  if (p.unit === 'points') parts.push(`${count(p.done)} points`)
  if (share !== undefined && share > 0.02 && share < 1) parts.push(`ETA ${clock((ms / share) * (1 - share))}`)
  return parts.join('  ')
}

export interface Stretch {
  facts: Facts
  /** Index of the root node to go on with. */
  next: number
  pause: Pause | undefined
}

/**
 * Runs the root steps from `from` on as one list, up to the next question. Questions end a stretch,
 * because no prompt may open inside a running list. Throws a Failure.
 */
export async function runStretch(
  execution: Execution,
  nodes: readonly Node[],
  from: number,
  facts: Facts,
  screen: Screen,
  asks: (step: AnyStep) => boolean,
): Promise<Stretch> {
  const stretch: Stretch = { facts, next: from, pause: undefined }
  const tasks: ListrTask<Facts, typeof DefaultRenderer, typeof SimpleRenderer>[] = []
  for (const [index, node] of nodes.entries()) {
    if (index < from) continue
    if (node.kind !== 'step') break
    tasks.push(taskOf(execution, node.step, node, index, stretch, screen))
    if (asks(node.step)) break
  }
  await whileListRuns(() => list(tasks, screen).run())
  return stretch
}

function list(tasks: ListrTask<Facts, typeof DefaultRenderer, typeof SimpleRenderer>[], screen: Screen) {
  return new Listr<Facts, 'default', 'simple'>(tasks, {
    renderer: 'default',
    fallbackRenderer: 'simple',
    fallbackRendererCondition: () => screen.plain || !process.stdout.columns,
    registerSignalListeners: false,
    exitOnError: true,
    concurrent: false,
    rendererOptions: { collapseErrors: false, collapseSkips: false, collapseSubtasks: false },
  })
}

function taskOf(
  execution: Execution,
  step: AnyStep,
  node: Node,
  index: number,
  stretch: Stretch,
  screen: Screen,
): ListrTask<Facts, typeof DefaultRenderer, typeof SimpleRenderer> {
  return {
    title: step.title,
    rendererOptions: { persistentOutput: true, outputBar: 6 },
    async task(_, task) {
      if (stretch.pause) return task.skip('after the question')
      const begun = Date.now()
      screen.attach(task as unknown as Task)
      try {
        await pauseOf(stretch, async () => {
          stretch.facts = {
            ...stretch.facts,
            ...(await execution.node(node, stretch.facts, pathOf('', node, index))),
          }
          stretch.next = index + 1
        })
        if (!stretch.pause) task.title = titled(step, begun, stretch.facts)
      } catch (error) {
        task.title = `${step.title}  ${clock(Date.now() - begun)}`
        throw error instanceof Failure ? new Error(error.say, { cause: error }) : error
      } finally {
        screen.detach()
      }
    },
  }
}

function titled(step: AnyStep, begun: number, facts: Facts): string {
  const summary = step.summary ? `  ${step.summary(facts)}` : ''
  return `${step.title}  ${style.quiet(clock(Date.now() - begun))}${summary}`
}

/** A Pause is a place, not a failure. */
async function pauseOf(stretch: Stretch, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof Pause)) throw error
    stretch.pause = error
  }
}
