import type { Annotations } from './annotations.ts'
import { inQuarantine } from './changes.ts'
import { checksMade, isOpen } from './checks.ts'
import { commandRuns } from './commands.ts'
import type { Fact, Line } from './model.ts'
import { status } from './summary.ts'

/** What is left to do, the most urgent first. */
export function actions(lines: readonly Line[], annotations: Annotations): Fact[] {
  return [
    ...unfinished(lines),
    ...unknownEnds(lines),
    ...openChecks(lines),
    ...annotations.actions.map(({ line, text, by }): Fact => ({ text: `${text} (${by})`, lines: [line] })),
    ...losses(lines),
    ...inQuarantine(lines).map(({ text, line }): Fact => ({ text, lines: [line] })),
  ]
}

function unfinished(lines: readonly Line[]): Fact[] {
  const { tone, lines: sources } = status(lines)
  const scenario = lines.find(event => event.kind === 'opened')?.scenario
  if (tone === 'good' || scenario === undefined) return []
  return [{ text: `Go on with it: npx tsx scenarios/${scenario}.ts --resume`, lines: sources, tone: 'bad' }]
}

function unknownEnds(lines: readonly Line[]): Fact[] {
  return commandRuns(lines)
    .filter(({ effect, outcome }) => effect === 'write' && outcome === 'unknown')
    .map(({ say, lines }) => ({ text: `Find out whether this happened: ${say}`, lines, tone: 'bad' }))
}

function openChecks(lines: readonly Line[]): Fact[] {
  return checksMade(lines)
    .filter(isOpen)
    .map(({ last, lines }) => ({
      text: `Check again (${last.verdict}): ${last.check}: ${last.found}`,
      lines,
      tone: 'bad',
    }))
}

function losses(lines: readonly Line[]): Fact[] {
  return checksMade(lines)
    .filter(({ last }) => last.verdict === 'expected loss')
    .map(({ last, lines }) => ({
      text: `Repair what was lost: ${last.check}: ${last.found}`,
      lines,
      tone: 'warn',
    }))
}
