import { duration } from '../format.ts'
import { sentence } from '../journal.ts'
import type { Annotations } from './annotations.ts'
import { type Fact, type Line, type Tone, when } from './model.ts'

/** What happened, in the order in which it did, as far as it is worth telling; a person can pin more and hide some. */
export function timeline(lines: readonly Line[], annotations: Annotations): Fact[] {
  return lines
    .filter(event => annotations.shows(event.line, isWorthTelling(event)))
    .map(event => {
      const tone = toneOf(event)
      return {
        text: `${when(event.at)} ${told(event)}`,
        lines: [event.line],
        notes: annotations.notes(event.line),
        ...(tone ? { tone } : {}),
      }
    })
}

/** Looks and proofs stand in sections of their own; here is what changed something, or did not go as it should. */
function isWorthTelling(event: Line): boolean {
  switch (event.kind) {
    case 'started':
    case 'command':
    case 'planned':
    case 'asked':
    case 'skipped':
      return false
    case 'answered':
      return event.path !== 'confirm'
    case 'finished':
      return event.effect === 'write'
    case 'checked':
      return event.verdict !== 'proven'
    default:
      return true
  }
}

function toneOf(event: Line): Tone | undefined {
  switch (event.kind) {
    case 'failed':
      return 'bad'
    case 'interrupted':
    case 'undone':
      return 'warn'
    case 'compared':
      return event.agrees ? undefined : 'bad'
    case 'checked':
      return event.verdict === 'proven' ? 'good' : event.verdict === 'expected loss' ? 'warn' : 'bad'
    case 'closed':
      return event.exitCode === 0 ? 'good' : 'bad'
    default:
      return undefined
  }
}

function told(event: Line): string {
  if (event.kind === 'failed') return `FAILED: ${event.say}: ${event.problem[0]}`
  if (event.kind === 'finished') return `${event.say} (${duration(event.ms)})`
  return sentence(event).trim()
}
