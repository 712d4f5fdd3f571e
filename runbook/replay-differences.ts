import type { Event } from '../lib/journal.ts'
import { masked } from '../lib/secret.ts'

/** Where today's code decides otherwise than the run that was recorded. */
export interface Difference {
  kind:
    | 'command'
    | 'new'
    | 'gone'
    | 'fact'
    | 'verdict'
    | 'answer'
    | 'plan'
    | 'world'
    | 'outcome'
    | 'kept'
    | 'open'
  path: string
  sentence: string
  was?: string
  is?: string
}

export type Finished = Extract<Event, { kind: 'finished' }>
export type Checked = Extract<Event, { kind: 'checked' }>

/** What was learned then and now, key by key. */
export function factDifferences(was: Finished, is: Finished): Difference[] {
  const [before, now] = [was.learned ?? {}, plain(is.learned ?? {})]
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  return keys
    .filter(key => text(before[key]) !== text(now[key]))
    .map(key => ({
      kind: 'fact',
      path: was.path,
      sentence: `${was.say}: "${key}" is learned otherwise`,
      ...around(text(before[key]), text(now[key])),
    }))
}

/** The verdict decides, and so do the figures in what was found; its words do not. */
export function verdictDifferences(was: Checked, is: Checked): Difference[] {
  const { path, say } = was
  if (was.verdict !== is.verdict)
    return [
      {
        kind: 'verdict',
        path,
        sentence: `${say}: another verdict`,
        was: `${was.verdict}: ${was.found}`,
        is: `${is.verdict}: ${is.found}`,
      },
    ]
  if (figures(was.found) === figures(is.found)) return []
  return [{ kind: 'verdict', path, sentence: `${say}: other figures`, was: was.found, is: is.found }]
}

/** What the world was bound to by the confirmation. */
export function worldDifferences(
  path: string,
  was: Record<string, string>,
  now: Record<string, string>,
): Difference[] {
  const is = plain(now)
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(key => was[key] !== is[key])
    .map(key => ({
      kind: 'world',
      path,
      sentence: `the confirmation is bound to another "${key}"`,
      ...around(text(was[key]), text(is[key])),
    }))
}

/** As it would stand in a journal. */
export function plain<T>(value: T): T {
  return masked(JSON.parse(JSON.stringify(value))) as T
}

export function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function figures(found: string): string {
  return found.match(/\d[\d.,:]*/g)?.join(' ') ?? ''
}

const BEFORE = 60
const MOST = 300

/** Two long texts from a little before the place where they part. */
export function around(was: string, is: string): { was: string; is: string } {
  let at = 0
  while (at < was.length && was[at] === is[at]) at++
  const from = at < 2 * BEFORE ? 0 : at - BEFORE
  const cut = (long: string) => {
    const part = long.slice(from, from + MOST)
    return `${from > 0 ? '… ' : ''}${part}${from + MOST < long.length ? ' …' : ''}`
  }
  return { was: cut(was), is: cut(is) }
}
