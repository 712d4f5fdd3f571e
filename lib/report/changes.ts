import { bytes } from '../format.ts'
import { laneOf } from '../path.ts'
import { type CommandRun, commandRuns } from './commands.ts'
import { all, type Fact, type Line, type Of, type Row } from './model.ts'

/** Every write, newest first: the order in which they are taken back. */
export function changes(lines: readonly Line[]): Row[] {
  return commandRuns(lines)
    .filter(({ effect }) => effect === 'write')
    .map(changeRow)
    .reverse()
}

function changeRow(run: CommandRun): Row {
  const { path, say, command, undo, outcome, lines } = run
  const lane = laneOf(path)
  return {
    cells: [outcome, lane ? `${lane}: ${say}` : say, { code: command, ...(undo ? { undo } : {}) }],
    lines,
    ...(outcome.startsWith('done') ? {} : { tone: outcome === 'taken back' ? 'warn' : 'bad' }),
  }
}

/** What was set aside and is there still, one per store. */
export function inQuarantine(lines: readonly Line[]): Of<'kept'>[] {
  const kept = new Map<unknown, Of<'kept'>>()
  for (const event of lines) {
    if (event.kind === 'kept') kept.set(event.what.store, event)
    if (event.kind === 'released') kept.delete(event.store)
  }
  return [...kept.values()]
}

/** What was brought back, moved aside and let go. */
export function repaired(lines: readonly Line[]): Fact[] {
  const moved = all(lines, 'finished').filter(event => event.effect === 'write' && event.bytes !== undefined)
  const released = all(lines, 'released')
  return [
    ...moved.map(({ say, bytes: size, line }) => ({ text: `${say}: ${bytes(size!)}`, lines: [line] })),
    ...all(lines, 'kept').map(({ text, line }) => ({ text, lines: [line] })),
    ...released.map(({ store, line }) => ({
      text: `released for good: what was kept of ${store}`,
      lines: [line],
    })),
    ...all(lines, 'undone').map(
      ({ say, line }): Fact => ({ text: `taken back: ${say}`, lines: [line], tone: 'warn' }),
    ),
  ]
}
