import { barChart, type ChartRow, legend, stepOfAxis } from '../chart.ts'
import { duration } from '../format.ts'
import { type Html, html } from '../html.ts'
import { DOINGS } from '../spent.ts'
import { took } from './lanes.ts'
import type { LaneChart } from './model.ts'

/** What was done when, a row for each kind of doing and each lane of stores; below it what the colours mean. */
export function laneChart(run: LaneChart): Html {
  const { begin, end, rows, deadline } = run
  const whole = Math.max(1, end - begin)
  const share = (ms: number) => (ms - begin) / whole
  const chart = barChart({
    title: `what was done from ${clockOf(begin)} to ${clockOf(end)} UTC`,
    rows: rows.map(row => rowOf(row, share)),
    ticks: ticksOf(begin, end).map(ms => ({ at: share(ms), text: clockOf(ms) })),
    ...(deadline === undefined ? {} : { mark: { at: share(deadline), text: 'RTO' } }),
  })
  const looks = DOINGS.filter(doing => rows.some(row => row.doing === doing))
  const failed = rows.some(row => row.spans.some(span => span.failed))
  return html`<h3>${new Date(begin).toISOString().slice(0, 10)}, ${clockOf(begin)} to ${clockOf(end)} UTC (${duration(end - begin)})</h3>
${chart}
${legend([...looks.map(look => ({ look, text: look })), ...(failed ? [{ look: 'failed act', text: 'failed' }] : [])])}`
}

function rowOf({ doing, lane, spans }: LaneChart['rows'][number], share: (ms: number) => number): ChartRow {
  return {
    label: lane ? `${lane}: ${doing}` : doing,
    figure: took(spans.reduce((sum, { begin, end }) => sum + end - begin, 0)),
    bars: spans.map(({ begin, end, say, failed, index }) => ({
      from: share(begin),
      to: share(end),
      look: failed ? `failed ${doing}` : doing,
      title: `${say}: ${took(end - begin)}${failed ? ', failed' : ''} (journal:${index + 1})`,
    })),
  }
}

function ticksOf(begin: number, end: number): number[] {
  const step = stepOfAxis(end - begin)
  const ticks: number[] = []
  for (let at = Math.ceil(begin / step) * step; at <= end; at += step) ticks.push(at)
  return ticks
}

function clockOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19)
}
