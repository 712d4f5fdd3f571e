import { laneOf } from '../path.ts'
import { all, type Line, type Of } from './model.ts'

/** A check by its last verdict; one that was made again has more lines and more verdicts. */
export interface CheckMade {
  last: Of<'checked'>
  earlier: readonly string[]
  lines: readonly number[]
}

/** Every check once, in the order of the first time. */
export function checksMade(lines: readonly Line[]): CheckMade[] {
  const byPath = new Map<string, Of<'checked'>[]>()
  for (const event of all(lines, 'checked'))
    byPath.set(event.path, [...(byPath.get(event.path) ?? []), event])
  return [...byPath.values()].map(made => ({
    last: made.at(-1)!,
    earlier: made.slice(0, -1).map(({ verdict }) => verdict),
    lines: made.map(({ line }) => line),
  }))
}

/** `unchecked` is never a pass. */
export function isPassed({ last }: CheckMade): boolean {
  return last.verdict === 'proven' || last.verdict === 'expected loss'
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
