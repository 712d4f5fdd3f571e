/** How the pages look: on a screen light or dark and as narrow as a telephone, on paper as A4. */
export const STYLE = `
:root {
  --ink: #1c2330; --soft: #5b6675; --paper: #ffffff; --tint: #f3f5f8; --line: #d9dee6; --link: #1f5fbf;
  --good: #1a7f37; --bad: #b3261e; --warn: #8a5a00;
  --decide: #3b6fd4; --wait: #98a2b3; --act: #d9730d; --prove: #2e9e5b; --age: #7a5af0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6eaf0; --soft: #9aa5b5; --paper: #14181f; --tint: #1d232d; --line: #333c4a; --link: #82b1ff;
    --good: #5fd08a; --bad: #ff8a80; --warn: #f0c060;
    --decide: #6c9bff; --wait: #7b8698; --act: #ff9a4a; --prove: #4cc47f; --age: #a08bff;
  }
}
@page { size: A4; margin: 15mm; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 64px; overflow-wrap: anywhere; }
header { border-bottom: 3px solid var(--line); padding-bottom: 12px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 19px; line-height: 1.3; margin: 34px 0 8px; }
h3 { font-size: 15px; margin: 18px 0 2px; }
p { margin: 4px 0; }
.soft, .none { color: var(--soft); }
.status { font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 18px 0; }
.tiles > div { background: var(--tint); border-radius: 6px; padding: 10px 12px; font-size: 13px; }
.tiles .value { font-size: 22px; font-weight: 600; line-height: 1.2; margin: 0; }
ul { margin: 6px 0; padding-left: 20px; }
li { margin: 3px 0; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
.ref { font-size: 12px; color: var(--soft); white-space: nowrap; }
code { font: 12.5px/1.45 ui-monospace, monospace; background: var(--tint); border-radius: 3px; padding: 1px 4px; }
.undo { display: block; margin-top: 3px; color: var(--soft); font-size: 13px; }
table { border-collapse: collapse; width: 100%; margin: 8px 0; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); }
th, td { padding: 5px 10px 5px 0; vertical-align: top; }
/* A column is as wide as its longest word, but for names of files and the like. */
th, td { overflow-wrap: normal; }
td.long, code { overflow-wrap: anywhere; }
td { border-bottom: 1px solid var(--line); }
td.figure { white-space: nowrap; font-variant-numeric: tabular-nums; }
svg.chart { display: block; width: 100%; margin: 6px 0 10px; }
svg.chart text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg.chart text.quiet { fill: var(--soft); }
svg.chart .track { fill: var(--tint); }
svg.chart .grid { stroke: var(--line); stroke-width: 1; }
svg.chart .mark { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
svg.chart text.late { fill: var(--bad); }
.decide { fill: var(--decide); } .wait { fill: var(--wait); } .act { fill: var(--act); } .prove { fill: var(--prove); }
.age { fill: var(--age); }
rect.failed { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 3 2; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--soft); }
.legend svg { width: 11px; height: 11px; margin-right: 5px; overflow: visible; }
ol.log { list-style: none; padding: 0; font: 12px/1.5 ui-monospace, monospace; }
ol.log li { display: grid; grid-template-columns: 4ch 19ch 1fr; gap: 0 12px; margin: 0; padding: 1px 0; }
ol.log li:target { background: var(--tint); outline: 2px solid var(--link); }
ol.log .text { white-space: pre-wrap; min-width: 0; }
ol.log .number { text-align: right; color: var(--soft); }
ol.log .hidden { color: var(--soft); }
@media screen and (max-width: 700px) {
  main { padding: 16px 14px 48px; }
  h1 { font-size: 21px; }
  thead { display: none; }
  tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0; }
  td { display: block; border: 0; padding: 1px 0; }
  td:empty { display: none; }
  td[data-head]::before { content: attr(data-head) ": "; color: var(--soft); font-size: 12px; }
  td.figure { white-space: normal; }
  ol.log li { grid-template-columns: 4ch 1fr; padding: 3px 0; }
  ol.log .text { grid-column: 1 / -1; }
}
@media print {
  :root {
    --ink: #000000; --soft: #4a4f57; --paper: #ffffff; --tint: #f3f5f8; --line: #cfd5dd; --link: #000000;
    --good: #1a7f37; --bad: #b3261e; --warn: #8a5a00;
    --decide: #3b6fd4; --wait: #98a2b3; --act: #d9730d; --prove: #2e9e5b; --age: #7a5af0;
  }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 18pt; }
  h2, h3, h2 + p { break-after: avoid; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(105px, 1fr)); gap: 6px; }
  table { font-size: 8.5pt; }
  th, td { padding: 3px 8px 3px 0; }
  thead { display: table-header-group; }
  tr, li, svg.chart { break-inside: avoid; }
  code { font-size: 8pt; }
  .ref { font-size: 7.5pt; }
  ol.log { font-size: 7.5pt; }
  svg, code, .legend, .tiles > div { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
