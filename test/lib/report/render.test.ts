import { htmlReport } from '../../../lib/report/html.ts'
import { code, markdown, plain } from '../../../lib/report/markdown.ts'
import { reportOf } from '../../../lib/report/report.ts'
import { Secret } from '../../../lib/secret.ts'
import { assert, describe } from '../../describe.ts'
import { events, journal } from './journals.ts'

const NASTY = `<script>alert("1")</script> & 'x' </title></style> \`tick\` |pipe| [a](http://x) <img src=//x>`

/** The same text wherever the world can put one. */
const nasty = reportOf(
  events(
    {
      kind: 'opened',
      scenario: NASTY,
      incident: NASTY,
      project: NASTY,
      host: NASTY,
      operator: NASTY,
      version: NASTY,
    },
    { kind: 'answered', path: 'incident/description', question: NASTY, answer: NASTY, ms: 1 },
    { kind: 'started', path: `x/0{${NASTY}}`, say: NASTY, effect: 'write', command: NASTY, undo: NASTY },
    { kind: 'failed', path: `x/0{${NASTY}}`, say: NASTY, problem: [NASTY] },
    { kind: 'checked', path: 'x/1', say: NASTY, verdict: NASTY, found: NASTY, ms: 1 },
    { kind: 'handed', from: NASTY, to: NASTY, note: NASTY },
    { kind: 'kept', what: { store: 'x' }, text: NASTY },
    { kind: 'closed', outcome: NASTY, exitCode: 1 },
  ),
  [{ at: '2026-11-23T09:00:00.000Z', by: NASTY, line: 1, what: 'action', text: NASTY }],
)

describe('the report as a page', suite => {
  const page = htmlReport(reportOf(journal('qdrant-corruption')))

  suite.test('is one file: no script, nothing fetched, and a policy that says so', () => {
    assert.not.match(page, /<script|<link|<img|\bsrc=|url\(|@import|https?:\/\/(?!127\.0\.0\.1)/)
    assert.match(page, `content="default-src 'none'; style-src 'unsafe-inline'"`)
  })
  suite.test('lets no text of the world become markup', () => {
    const text = htmlReport(nasty)
    assert.not.match(text, /<script|<img/)
    assert.match(text, /<title>Incident [^<]*<\/title>\n<style>/)
    assert.is(text.match(/<\/style>/g)?.length, 1)
    assert.match(text, '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;')
  })
  suite.test('leads every reference to a line that is there', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(match => match[1]))
    const references = [...page.matchAll(/href="#([^"]+)"/g)].map(match => match[1])
    assert.ok(references.length > 50)
    assert.equal(
      references.filter(reference => !ids.has(reference)),
      [],
    )
  })
  suite.test('draws each measured stretch, within the chart', () => {
    const bars = [...page.matchAll(/class="bar [^"]*" x="([\d.]+)%" y="\d+" width="([\d.]+)%"/g)]
    assert.is(bars.length, 26)
    for (const [, x, width] of bars) assert.ok(Number(width) > 0 && Number(x) + Number(width) <= 100.001)
  })
  suite.test('marks where the RTO ends only where that is within the run', () => {
    assert.not.match(page, 'class="mark"')
    const early = journal('qdrant-corruption').map(event =>
      event.kind === 'opened' ? { ...event, rtoMinutes: 6 } : event,
    )
    assert.match(htmlReport(reportOf(early)), 'class="mark"')
  })
})

describe('the report as markdown', suite => {
  suite.test('lets no text of the world become markup', () => {
    assert.is(plain('a <b> | `c` [d](e)\nf'), 'a \\<b> \\| \\`c\\` \\[d\\](e) f')
    assert.is(plain('# no title'), '\\# no title')
    assert.is(plain('documents_v1'), 'documents_v1')
  })
  suite.test('shows code with backticks in more of them', () => {
    assert.is(code('a `b` c'), '``a `b` c``')
    assert.is(code('`'), '`` ` ``')
  })
  suite.test('has commands and their undo as they are typed', () => {
    const text = markdown(reportOf(journal('qdrant-corruption')))
    assert.match(text, '  - undo: `docker compose stop gateway api-server learning-engine`')
    assert.not.match(text, 'Raw log')
  })
})

describe('both', suite => {
  suite.test('show no secret, not even one that got into the journal', () => {
    const secret = new Secret('REPORT_TEST_PASSWORD', 'never-to-be-seen')
    const leaky = reportOf(events({ kind: 'note', text: `it is ${secret.reveal()}` }))
    for (const text of [htmlReport(leaky), markdown(leaky)]) {
      assert.not.match(text, 'never-to-be-seen')
      assert.match(text, 'REPORT_TEST_PASSWORD')
    }
  })
})
