import { createHash } from 'node:crypto'
import { exec } from '../lib/exec.ts'
import { clock, duration } from '../lib/format.ts'
import { EXIT, Problem } from '../lib/problem.ts'
import { style } from '../lib/style.ts'
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
): Promise<Agreement> {
  const plan = resolve(rest, facts)
  const state = await lookAgain(binding, facts)
  const hash = planHash(plan, facts.run.id)
  const digest = createHash('sha256').update(JSON.stringify(state)).update(hash).digest('hex')
  const phrase = [...binding.words(facts), `${digest.slice(0, 4)}-${digest.slice(4, 8)}`].join(' ')
  return { phrase, state, plan, hash }
}

export async function lookAgain(binding: Binding<Facts>, facts: Facts): Promise<Record<string, string>> {
  const looks = binding.looks(facts)
  const outputs = await Promise.all(looks.map(look => exec(look, { cwd: facts.target.root })))
  return binding.derive(outputs, facts)
}

/** Throws when the world is not the confirmed one any more, with the difference; nothing was changed. */
export function refuseChanged(before: Record<string, string>, now: Record<string, string>): void {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)])
  const changed = [...keys].filter(key => before[key] !== now[key])
  if (changed.length === 0) return
  throw new Problem('the target changed after it was confirmed; nothing was changed by this run', {
    exitCode: EXIT.declined,
    hint: 'find out who else works on it, then look at the plan again with --resume',
    tail: changed.flatMap(key => [
      `${key} was: ${before[key] ?? 'nothing'}`,
      `${key} is:  ${now[key] ?? 'nothing'}`,
    ]),
  })
}

/** The summary above the confirmation; after a resume only what is left of the plan counts. */
export function planSummary(
  binding: Binding<Facts>,
  agreement: Agreement,
  facts: Facts,
  elapsedMs: number,
  isDone: (path: string) => boolean = () => false,
): string {
  const all = [...commandsOf(agreement.plan)]
  const commands = all.filter(item => !isDone(item.path))
  const before = all.length - commands.length
  const writes = commands.filter(item => item.effect === 'write')
  const needed = binding.estimate(facts) * 1000
  const { rtoMinutes } = facts.store ?? facts.target
  const left = rtoMinutes * 60_000 - elapsedMs
  const fits = needed <= left
  const time = `about ${duration(needed)}; ${clock(Math.max(0, left))} left of the RTO of ${rtoMinutes}:00`
  return [
    `${commands.length} commands, ${writes.length} change something${before > 0 ? `; ${before} were done before` : ''}`,
    `time      ${fits ? time : style.bad(`${time}: this will miss it`)}`,
    ...binding.facts(facts),
    '',
    ...writes.map(item => `! ${item.say}`),
  ].join('\n')
}
