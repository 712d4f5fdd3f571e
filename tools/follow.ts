import { clock } from '../lib/format.ts'
import { type Recorded, sentence } from '../lib/journal.ts'
import { type Holder, operator } from '../lib/lock.ts'
import { badInput, EXIT } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { screen } from './follow/draw.ts'
import { Navigator } from './follow/navigator.ts'
import { clockOf, newRun, type Run, tell } from './follow/state.ts'
import { followLock } from './follow/stream.ts'

const HELP = `Shows a recovery live, in a second terminal, on this or another machine that reaches the daemon: where it is,
the clock against the RTO, what comes next, what can be undone, what was found. It ends when the run ends.

  npx tsx tools/follow.ts                            one screen that is drawn anew; lines in a pipe
  npx tsx tools/follow.ts --plain                    a line an event
  npx tsx tools/follow.ts --wait                     wait until there is a run
  npx tsx tools/follow.ts --navigate [--name ann]    be the navigator of a run that was begun with --pair: it asks
                                                     here what each write will lead to before it begins`

const REDRAW_MS = 1000
const HOME = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

await program(async () => {
  const { values, positionals } = readArguments(HELP, {
    plain: { type: 'boolean' },
    wait: { type: 'boolean' },
    navigate: { type: 'boolean' },
    name: { type: 'string' },
  })
  const [extra] = positionals
  if (extra !== undefined)
    throw badInput(`"${extra.slice(0, 60)}" is one word too many`, '--help shows the form')
  const target = targetFrom(values)
  const plain = Boolean(values.plain) || !process.stdout.isTTY
  const by = (values.name as string | undefined) ?? operator()
  const navigator = values.navigate
    ? new Navigator({ input: process.stdin, output: process.stdout, by })
    : undefined
  const view = new View(plain, navigator)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
  const wait = Boolean(values.wait || values.navigate)
  if (wait) process.stdout.write(`waiting for a run on ${target.runtime.project} …\n`)
  try {
    await followLock(target, { wait, signal: stop.signal }, async heard => {
      if ('event' in heard) return view.tell(heard.event)
      view.begin(heard.holder)
      if (heard.holder.reservedFor === '') await navigator?.join(target, heard.holder)
    })
  } finally {
    view.end()
    await navigator?.end()
  }
  if (stop.signal.aborted) return EXIT.interrupted
  process.stdout.write(`${mask(view.lastWord(target.runtime.project))}\n`)
  return EXIT.recovered
})

/** What one sees of a run. */
class View {
  readonly #plain: boolean
  readonly #navigator: Navigator | undefined
  #run: Run = newRun()
  #holder: Holder | undefined
  #ticker: NodeJS.Timeout | undefined

  constructor(plain: boolean, navigator: Navigator | undefined) {
    this.#plain = plain
    this.#navigator = navigator
  }

  begin(holder: Holder): void {
    this.#holder = holder
    this.#run = newRun()
    if (this.#plain) return void process.stdout.write(`${mask(heldBy(holder))}\n`)
    process.stdout.write(`${HOME}${CLEAR_BELOW}`)
    this.#ticker ??= setInterval(() => this.#draw(), REDRAW_MS)
  }

  tell(event: Recorded): void {
    tell(this.#run, event)
    if (this.#plain && event.kind !== 'command')
      process.stdout.write(`${this.#time()}  ${mask(sentence(event))}\n`)
    this.#navigator?.open(this.#run.asked)
    if (event.kind === 'closed' || event.kind === 'handed') this.#draw()
  }

  end(): void {
    clearInterval(this.#ticker)
    this.#draw()
  }

  /** How it ended, or that it died. */
  lastWord(project: string): string {
    if (!this.#holder) return `no recovery runs on ${project}; --wait waits for one`
    const { closed, handed, opened } = this.#run
    if (closed) return `the run has ended: ${closed.outcome} (exit code ${closed.exitCode})`
    if (handed) return `handed over to ${handed.to}, who has not gone on with it`
    return `the run died without a last word; go on with it: --resume ${opened?.incident ?? ''}`.trimEnd()
  }

  /** A question stands still until it is answered. */
  #draw(): void {
    if (this.#plain || !this.#holder || this.#navigator?.busy) return
    const { columns = 80, rows = 24 } = process.stdout
    const lines = screen(this.#run, Date.now(), { columns, rows })
    process.stdout.write(`${HOME}${lines.map(line => `${mask(line)}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`)
  }

  /** The clock of the incident; the time of day as long as nobody has said when it began. */
  #time(): string {
    const told = clockOf(this.#run, Date.now())
    return told ? clock(told.passed) : new Date().toISOString().slice(11, 19)
  }
}

function heldBy({ operator, host, since, incident, reservedFor }: Holder): string {
  if (reservedFor !== '')
    return `reserved for ${reservedFor} by ${operator} on ${host} since ${since} (${incident})`
  return `held by ${operator} on ${host} since ${since}`
}
