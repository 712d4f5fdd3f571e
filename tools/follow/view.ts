import { clock } from '../../lib/format.ts'
import { type Recorded, sentence } from '../../lib/journal.ts'
import type { Holder } from '../../lib/lock.ts'
import { mask } from '../../lib/secret.ts'
import { screen } from './draw.ts'
import type { Navigator } from './navigator.ts'
import { clockOf, newRun, type Run, tell } from './state.ts'

const REDRAW_MS = 1000
const HOME = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/** What one sees of a run. */
export class View {
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
