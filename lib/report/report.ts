import { type Recorded, sentence, withoutSecrets } from '../journal.ts'
import { laneOf } from '../path.ts'
import { masked } from '../secret.ts'
import { actions } from './actions.ts'
import { type Annotation, Annotations } from './annotations.ts'
import { changes, repaired } from './changes.ts'
import { type CheckOnce, checksMade, foundWrong } from './checks.ts'
import { type CommandRun, commandRuns } from './commands.ts'
import { decisions, handovers, predictions } from './decisions.ts'
import { laneCharts, TIMES_HEAD, timesRows, took } from './lanes.ts'
import {
  all,
  type Block,
  type Fact,
  type Line,
  numbered,
  type Report,
  type Row,
  type Tone,
  when,
} from './model.ts'
import { impact, lost, status, summary } from './summary.ts'
import { tiles } from './tiles.ts'
import { timeline } from './timeline.ts'

/** What a journal tells, for people: facts only, each with the lines that it rests on. */
export function reportOf(events: readonly Recorded[], said: readonly Annotation[] = []): Report {
  const lines = numbered(events.map(withoutSecrets))
  const annotations = new Annotations(masked(said))
  const opened = all(lines, 'opened')[0]
  return {
    incident: opened?.incident ?? '',
    scenario: opened?.scenario ?? '',
    status: status(lines),
    tiles: tiles(lines),
    sections: [
      { id: 'summary', title: 'Summary', blocks: [facts(summary(lines), 'nothing has happened yet')] },
      {
        id: 'impact',
        title: 'Impact',
        blocks: [facts(impact(lines), 'nothing was told and nothing was found')],
      },
      {
        id: 'lost',
        title: 'What was lost, and what was repaired',
        blocks: [
          facts(lost(lines), 'nothing was lost, as far as it was checked'),
          facts(repaired(lines), ''),
        ],
      },
      {
        id: 'actions',
        title: 'Actions to follow',
        blocks: [facts(actions(lines, annotations), 'nothing is left to do')],
      },
      ...passages(lines, annotations),
      ...evidence(lines, annotations),
    ],
  }
}

function facts(some: readonly Fact[], none: string): Block {
  return { kind: 'facts', facts: some, none }
}

function table(head: readonly string[], rows: readonly Row[], none: string): Block {
  return { kind: 'table', head, rows, none }
}

/** How it went. */
function passages(lines: readonly Line[], annotations: Annotations): Report['sections'] {
  return [
    {
      id: 'timeline',
      title: 'Timeline',
      intro: 'Times are UTC. Looks and proofs that went well stand in sections of their own below.',
      blocks: [{ kind: 'lanes', runs: laneCharts(lines) }, facts(timeline(lines, annotations), 'nothing')],
    },
    {
      id: 'time',
      title: 'Where the time went',
      intro: 'Stores that ran side by side are counted each; what nobody measured is in none of the columns.',
      blocks: [table(TIMES_HEAD, timesRows(lines), 'nothing was measured')],
    },
    {
      id: 'decisions',
      title: 'Decisions',
      blocks: [
        table(['when', 'question', 'decision', 'reason', 'took'], decisions(lines, annotations), 'none'),
      ],
    },
    {
      id: 'predictions',
      title: 'Predictions',
      blocks: [
        table(
          ['write', 'touches', 'why it is done', 'by', 'expected', 'seen', 'verdict'],
          predictions(lines),
          'nobody was asked to predict',
        ),
      ],
    },
    {
      id: 'handovers',
      title: 'Handovers and interruptions',
      blocks: [table(['when', 'what', 'note'], handovers(lines), 'none')],
    },
  ]
}

/** What it rests on. */
function evidence(lines: readonly Line[], annotations: Annotations): Report['sections'] {
  return [
    {
      id: 'validation',
      title: 'Validation before and after',
      blocks: [
        table(['stores', 'wrong before'], foundWrong(lines).map(wrongRow), 'nothing was found wrong'),
        table(
          ['stores', 'checked after', 'expected', 'found', 'verdict'],
          checksMade(lines).map(checkRow),
          'nothing was checked',
        ),
      ],
    },
    {
      id: 'changes',
      title: 'What was changed',
      intro: 'The newest first, which is the order in which it is taken back.',
      blocks: [table(['state', 'what', 'command'], changes(lines), 'nothing')],
    },
    {
      id: 'commands',
      title: 'Every command',
      blocks: [
        table(
          ['when', 'what', 'command', 'exit code', 'took', 'outcome'],
          commandRuns(lines).map(commandRow),
          'none was run',
        ),
      ],
    },
    {
      id: 'log',
      title: 'Raw log',
      intro: 'Every line of journal.jsonl, in words. The numbers in this report are those of its lines.',
      blocks: [{ kind: 'log', lines: lines.map(line => logLine(line, annotations)) }],
    },
  ]
}

function wrongRow({ lane, sentence, lines }: ReturnType<typeof foundWrong>[number]): Row {
  return { cells: [lane, sentence], lines, tone: 'bad' }
}

const QUIET = ['proven', 'skipped']

function checkRow({ last, earlier, lines }: CheckOnce): Row {
  const { store, check, expected = '', found, verdict } = last
  const before = earlier.length === 0 ? '' : ` (before: ${earlier.join(', ')})`
  const tone: Tone = verdict === 'expected loss' ? 'warn' : 'bad'
  const row = { cells: [store, check, expected, found, `${verdict}${before}`], lines }
  return QUIET.includes(verdict) ? row : { ...row, tone }
}

function commandRow({ at, say, path, command, exitCode, ms, outcome, lines }: CommandRun): Row {
  const lane = laneOf(path)
  const cells = [
    when(at),
    lane ? `${lane}: ${say}` : say,
    { code: command },
    exitCode === undefined ? '' : `exit ${exitCode}`,
    ms === undefined ? '' : took(ms),
    outcome,
  ]
  return { cells, lines, ...(outcome === 'failed' || outcome === 'unknown' ? { tone: 'bad' } : {}) }
}

function logLine(event: Line, annotations: Annotations) {
  const { line, at } = event
  return { line, at, text: `${event.kind} · ${sentence(event).trim()}`, hidden: annotations.isHidden(line) }
}
