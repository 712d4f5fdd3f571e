import type { Event, Recorded } from '../../lib/journal.ts'
import { laneOf, stepOf } from '../../lib/path.ts'
import { spans, spent, times } from '../../lib/spent.ts'
import { assert, describe } from '../describe.ts'

/** Events at these seconds after midnight. */
function journal(...events: [second: number, event: Event][]): Recorded[] {
  return events.map(([second, event]) => ({ at: new Date(second * 1000).toISOString(), ...event }))
}

const at = (second: number) => new Date(second * 1000).toISOString()
const NONE = { decide: 0, wait: 0, act: 0, prove: 0 }

describe('paths of the journal', suite => {
  suite.test('name their step first, and their lane in braces', () => {
    assert.is(stepOf('restore-set/0{qdrant}/0[qdrant]/3'), 'restore-set')
    assert.is(laneOf('restore-set/0{qdrant}/0[qdrant]/3'), 'qdrant')
    assert.is(laneOf('restore-qdrant/3'), '')
  })
  suite.test('have no lane when only a collection has braces in its name', () => {
    assert.is(laneOf('restore-qdrant/3[docs{old}]/0'), '')
  })
})

describe('where the time went', suite => {
  const write = { path: 'restore/0', say: 'load', effect: 'write' } as const
  const check = { path: 'restore/1', say: 'content', verdict: 'proven', found: 'equal' } as const

  suite.test('is told by what was done: decide, wait, act, prove', () => {
    const events = journal(
      [3, { kind: 'answered', path: 'incident/description', question: 'What?', answer: 'x', ms: 3000 }],
      [4, { kind: 'predicted', path: 'restore/0', say: 'load', by: 'n', expects: '3', ms: 500 }],
      [9, { kind: 'finished', ...write, ms: 4000, bytes: 7 }],
      [11, { kind: 'finished', path: 'restore/2', say: 'up', effect: 'until', ms: 2000 }],
      [12, { kind: 'checked', ...check, ms: 800 }],
      [13, { kind: 'undone', path: 'restore/0', say: 'load', ms: 100 }],
    )
    assert.equal(spent(events), { decide: 3500, wait: 2000, act: 4100, prove: 800 })
  })

  suite.test('is told per step and lane, with sizes and the wall clock', () => {
    const lane = (store: string) => ({ ...write, path: `restore/0{${store}}/1` })
    const events = journal(
      [10, { kind: 'finished', ...lane('neo4j'), ms: 6000, bytes: 100 }],
      [12, { kind: 'finished', ...lane('qdrant'), ms: 9000, bytes: 20 }],
      [15, { kind: 'finished', ...lane('qdrant'), ms: 1000, bytes: 3 }],
      [20, { kind: 'checked', ...check, path: 'validate/0', ms: 2000 }],
    )
    assert.equal(times(events), [
      {
        step: 'restore',
        lane: 'qdrant',
        ms: { ...NONE, act: 10_000 },
        bytes: 23,
        begin: at(3),
        end: at(15),
        indexes: [1, 2],
      },
      {
        step: 'restore',
        lane: 'neo4j',
        ms: { ...NONE, act: 6000 },
        bytes: 100,
        begin: at(4),
        end: at(10),
        indexes: [0, 0],
      },
      {
        step: 'validate',
        lane: '',
        ms: { ...NONE, prove: 2000 },
        bytes: 0,
        begin: at(18),
        end: at(20),
        indexes: [3, 3],
      },
    ])
  })

  suite.test('counts a command that failed from its begin', () => {
    const events = journal(
      [10, { kind: 'started', ...write, command: 'x' }],
      [14, { kind: 'failed', path: write.path, say: 'load', problem: ['no'] }],
      [20, { kind: 'started', ...write, command: 'x' }],
      [21, { kind: 'finished', ...write, ms: 1000 }],
    )
    assert.is(spent(events).act, 5000)
    assert.equal(
      spans(events).map(({ index, failed }) => [index, failed]),
      [
        [1, true],
        [3, false],
      ],
    )
  })

  suite.test('does not count a failed check twice', () => {
    const events = journal(
      [10, { kind: 'started', path: 'restore/1', say: 'content', effect: 'check', command: 'x' }],
      [12, { kind: 'checked', ...check, verdict: 'failed', ms: 2000 }],
      [12, { kind: 'failed', path: 'restore/1', say: 'content', problem: ['no'] }],
    )
    assert.equal(spent(events), { ...NONE, prove: 2000 })
  })

  suite.test('leaves out what took no time', () => {
    assert.equal(spans(journal([10, { kind: 'finished', ...write, ms: 0 }])), [])
  })

  suite.test('does not guess what nobody saw the end of', () => {
    const events = journal([10, { kind: 'started', ...write, command: 'x' }])
    assert.equal(spent(events), NONE)
    assert.equal(times(events), [])
    assert.equal(times([]), [])
  })
})
