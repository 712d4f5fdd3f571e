import type { Recorded } from '../lib/journal.ts'
import { Problem, problemLines } from '../lib/problem.ts'
import type { Target } from '../lib/target.ts'
import type { Failure } from './activity.ts'
import type { Choice } from './model.ts'
import { Talk } from './pair.ts'
import type { Done } from './writes.ts'

type Escalation = Target['escalation']

const DIAGNOSE = 'What may be behind it, in another terminal: npx tsx tools/diagnose.ts (changes nothing)'

/** What a person needs to decide after a failure: what failed, what is in effect, who to call. */
export function holdLines(failure: Failure, done: readonly Done[], escalation: Escalation): string[] {
  const effects = done.map(write => `  ${write.say}`).reverse()
  const lines = [
    ...problemLines(failure.cause),
    ...(failure.trouble && !saysIt(failure.cause, failure.trouble) ? ['', failure.trouble] : []),
    ...(effects.length > 0 ? ['', 'Done so far, newest first:', ...effects] : []),
  ]
  // Nothing has gone wrong yet that a third person would have to know.
  if (failure instanceof Talk) return lines
  return [...lines, '', DIAGNOSE, 'Who to call next:', ...contacts(escalation)]
}

/** What the driver can choose; the first is what a finger that slips takes. */
export function holdChoices(failure: Failure, done: number): Choice[] {
  const stop = {
    value: 'stop',
    label: 'leave everything as it is and stop',
    hint: '--resume goes on from here',
  }
  const undo = { value: 'undo', label: `undo what was done (${done})` }
  if (!(failure instanceof Talk)) return [stop, { value: 'retry', label: 'try this command again' }, undo]
  if (failure.about === 'difference')
    return [stop, { value: 'talked', label: 'we have talked about it: go on' }, undo]
  const wait = { value: 'retry', label: 'wait for the navigator again' }
  return [wait, { value: 'alone', label: 'go on alone, without predictions' }, undo, stop]
}

/** The last words of a run that stops: why, and how to take back what it did. */
export function stopLines(
  cause: unknown,
  failure: Failure | undefined,
  events: readonly Recorded[],
  escalation: Escalation,
): string[] {
  const undo = undoCommands(events).map(command => `  ${command}`)
  return [
    ...(failure ? [`while trying to: ${failure.say}`] : []),
    ...problemLines(cause),
    ...(undo.length > 0 ? ['To undo what was done:', ...undo] : []),
    ...(failure ? [DIAGNOSE, 'Who to call next:', ...contacts(escalation)] : []),
  ]
}

/** A failed check has the step's own advice as its hint already. */
function saysIt(cause: unknown, trouble: string): boolean {
  return cause instanceof Problem && cause.hint === trouble
}

function contacts(escalation: Escalation): string[] {
  return escalation.map(({ level, role, contact }) => `  level ${level}: ${role}, ${contact}`)
}

/** The undo commands of everything begun and not undone, newest first, as they would be typed. */
function undoCommands(events: readonly Recorded[]): string[] {
  const undone = new Set<string>()
  const commands: string[] = []
  for (const event of [...events].reverse()) {
    if (event.kind === 'undone') undone.add(event.path)
    if ((event.kind === 'started' || event.kind === 'adopted') && event.undo && !undone.has(event.path))
      commands.push(event.undo)
  }
  return commands
}
