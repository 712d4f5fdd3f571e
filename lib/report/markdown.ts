import { duration } from '../format.ts'
import { took } from './lanes.ts'
import type { Block, Code, Fact, LaneChart, Report, Row } from './model.ts'

/** The report as it is read in a terminal or an issue. */
export function markdown({ incident, status, sections }: Report): string {
  const head = [`# Incident ${incident}`, '', `${plain(status.text)}${source(status.lines)}`]
  // The raw log lies beside it as a file, and is only carried along where nothing else is.
  const told = sections.filter(({ id }) => id !== 'log')
  const body = told.flatMap(({ title, intro, blocks }) => [
    '',
    `## ${title}`,
    ...(intro ? ['', intro] : []),
    ...blocks.flatMap(block => ['', ...blockLines(block)]),
  ])
  return `${[...head, ...body].join('\n').replace(/\n{3,}/g, '\n\n')}\n`
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'facts':
      return block.facts.length === 0
        ? block.none
          ? [`- ${block.none}`]
          : []
        : block.facts.flatMap(factLines)
    case 'table':
      if (block.rows.length === 0) return [`- ${block.none}`]
      // A pipe in a command would have to be escaped in a table, and could not be copied from it.
      return block.rows.some(({ cells }) => cells.some(isCode))
        ? block.rows.flatMap(listed)
        : tableLines(block)
    case 'lanes':
      return block.runs.flatMap(laneLines)
    case 'log':
      return []
  }
}

function factLines({ text, lines, notes = [] }: Fact): string[] {
  return [`- ${plain(text)}${source(lines)}`, ...notes.map(note => `  - ${plain(note)}`)]
}

function isCode(cell: string | Code): cell is Code {
  return typeof cell !== 'string'
}

function listed({ cells, lines }: Row): string[] {
  const text = cells.flatMap(cell => (isCode(cell) || cell === '' ? [] : [plain(cell)])).join(' · ')
  const codes = cells.filter(isCode)
  return [
    `- ${text}${source(lines)}`,
    ...codes.flatMap(({ code: command, undo }) => [
      `  - ${code(command)}`,
      ...(undo ? [`  - undo: ${code(undo)}`] : []),
    ]),
  ]
}

function tableLines({ head, rows }: Extract<Block, { kind: 'table' }>): string[] {
  const sourced = rows.some(({ lines }) => lines.length > 0)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const all = [...head, ...(sourced ? ['source'] : [])]
  return [
    line(all),
    line(all.map(() => '---')),
    ...rows.map(({ cells, lines }) =>
      line([
        ...cells.map(cell => (isCode(cell) ? code(cell.code) : plain(cell))),
        ...(sourced ? [refs(lines)] : []),
      ]),
    ),
  ]
}

/** What the chart of the page shows, in figures. */
function laneLines({ begin, end, rows }: LaneChart): string[] {
  const run = `${stamp(begin)} to ${stamp(end)} UTC (${duration(end - begin)})`
  const sums = rows.map(({ doing, lane, spans }) => {
    const ms = spans.reduce((sum, span) => sum + span.end - span.begin, 0)
    return `${lane ? `${lane} ` : ''}${doing} ${took(ms)}`
  })
  return [`- ${run}: ${sums.join(' · ')}`]
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

function source(lines: readonly number[]): string {
  return lines.length === 0 ? '' : ` (${refs(lines)})`
}

function refs(lines: readonly number[]): string {
  return lines.map(line => `journal:${line}`).join(', ')
}

/** Text of the world: nothing in it is markup. Underscores stay, so that names can be read. */
export function plain(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\\`*<|[\]]/g, '\\$&')
    .replace(/^(#|>)/, '\\$1')
}

/** Code in as many backticks as it does not hold itself. */
export function code(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ')
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(run => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${line}${pad}${fence}`
}
