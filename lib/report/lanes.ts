import { bytes, clock } from '../format.ts'
import { laneOf } from '../path.ts'
import { DOINGS, type Span, spans, times } from '../spent.ts'
import type { LaneChart, Line, Row } from './model.ts'
import { when } from './model.ts'
import { rtoClock } from './summary.ts'

/** A chart of each run: an incident that is resumed the next morning would be a line with two dots. */
export function laneCharts(lines: readonly Line[]): LaneChart[] {
  const { from, minutes } = rtoClock(lines)
  const deadline = minutes === undefined ? Number.NaN : from + minutes * 60_000
  const all = spans(lines)
  return runsOf(lines).flatMap(({ first, last }) => {
    const own = all.filter(({ index }) => index >= first && index <= last)
    if (own.length === 0) return []
    const begin = Math.min(Date.parse(lines[first]!.at), ...own.map(span => span.begin))
    const end = Math.max(Date.parse(lines[last]!.at), ...own.map(span => span.end))
    const late = deadline > begin && deadline < end
    return [{ begin, end, ...(late ? { deadline } : {}), rows: rowsOf(own) }]
  })
}

/** Indexes of the first and the last event of each run. */
function runsOf(lines: readonly Line[]): { first: number; last: number }[] {
  const begins = lines.flatMap(({ kind }, index) => (index === 0 || kind === 'resumed' ? [index] : []))
  return begins.map((first, n) => ({ first, last: (begins[n + 1] ?? lines.length) - 1 }))
}

/** First what concerns all, then each lane of stores that ran beside others. */
function rowsOf(own: readonly Span[]): LaneChart['rows'] {
  const lanes = [...new Set(own.map(({ path }) => laneOf(path)))].sort()
  return lanes.flatMap(lane =>
    DOINGS.map(doing => ({
      doing,
      lane,
      spans: own.filter(span => span.doing === doing && laneOf(span.path) === lane),
    })).filter(row => row.spans.length > 0),
  )
}

export const TIMES_HEAD = ['step', 'stores', 'from', 'to', ...DOINGS, 'moved']

/** The figures behind the chart. */
export function timesRows(lines: readonly Line[]): Row[] {
  return times(lines).map(({ step, lane, begin, end, ms, bytes: size, indexes }) => ({
    cells: [
      step,
      lane,
      when(begin),
      when(end),
      ...DOINGS.map(doing => (ms[doing] === 0 ? '' : took(ms[doing]))),
      size === 0 ? '' : bytes(size),
    ],
    lines: [...new Set(indexes)].map(index => index + 1),
  }))
}

/** Milliseconds → "3.7 s", "02:10". */
export function took(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clock(ms)
}
