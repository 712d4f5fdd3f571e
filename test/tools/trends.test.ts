import type { Recorded } from '../../lib/journal.ts'
import { SCENARIOS } from '../../scenarios/index.ts'
import type { Evidence } from '../../stores/evidence.ts'
import { proofs } from '../../tools/trends/evidence-age.ts'
import { trendsPage } from '../../tools/trends/page.ts'
import {
  drillsIn,
  forgottenDrills,
  practised,
  type Run,
  runOf,
  runsIn,
  testRun,
} from '../../tools/trends/runs.ts'
import { assert, describe } from '../describe.ts'
import { JOURNALS, journal } from '../lib/report/journals.ts'

const NONE = new Set<string>()
const run = (events: readonly Recorded[], drills = NONE) => runOf(events, SCENARIOS, drills)
const qdrant = run(journal('qdrant-corruption'))!
const whole = run(journal('complete-failure'))!
const STORES = [
  { name: 'qdrant', kind: 'qdrant' },
  { name: 'neo4j', kind: 'neo4j' },
  { name: 'postgres', kind: 'postgres' },
] as const
const NOW = Date.parse('2026-11-27T00:00:00Z')

const tested: Evidence = {
  at: '2026-11-25T04:00:00.000Z',
  kind: 'full',
  set: 'set_20261125_020000',
  host: 'h',
  tool_version: '1',
  stores: { neo4j: { engine: '1', image: 'i', items: {}, schema: 's' } },
  seconds: { total: 90, stores: { neo4j: 60 } },
  failures: [],
  verdict: 'passed',
}

describe('runs of the past', suite => {
  suite.test('give the whole of a scenario about one store to that store', () => {
    assert.equal(Object.keys(qdrant.stores), ['qdrant'])
    assert.equal(qdrant.stores.qdrant, qdrant.all)
    assert.is(qdrant.outcome, 'recovered')
  })
  suite.test('give each lane to its store, and what concerns all to none', () => {
    assert.equal(Object.keys(whole.stores).sort(), ['neo4j', 'postgres', 'qdrant'])
    assert.is(whole.stores.neo4j?.wait, 22_000)
    assert.is(whole.stores.neo4j?.decide, 0)
    assert.is(whole.outcome, 'failed')
  })
  suite.test('are still open without an end, and none at all without a begin', () => {
    assert.is(run(journal('qdrant-corruption').slice(0, 20))?.outcome, 'still open')
    assert.is(run([]), undefined)
  })
  suite.test('are drills when the history of drills names them', () => {
    const line = { at: tested.at, scenario: 'qdrant-corruption', lanes: qdrant.all, passed: true }
    const text = `${JSON.stringify({ ...line, incidents: [`incidents/${qdrant.name}`] })}\nno json\n{"incidents":7}\n\n`
    const drills = drillsIn(text)
    assert.is(drills.length, 1)
    assert.is(run(journal('qdrant-corruption'), practised(drills))?.kind, 'drill')
    assert.is(run(journal('complete-failure'), practised(drills))?.kind, 'incident')
    assert.equal(forgottenDrills(drills, [qdrant, whole]), [])
    assert.equal(
      forgottenDrills(drills, [whole]).map(({ kind, all }) => [kind, all]),
      [['drill', qdrant.all]],
    )
  })
  suite.test('come from every folder', () => {
    const folders = ['qdrant-corruption', 'complete-failure'].map(name => `${JOURNALS}/${name}`)
    assert.equal(runsIn(folders, SCENARIOS, NONE), [qdrant, whole])
  })
  suite.test('are tests of a restore too, but for the quick ones', () => {
    const [test] = testRun(tested)
    assert.equal(test?.stores, { neo4j: { test: 60_000 } })
    assert.is(test?.outcome, 'passed')
    assert.is(testRun({ ...tested, failures: ['x'] })[0]?.outcome, 'failed')
    assert.equal(testRun({ ...tested, kind: 'quick' }), [])
  })
})

describe('the age of evidence', suite => {
  const at = (runs: readonly Run[]) => proofs(runs, STORES).map(({ at }) => at)
  suite.test('is that of the newest check that held in a run that ended well', () => {
    const [proof, neo4j] = proofs([...testRun(tested), qdrant], STORES)
    assert.is(proof?.at, '2026-11-23T02:18:07.490Z')
    assert.match(proof?.by ?? '', 'incident 20261123_021405-qdrant-corruption')
    assert.is(neo4j?.at, tested.at)
    const newer = { ...qdrant, proven: { qdrant: '2026-11-26T00:00:00.000Z' } }
    assert.is(at([newer, qdrant])[0], '2026-11-26T00:00:00.000Z')
  })
  suite.test('is not that of a run that failed', () => {
    assert.equal(at([whole, ...testRun({ ...tested, failures: ['x'] })]), [undefined, undefined, undefined])
  })
})

describe('the page of trends', suite => {
  const drawn = (runs: readonly Run[]) => trendsPage('p <b>', runs, proofs(runs, STORES), NOW)
  const bars = (text: string) => text.match(/class="bar /g)?.length ?? 0

  suite.test('says what to do while there is no run', () => {
    const text = drawn([])
    assert.match(text, 'No run yet: <code>npm run drill</code> makes one.')
    assert.is(bars(text), 0)
    assert.is(text.match(/never proven/g)?.length, 3)
  })
  suite.test('shows one run, and how old its proof is', () => {
    const text = drawn([qdrant])
    assert.match(text, '2026-11-23 02:14 qdrant-corruption')
    assert.not.match(text, 'No run yet')
    assert.match(text, '>4 days</text>')
    assert.is(bars(text), 1 + 4 + 4)
  })
  suite.test('draws the newest of many, and has all in the table', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({
      ...qdrant,
      at: new Date(NOW - n * 3_600_000).toISOString(),
    }))
    const text = drawn(many)
    assert.match(text, '20 older runs only in the table below')
    assert.is(bars(text), 1 + 2 * 40 * 4)
    assert.is(text.match(/>recovered<\/td>/g)?.length, 2 * 60)
  })
  suite.test('keeps every bar within its chart', () => {
    const text = drawn([qdrant, whole, ...testRun(tested)])
    for (const [, x, width] of text.matchAll(/class="bar [^"]*" x="([\d.]+)%" y="\d+" width="([\d.]+)%"/g))
      assert.ok(Number(width) > 0 && Number(x) + Number(width) <= 100.001)
  })
  suite.test('lets no text of the world become markup', () => {
    const text = drawn([{ ...qdrant, about: '<script>x</script>', name: '<img src=x>' }])
    assert.not.match(text, /<script|<img|<b>/)
  })
})
