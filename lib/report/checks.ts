import { laneOf } from '../path.ts'
import { type CheckMade, checkOf, isPassed } from '../validation-report.ts'
import { all, type Line } from './model.ts'

/** A check as it came out last; one that was made again has more lines and earlier verdicts. */
export interface CheckOnce {
  path: string
  last: CheckMade
  earlier: readonly string[]
  lines: readonly number[]
}

/** Every check once, in the order of the first time; also those that did not apply. */
export function checksMade(lines: readonly Line[]): CheckOnce[] {
  const found = new Map<string, CheckOnce>()
  for (const event of lines) {
    if (event.kind !== 'checked' && event.kind !== 'skipped') continue
    const last = checkOf(event, laneOf(event.path))
    const key = `${event.path} ${event.say}`
    const before = found.get(key)
    const earlier = before ? [...before.earlier, before.last.verdict] : []
    if (last)
      found.set(key, { path: event.path, last, earlier, lines: [...(before?.lines ?? []), event.line] })
  }
  return [...found.values()]
}

/** Failed, or could not be checked, which is never a pass. */
export function isOpen({ last }: CheckOnce): boolean {
  return !isPassed(last) && last.verdict !== 'skipped'
}

/** Something that was wrong before anything was changed. */
export interface FoundWrong {
  lane: string
  sentence: string
  lines: number[]
}

/** What looking at the stores has found; a look that is made again finds the same once more. */
export function foundWrong(lines: readonly Line[]): FoundWrong[] {
  const found = new Map<string, FoundWrong>()
  for (const event of all(lines, 'finished')) {
    for (const sentence of sentencesOf(event.learned)) {
      const known = found.get(sentence)
      if (known) known.lines.push(event.line)
      else found.set(sentence, { lane: laneOf(event.path), sentence, lines: [event.line] })
    }
  }
  return [...found.values()]
}

/** Facts are free in their form: only what looks like findings is one. */
function sentencesOf(learned: Record<string, unknown> | undefined): string[] {
  const findings = learned?.findings
  if (!Array.isArray(findings)) return []
  return findings.flatMap((one: unknown) => {
    const sentence = (one as { sentence?: unknown } | null)?.sentence
    return typeof sentence === 'string' ? [sentence] : []
  })
}
