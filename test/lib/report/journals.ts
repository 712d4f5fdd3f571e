import { type Event, type Recorded, readJournal } from '../../../lib/journal.ts'
import type { Annotation } from '../../../lib/report/annotations.ts'
import type { Block, Report } from '../../../lib/report/model.ts'
import { reportOf } from '../../../lib/report/report.ts'

export type Journal = 'qdrant-corruption' | 'complete-failure'

/** Where journals lie as they are written in runs, made small. */
export const JOURNALS = 'test/fixtures/journals'

export function journal(name: Journal): Recorded[] {
  return readJournal(`${JOURNALS}/${name}`)
}

/** Events of one second each, for what the journals do not have. */
export function events(...some: Event[]): Recorded[] {
  return some.map((event, n) => ({ at: new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString(), ...event }))
}

/** The lines of a section as text: facts as they are, rows with bars between their cells, each with its sources. */
export function told(all: readonly Recorded[], section: string, said: readonly Annotation[] = []): string[] {
  return sectionOf(reportOf(all, said), section).flatMap(lines)
}

function sectionOf({ sections }: Report, id: string): readonly Block[] {
  const found = sections.find(section => section.id === id)
  if (!found) throw new Error(`the report has no section ${id}`)
  return found.blocks
}

function lines(block: Block): string[] {
  switch (block.kind) {
    case 'facts':
      return block.facts.map(({ text, lines, notes = [] }) => [text, ...notes, `[${lines}]`].join(' '))
    case 'table':
      return block.rows.map(({ cells, lines }) => {
        const text = cells.map(cell => (typeof cell === 'string' ? cell : cell.code))
        return `${text.join(' | ')} [${lines}]`
      })
    case 'lanes':
      return block.runs.map(({ rows }) => rows.map(({ doing, lane }) => `${lane}:${doing}`).join(' '))
    case 'log':
      return block.lines.map(({ line, text, hidden }) => `${line} ${text}${hidden ? ' (hidden)' : ''}`)
  }
}
