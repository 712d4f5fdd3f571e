import type { Event, Recorded } from '../lib/journal.ts'
import type { Lock } from '../lib/lock.ts'
import { EXIT, Problem } from '../lib/problem.ts'
import type { Message } from '../lib/records.ts'
import { Failure, type Intent } from './activity.ts'
import { agrees, refusePrediction } from './prediction.ts'
import { laneOf } from './tree.ts'

/** Shown to both: how the navigator comes to the meeting place. */
export const NAVIGATE = 'npx tsx tools/follow.ts --navigate'

/** How long the driver waits before it is theirs to choose; milliseconds. */
export interface Patience {
  /** For somebody to come at all. */
  come: number
  /** For a sign of somebody who was there; their tool gives one every few seconds while a question is open. */
  sign: number
  /** For an answer of somebody who is there. */
  answer: number
}

const PATIENCE: Patience = { come: 180_000, sign: 30_000, answer: 300_000 }
const LOOK_MS = 100

/** The run stops so that two people can talk: not a failure of any command. */
export class Talk extends Failure {
  readonly about: 'difference' | 'absence'

  constructor(about: Talk['about'], path: string, say: string, problem: Problem) {
    super(path, say, problem)
    this.about = about
  }
}

interface Around {
  record: (event: Event) => Recorded
  hear: Lock['hear']
  /** A line that stays on the driver's screen. */
  line: (text: string) => void
}

/** What the run does while it waits. */
interface Meanwhile {
  /** Throws when the run must not go on. */
  check: () => void
  /** Shows that it waits, and for whom. */
  waiting: (say: string) => void
}

/** A prediction whose outcome is still coming in. */
interface Predicted {
  say: string
  expects: string
  outcome: string[]
  finished: boolean
}

/**
 * The navigator says what a write will lead to before the driver's run begins it; what came of it is held against
 * that before the next write of the same lane. Both meet in the log of the lock container.
 */
export class Pair {
  readonly #around: Around
  readonly #patience: Patience
  readonly #open = new Map<string, Predicted>()
  /** The answers that came and nobody has taken yet, by path and moment of the question. */
  readonly #answers = new Map<string, Message & { kind: 'prediction' }>()
  /** Who is there: their names. */
  readonly #there = new Map<string, string>()
  #lastSign = 0
  #wasThere = false
  #alone = false

  constructor(around: Around, before: readonly Recorded[] = [], patience = PATIENCE) {
    this.#around = around
    this.#patience = patience
    for (const event of before) this.remember(event)
    around.hear(message => this.#hear(message))
  }

  /** Takes note of what happens: an outcome is the state after the write and what checks find up to the next one. */
  remember(event: Recorded): void {
    if (event.kind === 'predicted')
      this.#open.set(event.path, { say: event.say, expects: event.expects, outcome: [], finished: false })
    if (event.kind === 'compared' || event.kind === 'undone') this.#open.delete(event.path)
    if (event.kind === 'finished' && event.effect === 'write') this.#finished(event.path)
    if (event.kind === 'finished' && event.effect === 'until') this.#seen(event.path, event.say)
    if (event.kind === 'checked') this.#seen(event.path, `${event.verdict}: ${event.found}`)
  }

  #finished(path: string): void {
    const predicted = this.#open.get(path)
    if (!predicted || predicted.finished) return
    predicted.finished = true
    predicted.outcome.push('done')
  }

  #seen(path: string, text: string): void {
    for (const [, predicted] of this.#finishedIn(laneOf(path)))
      if (!predicted.outcome.includes(text)) predicted.outcome.push(text)
  }

