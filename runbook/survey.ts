import { EXIT, Problem } from '../lib/problem.ts'
import { Failure } from './activity.ts'
import type { VerdictKind } from './model.ts'

/** Something of a survey that did not pass. */
export interface Missed {
  say: string
  verdict: Extract<VerdictKind, 'failed' | 'unchecked'>
  found: string
  command?: string
}

/** The surveys under way, by the path of their step: lanes may hold several. */
export class Surveys {
  readonly #open = new Map<string, Missed[]>()

  /** Gives the list that fills while the survey lasts. */
  begin(path: string): Missed[] {
    const missed: Missed[] = []
    this.#open.set(path, missed)
    return missed
  }

  end(path: string): void {
    this.#open.delete(path)
  }

  /** What the innermost survey around a path has missed so far; undefined outside of a survey. */
  around(path: string): Missed[] | undefined {
    const around = [...this.#open.keys()].filter(survey => path.startsWith(`${survey}/`))
    return this.#open.get(around.sort((a, b) => b.length - a.length)[0] ?? '')
  }
}

/** Whether a survey goes on behind this error: an activity that failed, but no interrupt and no lost lock. */
export function isPassedOver(error: unknown): error is Failure {
  return error instanceof Failure && !endsRun(error.cause)
}

export function endsRun(cause: unknown): boolean {
  return cause instanceof Problem && (cause.exitCode === EXIT.interrupted || cause.exitCode === EXIT.locked)
}

/**
 * What a survey fails with: its own sentence (`told`), else the first that did not pass in full; and all of them one a
 * line.
 */
export function notAllPassed(missed: readonly Missed[], hint: string, told?: string): Problem {
  const first = missed.find(one => one.verdict === 'failed') ?? missed[0]!
  const more = missed.length > 1 ? ` (${missed.length} checks did not pass)` : ''
  return new Problem(told ?? `check ${first.verdict}: ${first.say}: ${first.found}${more}`, {
    exitCode: EXIT.checkFailed,
    hint,
    tail:
      told || missed.length > 1
        ? missed.map(({ verdict, say, found }) => `${verdict}: ${say}: ${found}`)
        : [],
    ...(first.command === undefined ? {} : { command: first.command }),
  })
}
