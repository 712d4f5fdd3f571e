import { randomUUID } from 'node:crypto'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { type Held, hold } from '../../lib/exec.ts'
import type { Recorded } from '../../lib/journal.ts'
import type { Holder } from '../../lib/lock.ts'
import { type Message, recordLine } from '../../lib/records.ts'
import type { Target } from '../../lib/target.ts'
import { refusePrediction } from '../../runbook/prediction.ts'
import { questionLines } from './draw.ts'

type Asked = Extract<Recorded, { kind: 'asked' }>

/** More often than the driver's run loses patience. */
const SIGN_MS = 5_000

/** The terminal of the navigator. */
export interface Desk {
  input: Readable
  output: Writable
  by: string
}

/**
 * Answers what the driver's run asks, one question after the other. It speaks through a command in the lock
 * container that says goodbye when this program ends, whatever ends it.
 */
export class Navigator {
  readonly #desk: Desk
  readonly #id = randomUUID()
  readonly #lines: Interface
  #channel: Held | undefined
  #joined = ''
  #asked: ReadonlyMap<string, Asked> = new Map()
  #shown: Asked | undefined
  /** What was typed, by path: said again until the run has heard it. */
  readonly #typed = new Map<string, string>()
  readonly #signs: NodeJS.Timeout

  constructor(desk: Desk) {
    this.#desk = desk
    this.#lines = createInterface({ input: desk.input })
    this.#lines.on('line', line => this.#take(line.trim()))
    this.#signs = setInterval(() => this.#sign(), SIGN_MS)
  }

  /** Joins the run that this container belongs to. */
  async join({ runtime, root }: Target, { id }: Holder): Promise<void> {
    // Told once more about the same one: only the log was read anew.
    if (id === this.#joined && !this.#channel?.ended()) return
    await this.#channel?.end()
    this.#joined = id
    const goodbye = recordLine({ kind: 'left', id: this.#id } satisfies Message).trimEnd()
    this.#channel = await hold(runtime.speakIn(id, goodbye), { cwd: root })
    this.#typed.clear()
    this.#here()
  }

  /** The questions that are open now, oldest first. */
  open(asked: ReadonlyMap<string, Asked>): void {
    this.#asked = asked
    for (const path of this.#typed.keys()) if (!asked.has(path)) this.#typed.delete(path)
    for (const each of asked.values()) this.#answer(each)
    this.#show()
  }

  /** Whether a question stands on the screen: nothing else may be drawn there. */
  get busy(): boolean {
    return this.#shown !== undefined
  }

  async end(): Promise<void> {
    clearInterval(this.#signs)
    this.#lines.close()
    await this.#channel?.end()
  }

  #show(): void {
    const waiting = [...this.#asked.values()].filter(({ path }) => !this.#typed.has(path))
    const [first] = waiting
    if (first?.path === this.#shown?.path) return
    if (this.#shown && !first) this.#print('(answered, or no longer asked)\n')
    this.#shown = first
    if (!first) return
    this.#here()
    this.#print(`${questionLines(first, waiting.length - 1).join('\n')}\n`)
    this.#prompt()
  }

  #prompt(): void {
    this.#print('What do you expect to see afterwards (a count, a state, a name)? ')
  }

  #take(line: string): void {
    if (!this.#shown) return
    const wrong = refusePrediction(line)
    if (wrong !== undefined) {
      this.#print(`${wrong}\n`)
      this.#prompt()
      return
    }
    this.#typed.set(this.#shown.path, line)
    this.#answer(this.#asked.get(this.#shown.path) ?? this.#shown)
    this.#shown = undefined
    this.#show()
  }

  #answer({ path, at }: Asked): void {
    const expects = this.#typed.get(path)
    if (expects !== undefined) this.#say({ kind: 'prediction', path, asked: at, by: this.#desk.by, expects })
  }

  /** The run must know that somebody is still there; a line of theirs may have met another one. */
  #sign(): void {
    if (this.#asked.size === 0) return
    this.#here()
    for (const each of this.#asked.values()) this.#answer(each)
  }

  #here(): void {
    this.#say({ kind: 'here', id: this.#id, by: this.#desk.by })
  }

  #say(message: Message): void {
    this.#channel?.write(recordLine(message))
  }

  #print(text: string): void {
    this.#desk.output.write(text)
  }
}
