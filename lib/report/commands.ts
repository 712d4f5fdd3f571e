import type { Effect } from '../journal.ts'
import type { Line, Of } from './model.ts'

/** A command of the journal and how it ended. */
export interface CommandRun {
  at: string
  path: string
  say: string
  effect: Effect
  command: string
  undo: string | undefined
  /** A verdict for checks; nobody saw the end of an `unknown` one. */
  outcome: 'done' | 'failed' | 'taken back' | 'unknown' | string
  exitCode: number | undefined
  /** Milliseconds; of a failed one from its begin to its failure. */
  ms: number | undefined
  lines: number[]
}

/** Every command in the order in which they were begun. */
export function commandRuns(lines: readonly Line[]): CommandRun[] {
  const runs: CommandRun[] = []
  /** By path: the command that an end belongs to. */
  const last = new Map<string, CommandRun>()
  for (const event of lines) {
    if (event.kind === 'started') {
      const run = begun(event)
      runs.push(run)
      last.set(event.path, run)
    } else if (event.kind === 'adopted') {
      const by = { ...begun({ ...event, kind: 'started', effect: 'write' }), outcome: 'done by hand' }
      runs.push(by)
      last.set(event.path, by)
    } else if ('path' in event) {
      const run = last.get(event.path)
      if (run) end(run, event)
    }
  }
  return runs
}

function begun(event: Of<'started'>): CommandRun {
  const { at, path, say, effect, command, undo, line } = event
  return {
    at,
    path,
    say,
    effect,
    command,
    undo,
    outcome: 'unknown',
    exitCode: undefined,
    ms: undefined,
    lines: [line],
  }
}

function end(run: CommandRun, event: Line): void {
  if (event.kind === 'finished')
    Object.assign(run, { outcome: 'done', exitCode: event.exitCode, ms: event.ms })
  else if (event.kind === 'checked')
    Object.assign(run, { outcome: event.verdict, exitCode: event.exitCode, ms: event.ms })
  else if (event.kind === 'failed' && run.outcome === 'unknown') {
    const ms = Date.parse(event.at) - Date.parse(run.at)
    Object.assign(run, { outcome: 'failed', exitCode: exitCodeIn(event.problem), ms })
  } else if (event.kind === 'undone') run.outcome = 'taken back'
  else return
  run.lines.push(event.line)
}

/** A problem names the exit code of its program behind the command. */
function exitCodeIn(problem: readonly string[]): number | undefined {
  const line = problem.find(one => one.startsWith('command: '))
  const code = /\(exit code (\d+)\)$/.exec(line ?? '')?.[1]
  return code === undefined ? undefined : Number(code)
}
