import { type Html, html, page } from '../html.ts'
import { laneChart } from './lane-chart.ts'
import type { Block, Code, Fact, Report, Row, Section, Tile } from './model.ts'
import { when } from './model.ts'

/** The report as one file that can be sent to somebody: reads on any screen, prints on A4. */
export function htmlReport({ incident, scenario, status, tiles, sections }: Report): string {
  const body = html`<header>
<h1>Incident ${incident}</h1>
<p class="status ${status.tone ?? ''}">${status.text} ${refs(status.lines)}</p>
<p class="soft">Scenario ${scenario}. Every sentence is taken from the journal of the run; the small numbers are its lines, listed at the end.</p>
</header>
<div class="tiles">${tiles.map(tileHtml)}</div>
${sections.map(sectionHtml)}`
  return page(`Incident ${incident}`, body)
}

function tileHtml({ name, value, beside, lines, tone }: Tile): Html {
  return html`<div><p class="soft">${name}</p><p class="value ${tone ?? ''}">${value}</p><p class="soft">${beside} ${refs(lines)}</p></div>
`
}

function sectionHtml({ id, title, intro, blocks }: Section): Html {
  return html`<section id="${id}">
<h2>${title}</h2>
${intro ? html`<p class="soft">${intro}</p>` : ''}
${blocks.map(blockHtml)}
</section>
`
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'facts':
      if (block.facts.length === 0) return block.none ? html`<p class="none">${block.none}</p>` : html``
      return html`<ul>${block.facts.map(factHtml)}</ul>`
    case 'table':
      return block.rows.length === 0 ? html`<p class="none">${block.none}</p>` : tableHtml(block)
    case 'lanes':
      return html`${block.runs.map(laneChart)}`
    case 'log':
      return html`<ol class="log">${block.lines.map(logHtml)}</ol>`
  }
}

function factHtml({ text, lines, tone, notes = [] }: Fact): Html {
  const below =
    notes.length === 0 ? '' : html`<ul>${notes.map(note => html`<li class="soft">${note}</li>`)}</ul>`
  return html`<li><span class="${tone ?? ''}">${text}</span> ${refs(lines)}${below}</li>
`
}

function tableHtml({ head, rows }: Extract<Block, { kind: 'table' }>): Html {
  const sourced = rows.some(({ lines }) => lines.length > 0)
  return html`<table>
<thead><tr>${head.map(name => html`<th scope="col">${name}</th>`)}${sourced ? html`<th scope="col">source</th>` : ''}</tr></thead>
<tbody>${rows.map(row => rowHtml(row, head, sourced))}</tbody>
</table>`
}

function rowHtml({ cells, lines, tone }: Row, head: readonly string[], sourced: boolean): Html {
  const each = cells.map((cell, index) => cellHtml(cell, head[index] ?? ''))
  const source = sourced ? html`<td>${refs(lines)}</td>` : ''
  return html`<tr class="${tone ?? ''}">${each}${source}</tr>
`
}

function cellHtml(cell: string | Code, head: string): Html {
  if (cell === '') return html`<td></td>`
  if (typeof cell === 'string') return html`<td data-head="${head}" class="${lookOf(cell)}">${cell}</td>`
  const undo = cell.undo ? html`<span class="undo">undo: <code>${cell.undo}</code></span>` : ''
  return html`<td data-head="${head}"><code>${cell.code}</code>${undo}</td>`
}

/** Times and durations are not broken over lines; names of files may be, anywhere. */
function lookOf(text: string): string {
  if (text.length < 20 && /^(exit )?\d[\d:. -]*( ?[A-Za-z]{1,2})?$/.test(text)) return 'figure'
  return /\S{25}/.test(text) ? 'long' : ''
}

function refs(lines: readonly number[]): Html {
  return html`${lines.map(line => html`<a class="ref" href="#journal-${line}">journal:${line}</a> `)}`
}

function logHtml({ line, at, text, hidden }: Extract<Block, { kind: 'log' }>['lines'][number]): Html {
  return html`<li id="journal-${line}"><span class="number">${line}</span><time>${when(at)}</time><span class="text ${hidden ? 'hidden' : ''}">${text}</span></li>
`
}
