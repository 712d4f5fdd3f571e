import { barChart, stepOfAxis } from '../../lib/chart.ts'
import { assert, describe } from '../describe.ts'

const DAY = 86_400_000

describe('a chart', suite => {
  const drawn = (from: number, to: number) => {
    const bars = [{ from, to, look: 'act', title: 'load <it>' }]
    return barChart({ title: 't', rows: [{ label: 'l'.repeat(50), figure: '1 s', bars }], ticks: [] }).text
  }
  const place = (text: string) => {
    const [, x, width] = /class="bar act" x="([\d.]+)%" y="\d+" width="([\d.]+)%"/.exec(text) ?? []
    return [Number(x), Number(width)]
  }

  suite.test('draws a bar as long as it is', () => assert.equal(place(drawn(0.25, 0.75)), [25, 50]))
  suite.test('shows what is too short to be seen, and keeps it inside', () => {
    assert.equal(place(drawn(0.5, 0.5)), [50, 0.4])
    assert.equal(place(drawn(1, 1)), [99.6, 0.4])
  })
  suite.test('never draws outside of itself', () => assert.equal(place(drawn(-0.5, 3)), [0, 100]))
  suite.test('cuts a label that would meet the figure, and tells it whole to who points at it', () => {
    assert.match(drawn(0, 1), `>${'l'.repeat(33)}…<title>${'l'.repeat(50)}</title>`)
    assert.match(drawn(0, 1), '<title>load &lt;it&gt;</title>')
  })
  suite.test('has round distances on its axis, four at most', () => {
    assert.is(stepOfAxis(1), 1000)
    assert.is(stepOfAxis(66_000), 30_000)
    assert.is(stepOfAxis(4 * 3_600_000), 3_600_000)
    for (const ms of [1, 7 * 60_000, DAY, 9 * DAY, 900 * DAY]) assert.ok(ms / stepOfAxis(ms) <= 4)
  })
})
