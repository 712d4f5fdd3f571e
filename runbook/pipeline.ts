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
import { Failure, type Observer, Pause } from './activity.ts'
import { whileListRuns } from './ask.ts'
import type { Execution } from './execute.ts'
import type { AnyStep, Facts, Node } from './model.ts'
import { inLane, pathOf } from './tree.ts'

// Even LISTR_FORCE_TTY=0 would make listr2 believe in a terminal.
delete process.env.LISTR_FORCE_TTY

type Task = ListrTaskWrapper<Facts, typeof DefaultRenderer, typeof SimpleRenderer>

/**
 * Where what happens is shown. In a terminal the line of the running step says what it does, how long and
 * how far; elsewhere there is one line per event. Verdicts stay.
 */
export class Screen implements Observer {
  readonly plain: boolean
  #task: Task | undefined
  #title = ''
  /** What is being done, per lane; one without a name when nothing runs side by side. */
  readonly #doing = new Map<string, Doing>()
  #ticker: NodeJS.Timeout | undefined

  constructor(plain: boolean) {
    this.plain = plain
  }

  attach(task: Task, title: string): void {
    this.#task = task
    this.#title = title
    // Never a silent minute.
    this.#ticker = setInterval(() => this.#tick(), this.plain ? 10_000 : 500)
  }

  detach(): void {
    clearInterval(this.#ticker)
    this.#task = undefined
    this.#doing.clear()
  }

  activity(say: string, effect: string, command: string, lane: string): void {
    this.#doing.set(lane, { say, begun: Date.now(), bar: '' })
    if (!this.plain) this.#draw()
    else if (effect === 'write') this.#show(`! ${inLane(lane, say)}: ${oneLine(command)}`)
  }

  /** Nothing is being done in that lane: a person is waited for. Said again as long as it is so. */
  waiting(say: string, lane: string): void {
    if (this.#doing.get(lane)?.say === say) return
    this.activity(say, 'until', '', lane)
    if (this.plain) this.#show(`  ${inLane(lane, say)}`)
  }

  progress(p: Progress, lane: string): void {
    const doing = this.#doing.get(lane)
    if (doing) doing.bar = bar(p, Date.now() - doing.begun)
  }

  ended(lane: string): void {
    this.#doing.delete(lane)
  }

  line(text: string): void {
    if (this.#task) this.#show(mark(text))
    else process.stdout.write(`${mark(text)}\n`)
  }

  /** Something that does not wait for its turn: among the lines of the list, or above the question that is open. */
  aside(text: string): void {
    if (this.#task) this.#show(style.warn(text))
    else process.stderr.write(`\n${style.warn(text)}\n`)
  }

  #tick(): void {
    if (this.plain) for (const line of this.#lines()) this.#show(`  ${line}`)
    else this.#draw()
  }

  #draw(): void {
    const lines = this.#lines().map(line => style.quiet(line))
    if (this.#task && lines.length > 0) this.#task.title = [this.#title, ...lines].join('\n')
  }

  #lines(): string[] {
    return [...this.#doing].map(([lane, { say, begun, bar }]) => {
      const ms = Date.now() - begun
      const parts = [inLane(lane, say), ms < 1500 ? '' : clock(ms), bar]
      return parts.filter(part => part !== '').join('  ')
    })
  }

  #show(text: string): void {
    if (this.#task) this.#task.output = text
  }
}

/** One line per event; the journal has all of it. */
function oneLine(command: string): string {
  const line = command.replace(/\s*\n\s*/g, ' ')
  return line.length > LINE ? `${line.slice(0, LINE)} …` : line
}

const LINE = 400

interface Doing {
  say: string
  begun: number
  bar: string
}

const VERDICTS: [string, (text: string) => string][] = [
  ['proven: ', text => `${style.good('✔')} ${text}`],
  ['expected loss: ', text => `${style.warn('◇')} expected loss: ${text}`],
  ['failed: ', text => `${style.bad('✖')} ${text}`],
  ['skipped: ', text => `${style.quiet('·')} skipped: ${text}`],
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
    const asking = asks(node.step)
    // A step that will ask has a list of its own, so that it never looks done before it was asked.
    if (asking && tasks.length > 0) break
    tasks.push(taskOf(execution, node.step, node, index, stretch, screen))
    if (asking) break
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
    rendererOptions: { persistentOutput: true, outputBar: 12 },
    async task(_, task) {
      if (stretch.pause) return task.skip('after the question')
      const begun = Date.now()
      screen.attach(task as unknown as Task, step.title)
      try {
        await pauseOf(stretch, async () => {
          stretch.facts = {
            ...stretch.facts,
            ...(await execution.node(node, stretch.facts, pathOf('', node, index))),
          }
          stretch.next = index + 1
        })
        if (!stretch.pause) {
          for (const detail of step.details?.(stretch.facts) ?? []) task.output = detail
          task.title = titled(step, begun, stretch.facts)
        } else task.title = step.title
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
