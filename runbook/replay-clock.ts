/**
 * A clock that stands at the recorded time of what is replayed, and only moves when it is set. Leaves of the tree ask
 * the one clock there is (how old is the backup?), so for the time of a replay that one is exchanged: their
 * answers, and the commands made of them, would else be those of today.
 */
export class StandingClock {
  #now: number

  constructor(at: string) {
    this.#now = Date.parse(at)
  }

  get now(): number {
    return this.#now
  }

  /** Moves on; it never goes back, as lanes end their waits in an order of their own. */
  set(ms: number): void {
    this.#now = Math.max(this.#now, ms)
  }

  /** Runs with this clock in the place of the real one. One replay at a time. */
  async during<T>(run: () => Promise<T>): Promise<T> {
    const real = globalThis.Date
    globalThis.Date = this.#asDate(real)
    try {
      return await run()
    } finally {
      globalThis.Date = real
    }
  }

  #asDate(real: DateConstructor): DateConstructor {
    const clock = this
    class Standing extends real {
      constructor(...args: [] | [number]) {
        if (args.length === 0) super(clock.now)
        else super(...args)
      }
      static override now(): number {
        return clock.now
      }
    }
    return Standing as DateConstructor
  }
}
