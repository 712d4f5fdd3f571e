import { suite } from 'uvu'
import { Problem, problemLines } from '../lib/problem.ts'
import { SET_UP_FACTOR, type SuiteResult, tell } from './tally.ts'

export * as assert from 'uvu/assert'

/** How long one test may take; a hang is then a failure and not a silent wait. */
const SECONDS = 30

/** A test that takes longer says how long it took: a drill is minutes, and the minutes of a whole run are bounded. */
const LONG_MS = 20_000

type Run = () => void | Promise<void>

/** What a suite is made of. */
export interface Suite {
  test(name: string, run: Run, limits?: { seconds: number }): void
  /** Runs once before the first test; when it fails, every test of the suite fails. */
  before(run: Run): void
  /** Runs once after the last test, newest first, also when tests failed; its error fails the last test. */
  after(run: Run): void
}

interface Case {
  name: string
  run: Run
  seconds: number
}

/**
 * A suite of tests. uvu alone lets a suite pass whose set-up fails, whose test throws a string, or that
 * nobody has run (libraries behave so since its `return` inside `finally`); here each of them is red.
 */
export function describe(title: string, build: (suite: Suite) => void): void {
  const cases: Case[] = []
  const befores: Run[] = []
  const afters: Run[] = []
  const built: unknown = build({
    test: (name, run, limits) => void cases.push({ name, run, seconds: limits?.seconds ?? SECONDS }),
    before: run => void befores.push(run),
    after: run => void afters.unshift(run),
  })
  if (built instanceof Promise)
    throw new Error(`the suite "${title}" is async: its tests would come too late`)
  if (cases.length === 0) throw new Error(`the suite "${title}" has no tests`)
  const names = cases.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) throw new Error(`the suite "${title}" has two tests called "${twice}"`)
  register(title, cases, once(befores), afters)
}

function register(title: string, cases: readonly Case[], setUp: () => Promise<void>, afters: Run[]): void {
  const uvu = suite(title)
  const result: SuiteResult = { title, passed: 0, failed: 0, ms: 0 }
  // The number that uvu/run gives to the file it is loading.
  const file = (globalThis as { UVU_INDEX?: number }).UVU_INDEX ?? 0
  for (const [index, { name, run, seconds }] of cases.entries()) {
    const last = index === cases.length - 1
    uvu(name, async () => {
      const begun = Date.now()
      tell({ kind: 'test', name: `${title}: ${name}`, seconds })
      try {
        await ended(
          // A set-up may make a whole platform.
          [() => within(SET_UP_FACTOR * seconds, setUp), () => within(seconds, run)],
          last ? afters.map(after => () => within(seconds, after)) : [],
        )
        result.passed++
      } catch (error) {
        result.failed++
        throw told(asError(error))
      } finally {
        const ms = Date.now() - begun
        result.ms += ms
        if (ms > LONG_MS) process.stderr.write(`  ${(ms / 1000).toFixed(0)} s: ${name}\n`)
        if (last) tell({ kind: 'suite', file, result })
      }
    })
  }
  uvu.run()
}

/** Runs the steps, then the clean-up whatever happened, and throws the first error. */
async function ended(steps: readonly Run[], cleanUp: readonly Run[]): Promise<void> {
  const errors: unknown[] = []
  try {
    for (const step of steps) await step()
  } catch (error) {
    errors.push(error)
  }
  for (const clean of cleanUp) {
    try {
      await clean()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

function once(befores: readonly Run[]): () => Promise<void> {
  let started: Promise<void> | undefined
  const all = async () => {
    for (const before of befores) await before()
  }
  return () => {
    started ??= all()
    return started
  }
}

async function within(seconds: number, run: Run): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${seconds} s`)), seconds * 1000)
  })
  try {
    await Promise.race([run(), late])
  } finally {
    clearTimeout(timer)
  }
}

/** uvu's report shows no more than the message: the command and its last lines go into it. */
function told(error: Error): Error {
  if (error instanceof Problem) error.message = problemLines(error).join('\n    ')
  return error
}

/** uvu's report breaks on anything that is not an Error. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(`thrown: ${JSON.stringify(error) ?? String(error)}`)
}

/** The error of what must fail; not failing is a failure. uvu's own `throws` knows no promises. */
export async function failure(run: () => unknown): Promise<Error> {
  try {
    await run()
  } catch (error) {
    return asError(error)
  }
  throw new Error('it did not fail')
}
