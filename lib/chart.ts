import { type Html, html } from './html.ts'

/** A piece of a row; `from` and `to` are shares of the width of the chart, 0 to 1. */
export interface Bar {
  from: number
  to: number
  /** Class names of lib/html-style.ts. */
  look: string
  /** Shown when one points at it. */
  title: string
}

export interface ChartRow {
  label: string
  /** At the other end of the same line: the figure. */
  figure: string
  bars: readonly Bar[]
}

export interface Chart {
  /** For who cannot see it. */
  title: string
  rows: readonly ChartRow[]
  /** Along the bottom. */
  ticks: readonly { at: number; text: string }[]
  /** A moment that matters, across all rows. */
  mark?: { at: number; text: string }
}

/** Heights in CSS pixels: a label, its bar below, the axis. */
const ROW = 34
const BAR = 12
const AXIS = 22
/** More characters would meet the figure on a telephone. */
const LABEL = 34
/** A second of an hour is still seen, and still inside. */
const THINNEST = 0.004

/**
 * Rows of bars as SVG. Widths are shares and heights are pixels, so that it fits any page and its text stays as
 * large as the rest.
 */
export function barChart({ title, rows, ticks, mark }: Chart): Html {
  const top = mark ? AXIS : 0
  const bottom = top + rows.length * ROW
  return html`<svg class="chart" height="${bottom + AXIS}" role="img" aria-label="${title}">
${ticks.map(tick => line(tick.at, top, bottom, 'grid'))}
${rows.map((row, index) => rowOf(row, top + index * ROW))}
${mark ? html`${line(mark.at, top, bottom, 'mark')}${label(mark, top - 7, 'late')}` : ''}
${ticks.map(tick => label(tick, bottom + 16, 'quiet'))}
</svg>`
}

function rowOf({ label, figure, bars }: ChartRow, y: number): Html {
  const short = label.length > LABEL ? `${label.slice(0, LABEL - 1)}…` : label
  return html`<g class="row"><text x="0" y="${y + 13}">${short}<title>${label}</title></text>
<text x="100%" y="${y + 13}" text-anchor="end" class="quiet">${figure}</text>
<rect class="track" x="0" y="${y + 17}" width="100%" height="${BAR}"/>
${bars.map(bar => barOf(bar, y + 17))}</g>
`
}

function barOf({ from, to, look, title }: Bar, y: number): Html {
  const width = Math.min(1, Math.max(to - from, THINNEST))
  const x = Math.max(0, Math.min(from, 1 - width))
  return html`<rect class="bar ${look}" x="${percent(x)}" y="${y}" width="${percent(width)}" height="${BAR}"><title>${title}</title></rect>`
}

function line(at: number, top: number, bottom: number, look: string): Html {
  return html`<line class="${look}" x1="${percent(at)}" x2="${percent(at)}" y1="${top}" y2="${bottom}"/>`
}

/** Text at an edge stays inside. */
function label({ at, text }: { at: number; text: string }, y: number, look: string): Html {
  const anchor = at < 0.15 ? 'start' : at > 0.85 ? 'end' : 'middle'
  return html`<text x="${percent(at)}" y="${y}" text-anchor="${anchor}" class="${look}">${text}</text>`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`
}

/** What the colours mean; each bar says it too when one points at it. */
export function legend(looks: readonly { look: string; text: string }[]): Html {
  const each = looks.map(
    ({ look, text }) =>
      html`<span><svg aria-hidden="true"><rect class="${look}" width="11" height="11"/></svg>${text}</span>`,
  )
  return html`<p class="legend">${each}</p>`
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400].map(
  seconds => seconds * 1000,
)

/** Round distances for an axis of this many milliseconds: four at most, or their labels meet on a telephone. */
export function stepOfAxis(ms: number): number {
  return STEPS_MS.find(step => ms / step <= 4) ?? Math.ceil(ms / 4 / 86_400_000) * 86_400_000
}
