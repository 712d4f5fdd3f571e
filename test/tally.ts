/** How many times a test's limit its set-up may take: it may make a whole platform. */
export const SET_UP_FACTOR = 3

/** What one suite came to. */
export interface SuiteResult {
  title: string
  passed: number
  failed: number
  ms: number
}

/** What a worker tells the runner; without `done` at the end it died on the way. */
export type Message =
  | { kind: 'test'; name: string; seconds: number }
  | { kind: 'suite'; file: number; result: SuiteResult }
  | { kind: 'broken'; file: string; why: string }
  | { kind: 'done' }

/** Tells the runner; a test file that is started by hand has none. */
export function tell(message: Message): void {
  process.send?.(message)
}

/** Results of several parts, printed in one form. */
export class Tally {
  passed = 0
  failed = 0
  readonly #times: { title: string; ms: number }[] = []

  add({ title, passed, failed, ms }: SuiteResult): void {
    this.passed += passed
    this.failed += failed
    this.#times.push({ title, ms })
  }

  /** Something that is not a test went wrong: a file that does not load, a part that did not run. */
  fail(title: string, ms = 0): void {
    this.add({ title, passed: 0, failed: 1, ms })
  }

  /** The slowest suites, so that nobody has to guess. */
  whereTheTimeWent(most = 8): string {
    const slowest = [...this.#times].sort((a, b) => b.ms - a.ms).slice(0, most)
    return slowest.map(({ title, ms }) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${title}`).join('\n')
  }

  /** The line that programs read: `N passed, N failed`. */
  get line(): string {
    return `${this.passed} passed, ${this.failed} failed`
  }

  get exitCode(): 0 | 1 {
    return this.failed === 0 && this.passed > 0 ? 0 : 1
  }
}
