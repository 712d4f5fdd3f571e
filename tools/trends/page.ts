import { type Bar, barChart, type ChartRow, legend, stepOfAxis } from '../../lib/chart.ts'
import { clock, duration, plural } from '../../lib/format.ts'
import { type Html, html, page } from '../../lib/html.ts'
import { DOINGS } from '../../lib/spent.ts'
import type { Proof } from './evidence-age.ts'
import type { Run, Spent } from './runs.ts'

/** In the order in which a bar shows them; the look of a test is a colour of its own. */
const PARTS = [...DOINGS, 'test'] as const
const LOOKS = [...DOINGS.map(look => ({ look, text: look })), { look: 'age', text: 'restore test, whole' }]

/** So many bars can still be read; the table has all. */
const SHOWN = 40

/** The page of trends; `now` in milliseconds since 1970. */
export function trendsPage(
  platform: string,
  runs: readonly Run[],
  proofs: readonly Proof[],
  now: number,
): string {
  const newest = [...runs].sort((a, b) => b.at.localeCompare(a.at))
  const stores = [...new Set(newest.flatMap(run => Object.keys(run.stores)))].sort()
  const body = html`<header>
<h1>Recoveries of ${platform}</h1>
<p class="soft">Drawn ${minute(new Date(now).toISOString())} UTC from ${counted(newest)}.</p>
</header>
${evidenceSection(proofs, now)}
${durations('Every run, by what its time was spent on', newest, run => run.all)}
${stores.map(store => durations(`What ${store} took`, having(newest, store), run => run.stores[store]!))}`
  return page(`Recoveries of ${platform}`, body)
}

function counted(runs: readonly Run[]): string {
  const kinds = ['incident', 'drill', 'restore test'] as const
  return kinds.map(kind => plural(runs.filter(run => run.kind === kind).length, kind)).join(', ')
}

function having(runs: readonly Run[], store: string): Run[] {
  return runs.filter(run => run.stores[store])
}

function durations(title: string, runs: readonly Run[], spent: (run: Run) => Spent): Html {
  const section = (inside: Html) => html`<section><h2>${title}</h2>${inside}</section>
`
  if (runs.length === 0)
    return section(html`<p class="none">No run yet: <code>npm run drill</code> makes one.</p>`)
  const shown = runs.slice(0, SHOWN)
  const longest = Math.max(1, ...shown.map(run => sum(spent(run))))
  const left = runs.length - shown.length
  const rest =
    left === 0 ? '' : html`<p class="soft">${plural(left, 'older run')} only in the table below.</p>`
  return section(html`${barChart({
    title,
    rows: shown.map(run => runRow(run, spent(run), longest)),
    ticks: ticksTo(longest, clock),
  })}
${legend(LOOKS)}
${rest}
${durationTable(runs, spent)}`)
}

function runRow(run: Run, spent: Spent, longest: number): ChartRow {
  const bars: Bar[] = []
  let from = 0
  for (const part of PARTS) {
    const ms = spent[part] ?? 0
    if (ms === 0) continue
    const look = part === 'test' ? 'age' : part
    bars.push({ from: from / longest, to: (from + ms) / longest, look, title: `${part} ${clock(ms)}` })
    from += ms
  }
  return { label: `${minute(run.at)} ${run.about}`, figure: `${clock(from)} ${mark(run)}`, bars }
}

function mark({ outcome }: Run): string {
  return outcome === 'recovered' || outcome === 'passed' ? '✔' : outcome === 'failed' ? '✖' : '…'
}

function sum(spent: Spent): number {
  return PARTS.reduce((all, part) => all + (spent[part] ?? 0), 0)
}

function durationTable(runs: readonly Run[], spent: (run: Run) => Spent): Html {
  const head = ['when', 'kind', 'about', 'outcome', ...PARTS, 'together']
  return tableHtml(
    head,
    runs.map(run => {
      const figures = PARTS.map(part => (spent(run)[part] ? clock(spent(run)[part]!) : ''))
      return [minute(run.at), run.kind, run.about, run.outcome, ...figures, clock(sum(spent(run)))]
    }),
  )
}

function evidenceSection(proofs: readonly Proof[], now: number): Html {
  const ages = proofs.map(({ at }) => (at === undefined ? 0 : Math.max(0, now - Date.parse(at))))
  const oldest = Math.max(1, ...ages)
  const rows = proofs.map(({ store, at, by }, index): ChartRow => {
    const age = ages[index]!
    const bars = at === undefined ? [] : [{ from: 0, to: age / oldest, look: 'age', title: by }]
    return { label: store, figure: at === undefined ? 'never proven' : duration(age), bars }
  })
  const title = 'Age of the evidence that a store can be brought back'
  const head = ['store', 'last proven', 'age', 'by']
  const cells = proofs.map(({ store, at, by }, index) =>
    at === undefined ? [store, 'never', '', ''] : [store, minute(at), duration(ages[index]!), by],
  )
  return html`<section><h2>${title}</h2>
<p class="soft">The newest recovery or restore test that ended well and in which a check of the store held.</p>
${barChart({ title, rows, ticks: ticksTo(oldest, duration) })}
${tableHtml(head, cells)}</section>
`
}

function ticksTo(longest: number, text: (ms: number) => string): { at: number; text: string }[] {
  const step = stepOfAxis(longest)
  const count = Math.floor(longest / step)
  return Array.from({ length: count + 1 }, (_, n) => ({ at: (n * step) / longest, text: text(n * step) }))
}

function tableHtml(head: readonly string[], rows: readonly (readonly string[])[]): Html {
  const line = (cells: readonly string[]) =>
    html`<tr>${cells.map((cell, index) => (cell === '' ? html`<td></td>` : html`<td data-head="${head[index]!}">${cell}</td>`))}</tr>
`
  return html`<table>
<thead><tr>${head.map(name => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(line)}</tbody>
</table>`
}

function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ')
}
