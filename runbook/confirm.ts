import { createHash } from 'node:crypto'
import { clock, duration } from '../lib/format.ts'
import type { Event } from '../lib/journal.ts'
import { EXIT, Problem } from '../lib/problem.ts'
import { style } from '../lib/style.ts'
import { type Door, direct } from './activity.ts'
import { type Measured, stillCan } from './clock.ts'
import type { Prediction } from './history.ts'
import type { Binding, Facts, Node } from './model.ts'
import { commandsOf, type Item, planHash, resolve } from './plan.ts'

/** What the operator confirms: a plan, and the state of the world it was made for. */
export interface Agreement {
  phrase: string
  state: Record<string, string>
  plan: readonly Item[]
  hash: string
}

/** Derives the phrase from the plan of what follows and from a fresh look at the world. */
export async function agreementFor(
  binding: Binding<Facts>,
  rest: readonly Node[],
  facts: Facts,
  door: Door = direct,
): Promise<Agreement> {
  const plan = resolve(rest, facts)
  const state = await lookAgain(binding, facts, door)
  const hash = planHash(plan, facts.run.id)
  const digest = createHash('sha256').update(JSON.stringify(state)).update(hash).digest('hex')
  const phrase = [...binding.words(facts), `${digest.slice(0, 4)}-${digest.slice(4, 8)}`].join(' ')
  return { phrase, state, plan, hash }
}

export async function lookAgain(
  binding: Binding<Facts>,
  facts: Facts,
  door: Door = direct,
): Promise<Record<string, string>> {
  const looks = binding.looks(facts)
  const outputs = await Promise.all(looks.map(look => door(look, CONFIRM, { cwd: facts.target.root })))
  return binding.derive(outputs, facts)
}

/** The plan as the journal keeps it; `seconds`: what it is expected to take. */
export function planned({ plan, hash }: Agreement, seconds: number): Extract<Event, { kind: 'planned' }> {
  const commands = [...commandsOf(plan)]
  return {
    kind: 'planned',
    hash,
    commands: commands.length,
    writes: commands.filter(({ effect }) => effect === 'write').length,
    seconds: Math.round(seconds),
    ahead: commands.map(({ path, say, effect, undo }) => ({
      path,
      say,
      effect,
      ...(undo && 'none' in undo ? { final: true } : {}),
    })),
  }
}

/** The path under which the looks of a confirmation, and its answer, are kept. */
export const CONFIRM = 'confirm'

/** How the refusal of a world begins that is not the confirmed one. */
export const CHANGED = 'the target changed after it was confirmed; nothing was changed by this run'

/** Throws when the world is not the confirmed one any more, with the difference; nothing was changed. */
export function refuseChanged(before: Record<string, string>, now: Record<string, string>): void {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)])
  const changed = [...keys].filter(key => before[key] !== now[key])
  if (changed.length === 0) return
  throw new Problem(CHANGED, {
    exitCode: EXIT.declined,
    hint: 'find out who else works on it, then look at the plan again with --resume',
    tail: changed.flatMap(key => [
      `${key} was: ${before[key] ?? 'nothing'}`,
      `${key} is:  ${now[key] ?? 'nothing'}`,
    ]),
  })
}

/** What a plan is held against. */
export interface Against {
  /** Since the detection. */
  elapsedMs: number
  /** Milliseconds since 1970. */
  now: number
  /** From earlier runs; without them the estimate of the binding counts. */
  prediction: Prediction | undefined
  others: readonly Measured[]
  /** After a resume only what is left of the plan counts. */
  isDone?: (path: string) => boolean
}

/** The summary above the confirmation. A plan that may be longer than what is left of its RTO is never shown green. */
export function planSummary(
  binding: Binding<Facts>,
  agreement: Agreement,
  facts: Facts,
  against: Against,
): string {
  const { isDone = () => false } = against
  const all = [...commandsOf(agreement.plan)]
  const commands = all.filter(item => !isDone(item.path))
  const before = all.length - commands.length
  const writes = commands.filter(item => item.effect === 'write')
  return [
    `${commands.length} commands, ${writes.length} change something${before > 0 ? `; ${before} were done before` : ''}`,
    ...timeLines(binding.estimate(facts), facts, against),
    ...binding.facts(facts),
    '',
    ...writes.map(item => `! ${item.say}`),
  ].join('\n')
}

/** The slowest earlier run is what must fit; without one, the estimate from the rates of the backup. */
function timeLines(
  estimate: number,
  facts: Facts,
  { elapsedMs, now, prediction, others }: Against,
): string[] {
  const { rtoMinutes } = facts.store ?? facts.target
  const left = rtoMinutes * 60 - elapsedMs / 1000
  const slowest = prediction?.high ?? estimate
  const about = duration((prediction?.seconds ?? estimate) * 1000)
  const text = `about ${about}${measured(prediction)}; ${clock(Math.max(0, left) * 1000)} left of the RTO of ${rtoMinutes}:00`
  if (slowest > left) {
    return [
      `time      ${style.bad(`${text}: this will miss it`)}`,
      ...stillCan(others, left).map(line => `          ${line}`),
    ]
  }
  const latest = new Date(now + (left - slowest) * 1000).toISOString().slice(11, 19)
  return [`time      ${text}`, `latest    begin by ${latest} UTC: after that this path misses the RTO`]
}

function measured(prediction: Prediction | undefined): string {
  if (!prediction) return ' (no run of it was ever measured here)'
  const { runs, low, high } = prediction
  return runs === 1
    ? ', as one run before'
    : `, ${runs} runs before took ${duration(low * 1000)} to ${duration(high * 1000)}`
}
