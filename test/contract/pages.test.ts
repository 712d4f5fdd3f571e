import { ensureBrowser, ensureDocker } from '../../lab/setup/setup.ts'
import { readJournal } from '../../lib/journal.ts'
import { htmlReport } from '../../lib/report/html.ts'
import { reportOf } from '../../lib/report/report.ts'
import { SCENARIOS } from '../../scenarios/index.ts'
import { proofs } from '../../tools/trends/evidence-age.ts'
import { trendsPage } from '../../tools/trends/page.ts'
import { type Run, runOf } from '../../tools/trends/runs.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { journal } from '../lib/report/journals.ts'
import { Browser, type Look, type Measured } from './browser/browser.ts'

/** The image may have to be built. */
const LIMIT = { seconds: 300 }

/** A screen, and a telephone. */
const WIDTHS = [1280, 390]

const NAMES = ['qdrant-corruption', 'complete-failure'] as const
const reports = Object.fromEntries([
  ...NAMES.map(name => [name, htmlReport(reportOf(journal(name)))]),
  // Of a real run: long commands, long names, many checks.
  ['a recorded recovery', htmlReport(reportOf(readJournal('test/recordings/qdrant-corruption')))],
])
const runs = NAMES.map(name => runOf(journal(name), SCENARIOS, new Set())!)
const now = Date.parse('2026-11-27T00:00:00Z')
const many = Array.from({ length: 60 }, (_, n) => ({
  ...runs[n % 2]!,
  at: new Date(now - n * 8e7).toISOString(),
}))

function trends(of: readonly Run[]): string {
  const stores = (['qdrant', 'neo4j', 'postgres'] as const).map(kind => ({ name: kind, kind }))
  return trendsPage('ai-platform', of, proofs(of, stores), now)
}

const PAGES: Record<string, string> = {
  ...reports,
  'trends of none': trends([]),
  'trends of many': trends(many),
}

/** A report in which one thing is wrong, and how the measurement calls it. */
const report = reports['qdrant-corruption']!
const WRONG: Record<string, string> = {
  overflow: report.replace('</main>', '<div style="width:3000px">x</div></main>'),
  clipped: report.replace(
    '</main>',
    '<p style="width:40px;overflow:hidden;white-space:nowrap">much too long</p></main>',
  ),
  bar: report.replace(/(class="bar [^"]*" x="[^"]*" y="\d+" width=")[^"]*/, '$1150%'),
  overlap: report.replace(/(<g class="row"><text x="0"[^>]*>)/, `$1${'wide '.repeat(60)}`),
  reference: report.replace('id="journal-75"', ''),
  fetch: report.replace('</main>', '<img src="http://192.0.2.1/x.png" alt=""></main>'),
}

describe('pages in a real browser, without a network', suite => {
  const folder = tempDir(suite)
  let browser: Browser
  let measured = new Map<string, Measured>()
  suite.before(async () => {
    await ensureDocker({ yes: true })
    browser = new Browser(await ensureBrowser(), folder)
    const right = Object.entries(PAGES).flatMap(([name, page]) =>
      WIDTHS.map((width): Look => ({ name, page, width })),
    )
    const wrong = Object.entries(WRONG).map(([name, page]): Look => ({ name, page, width: 1280 }))
    measured = await browser.measure([...right, ...wrong])
  })

  for (const name of Object.keys(PAGES)) {
    for (const width of WIDTHS) {
      suite.test(
        `${name} fits ${width} px: nothing overflows, is clipped, leads nowhere or is fetched`,
        () => {
          const { problems, bars, references } = measured.get(`${name} at ${width}`)!
          assert.equal(problems, [])
          if (name !== 'trends of none') assert.ok(bars > 10)
          if (name in reports) assert.ok(references > 50)
        },
        LIMIT,
      )
    }
  }

  for (const name of Object.keys(WRONG)) {
    suite.test(
      `the measurement sees what is wrong: ${name}`,
      () => {
        const { problems } = measured.get(`${name} at 1280`)!
        assert.ok(
          problems.some(problem => problem.startsWith(`${name}:`)),
          problems.join('\n'),
        )
      },
      LIMIT,
    )
  }

  suite.test(
    'the report is printed on A4, to its last line',
    async () => {
      const { paper, text } = await browser.print(report)
      assert.match(paper, /Page size: .*\(A4\)/)
      assert.match(text, /75 +2026-11-23 02:18:07 +closed · closed: recovered and proven in 08:08/)
      assert.match(text, /exit 28/)
    },
    LIMIT,
  )
  suite.test(
    'paper of another size is seen',
    async () => {
      const { paper } = await browser.print(report.replace('size: A4', 'size: letter'))
      assert.not.match(paper, /\(A4\)/)
    },
    LIMIT,
  )
})
