import type { Recorded } from '../journal.ts'
import type { Span } from '../spent.ts'

/** An event and its line in journal.jsonl, from 1 on. */
export type Line = Recorded & { line: number }
export type Of<K extends Recorded['kind']> = Extract<Line, { kind: K }>

/** How a fact is marked; the words say it too. */
export type Tone = 'good' | 'bad' | 'warn'

/** One sentence of a report, and the lines of the journal that it rests on. */
export interface Fact {
  text: string
  lines: readonly number[]
  tone?: Tone
  /** What people have added to it. */
  notes?: readonly string[]
}

/** Text that is shown as code. */
export interface Code {
  code: string
  /** The command that takes it back. */
  undo?: string
}

export interface Row {
  cells: readonly (string | Code)[]
  lines: readonly number[]
  tone?: Tone
}

/** `none` is what stands there when there is nothing to tell. */
export type Block =
  | { kind: 'facts'; facts: readonly Fact[]; none: string }
  | { kind: 'table'; head: readonly string[]; rows: readonly Row[]; none: string }
  | { kind: 'lanes'; runs: readonly LaneChart[] }
  | { kind: 'log'; lines: readonly { line: number; at: string; text: string; hidden: boolean }[] }

export interface Section {
  id: string
  title: string
  /** A sentence on how to read it. */
  intro?: string
  blocks: readonly Block[]
}

/** A figure that stands above all: what it is, how much, and what it is held against. */
export interface Tile {
  name: string
  value: string
  beside: string
  lines: readonly number[]
  tone?: Tone
}

/** All that is told of an incident; the renderers add nothing to it. */
export interface Report {
  incident: string
  scenario: string
  status: Fact
  tiles: readonly Tile[]
  sections: readonly Section[]
}

/** One run, from its begin or resume to its end: who was busy with what, and when. */
export interface LaneChart {
  /** Milliseconds since 1970. */
  begin: number
  end: number
  /** When the RTO ends, where that is within the run. */
  deadline?: number
  rows: readonly { doing: Span['doing']; lane: string; spans: readonly Span[] }[]
}

/** The events with their lines; a journal has one a line and no others. */
export function numbered(events: readonly Recorded[]): Line[] {
  return events.map((event, index) => ({ ...event, line: index + 1 }))
}

export function all<L extends Recorded, K extends Recorded['kind']>(lines: readonly L[], kind: K) {
  return lines.filter((line): line is Extract<L, { kind: K }> => line.kind === kind)
}

/** What was answered, or anything else of JSON, in words. */
export function words(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** 2026-11-23T02:14:05.120Z → "2026-11-23 02:14:05". */
export function when(at: string): string {
  return at.slice(0, 19).replace('T', ' ')
}