  /** Outside of the lanes everything is meant. */
  #finishedIn(lane: string): [string, Predicted][] {
    return [...this.#open].filter(
      ([path, { finished }]) => finished && (lane === '' || laneOf(path) === lane || laneOf(path) === ''),
    )
  }

  #hear(message: Message): void {
    if (message.kind === 'here') {
      this.#there.set(message.id, message.by)
      this.#lastSign = Date.now()
      this.#wasThere = true
    }
    if (message.kind === 'left') this.#there.delete(message.id)
    if (message.kind === 'prediction') this.#answers.set(`${message.path} ${message.asked}`, message)
  }

  /** Right before a write: compares what came before it, then waits for what is expected of it. Throws a Talk. */
  async before(intent: Intent, meanwhile: Meanwhile): Promise<void> {
    this.compare(laneOf(intent.path))
    if (this.#alone || this.#open.has(intent.path)) return
    const { path, say } = intent
    const asked = this.#around.record({ kind: 'asked', ...intent })
    const begun = Date.now()
    for (;;) {
      meanwhile.check()
      const answer = this.#answers.get(`${path} ${asked.at}`)
      if (answer && refusePrediction(answer.expects) === undefined) {
        const { by, expects } = answer
        this.#around.record({ kind: 'predicted', path, say, by, expects, ms: Date.now() - begun })
        this.#around.line(`${by} expects "${expects}": ${say}`)
        return
      }
      const away = this.#absence(begun)
      if (away) throw this.#absent(intent, away)
      meanwhile.waiting(`waiting for the navigator ${this.#whom()}: ${say}`)
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
  }

  #whom(): string {
    const names = [...new Set(this.#there.values())].join(', ')
    return names === '' ? `(${NAVIGATE})` : `(${names})`
  }

  /** Why nobody is waited for any longer. */
  #absence(begun: number): string | undefined {
    const now = Date.now()
    if (this.#there.size === 0) {
      if (this.#wasThere) return 'the navigator has left'
      return now - begun > this.#patience.come ? 'no navigator has come' : undefined
    }
    if (now - Math.max(begun, this.#lastSign) > this.#patience.sign) return 'the navigator gives no sign'
    return now - begun > this.#patience.answer ? 'the navigator has not answered' : undefined
  }

  #absent({ path, say }: Intent, why: string): Talk {
    // Whoever is waited for once more has come anew, or never.
    this.#there.clear()
    this.#wasThere = false
    this.#around.record({ kind: 'note', text: `${why}, while asked about: ${say}` })
    const problem = new Problem(`${why}, and has not said what to expect of: ${say}`, {
      exitCode: EXIT.declined,
      hint: `they come back with: ${NAVIGATE}; or go on alone`,
    })
    return new Talk('absence', path, say, problem)
  }

  /** Holds the outcomes of a lane, or of all, against their predictions. Throws a Talk when one differs. */
  compare(lane = ''): void {
    const different: [string, Predicted][] = []
    for (const [path, predicted] of this.#finishedIn(lane)) {
      const { say, expects, outcome } = predicted
      const agreed = agrees(expects, outcome)
      this.#around.record({ kind: 'compared', path, say, expects, outcome, agrees: agreed })
      this.#open.delete(path)
      if (agreed) this.#around.line(`as predicted ("${expects}"): ${say}`)
      else different.push([path, predicted])
    }
    const [first] = different
    if (first)
      throw new Talk('difference', first[0], first[1].say, differs(different.map(([, each]) => each)))
  }

  /** The driver has chosen to go on without a navigator, up to the end of the run. */
  goOnAlone(): void {
    this.#alone = true
    this.#around.record({ kind: 'note', text: 'from here on the driver goes on alone, without predictions' })
  }
}

function differs(all: readonly Predicted[]): Problem {
  const tail = all.flatMap(({ say, expects, outcome }) => [
    `${say}`,
    `expected: ${expects}`,
    `seen:     ${outcome.join('; ')}`,
  ])
  return new Problem('the outcome is not as predicted: talk about it before anything else is changed', {
    exitCode: EXIT.checkFailed,
    hint: 'was the prediction wrong, or is this not the world that both of you have in mind?',
    tail,
  })
}
