import type { Event, Recorded } from '../../../lib/journal.ts'
import type { Annotation } from '../../../lib/report/annotations.ts'
import { reportOf } from '../../../lib/report/report.ts'
import { assert, describe } from '../../describe.ts'
import { events, journal, told } from './journals.ts'

const qdrant = journal('qdrant-corruption')
const whole = journal('complete-failure')

/** The same run, had it gone otherwise. */
function changed(
  all: readonly Recorded[],
  change: (event: Recorded) => Partial<Event> | undefined,
): Recorded[] {
  return all.map(event => ({ ...event, ...change(event) }) as Recorded)
}

const has = (lines: readonly string[], part: string | RegExp) =>
  assert.ok(
    lines.some(line => line.match(part)),
    `${part} in:\n${lines.join('\n')}`,
  )
const lacks = (lines: readonly string[], part: string | RegExp) =>
  assert.not.ok(
    lines.some(line => line.match(part)),
    `${part} in:\n${lines.join('\n')}`,
  )

describe('the report tells', suite => {
  suite.test('how it ended, by the last end', () => {
    assert.match(reportOf(qdrant).status.text, /recovered and proven in 08:08 \(exit code 0\)/)
    assert.is(reportOf(whole).status.tone, 'bad')
    assert.is(reportOf(qdrant.slice(0, 40)).status.text, 'still open')
    const resumed = [...whole, ...events({ kind: 'resumed', host: 'h', operator: 'o' })]
    assert.is(reportOf(resumed).status.text, 'still open')
  })

  suite.test('that the RTO was met, from the detection to the last answer of the front door', () => {
    has(told(qdrant, 'summary'), '08:07 from the detection .* the RTO of 15:00 was met \\[19,73\\]')
  })
  suite.test('that the RTO was missed', () => {
    const late = changed(qdrant, ({ kind }) => (kind === 'opened' ? { rtoMinutes: 8 } : undefined))
    has(told(late, 'summary'), 'the RTO of 8:00 was missed')
  })
  suite.test('nothing of the RTO while nothing is recovered', () => lacks(told(whole, 'summary'), /RTO/))

  suite.test('what the plan predicted beside what it took', () => {
    has(told(qdrant, 'summary'), 'the plan predicted 67 s .*; it took 3 min \\[31,33,75\\]')
    lacks(told(whole, 'summary'), 'the plan predicted')
  })

  suite.test('what was noticed, what was found, and how long the writers were away', () => {
    const impact = told(qdrant, 'impact')
    has(impact, 'search returns nonsense since the last deploy \\[18\\]')
    has(impact, '412 with a damaged vector .* \\[13\\]')
    has(impact, 'stopped for 4 min, from .*02:14:24 to .*02:18:06 UTC \\[17,67\\]')
    has(told(qdrant.slice(0, 60), 'impact'), 'services that write are stopped since .*02:14:24')
    lacks(told(whole, 'impact'), 'services that write')
  })

  suite.test('what was lost, and nothing where every check was proven', () => {
    has(told(qdrant, 'lost'), 'Expected loss: 3,699 rows, 3,639 points; 60 rows younger .* \\[61\\]')
    lacks(told(whole, 'lost'), 'Expected loss')
  })

  suite.test('every command with its exit code and how long it took, also of the one that failed', () => {
    const commands = told(qdrant, 'commands')
    assert.is(commands.length, qdrant.filter(({ kind }) => kind === 'started').length)
    has(commands, /recover the snapshot .* \| curl .* \| exit 28 \| 41\.2 s \| failed \[36,38\]/)
    has(commands, /recover the snapshot .* \| curl .* \| exit 0 \| 3\.7 s \| done \[40,42\]/)
  })
  suite.test('that nobody saw the end of a command, and to look what it did', () => {
    const cut = qdrant.slice(0, 41)
    has(told(cut, 'commands'), /recover the snapshot .* \| {2}\| {2}\| unknown \[40\]/)
    has(told(cut, 'actions'), /Find out whether this happened: recover the snapshot .* \[40\]/)
    lacks(told(qdrant, 'actions'), 'Find out whether')
  })
  suite.test('that a write was taken back', () => {
    const path = 'restore-qdrant/4[documents]/0'
    const undone = [...qdrant, ...events({ kind: 'undone', path, say: 'point the alias', ms: 40 })]
    has(told(undone, 'changes'), /^taken back \| point the alias .* \[50,52,76\]/)
    has(told(qdrant, 'changes'), /^done \| point the alias .* \[50,52\]/)
  })

  suite.test('decisions, with what they were bound to and what a failure led to', () => {
    const decisions = told(qdrant, 'decisions')
    has(decisions, /Which backup\? \| qdrant_20261123_020000 \| {2}\| 00:14 \[24\]/)
    has(
      decisions,
      /ai-platform qdrant 500d-12a8 \| plan 500d-12a8: .*alias documents = documents_v1 \| 00:18 \[31,32,33\]/,
    )
    has(decisions, /Failed: recover .* \| tried again \| curl ended with exit code 28 \| 00:26 \[38,40\]/)
    has(told(whole, 'decisions'), /Failed: every index is online \| left as it was/)
    has(told(qdrant.slice(0, 38), 'decisions'), /Failed: recover .* \| nothing yet/)
  })

  suite.test('predictions beside what came of them', () => {
    const predictions = told(qdrant, 'predictions')
    has(
      predictions,
      /\| qdrant: documents_v1 \| .* recovered beside the live one\. \| ben \| 3,695 points \| 3,639 points \| NOT as predicted \[34,35,43\]/,
    )
    has(predictions, /\| as predicted \[48,49,53\]/)
    has(told(qdrant.slice(0, 35), 'predictions'), /\| never compared \[34,35\]/)
    assert.equal(told(whole, 'predictions'), [])
  })

  suite.test('who went on with it', () => {
    has(told(qdrant, 'handovers'), /ana → ben \| the vendor was called/)
    assert.equal(told(whole, 'handovers'), [])
  })

  suite.test('what was wrong before, and every check after by its last verdict', () => {
    const validation = told(whole, 'validation')
    has(validation, /^neo4j \| neo4j is empty; the backup has 15,005 nodes/)
    has(validation, /^neo4j \| every index is online .* \| unchecked/)
    const path = 'validate-set/0{neo4j}/0[neo4j]/1'
    const again = {
      kind: 'checked',
      path,
      say: 'every index is online',
      verdict: 'proven',
      found: '4',
      ms: 1,
    } as const
    const later = [...whole, ...events(again)]
    has(told(later, 'validation'), /every index is online \| {2}\| 4 \| proven \(before: unchecked\)/)
    lacks(told(later, 'actions'), 'Check again')
  })

  suite.test('what a check had to find, and one that does not apply without asking for it', () => {
    const path = 'validate-qdrant/9'
    const more = events(
      {
        kind: 'checked',
        path,
        say: 'points',
        verdict: 'failed',
        expected: '7 points',
        found: '6 points',
        ms: 1,
      },
      { kind: 'skipped', path: `${path}/1`, say: 'aliases', why: 'there are none' },
    )
    has(told([...qdrant, ...more], 'validation'), /points \| 7 points \| 6 points \| failed/)
    has(told([...qdrant, ...more], 'validation'), /aliases \| {2}\| there are none \| skipped/)
    has(told([...qdrant, ...more], 'actions'), /Check again \(failed\): points/)
    lacks(told([...qdrant, ...more], 'actions'), 'aliases')
  })
  suite.test('what was done by hand', () => {
    const by = {
      kind: 'adopted',
      path: 'x/1',
      say: 'load the dump',
      command: 'load it',
      undo: 'move it back',
    } as const
    has(told([...qdrant, ...events(by)], 'changes'), /^done by hand \| load the dump \| load it \[76\]/)
    has(told([...qdrant, ...events(by)], 'timeline'), /done by hand, as its probe says: load the dump/)
  })

  suite.test('what is left to do', () => {
    const actions = told(whole, 'actions')
    has(actions, 'Go on with it: npx tsx scenarios/complete-failure.ts --resume')
    has(actions, 'Check again \\(unchecked\\): every index is online')
    lacks(told(qdrant, 'actions'), /Go on with it|Check again/)
    has(told(qdrant, 'actions'), /In quarantine: collection documents_v1.* \[74\]/)
    const released = [...qdrant, ...events({ kind: 'released', store: 'qdrant' })]
    lacks(told(released, 'actions'), 'In quarantine')
  })

  suite.test('the lanes of stores side by side, and runs apart from each other', () => {
    const [run] = told(whole, 'timeline')
    assert.is(
      run,
      ':decide :act neo4j:wait neo4j:act neo4j:prove postgres:act postgres:prove qdrant:act qdrant:prove',
    )
    assert.equal(told(qdrant, 'timeline').slice(0, 2), [':decide :act :prove', ':wait :act :prove'])
    has(told(whole, 'time'), /^restore-set \| neo4j \| .* \| 22\.0 s \| 01:11 \| {2}\| 8\.0 MB/)
  })

  suite.test('every line of the journal in the raw log, and names no line that there is not', () => {
    for (const all of [qdrant, whole]) {
      assert.is(told(all, 'log').length, all.length)
      const sources = reportOf(all).sections.flatMap(
        ({ blocks }) => JSON.stringify(blocks).match(/"lines":\[[\d,]*\]/g) ?? [],
      )
      const numbers = sources.flatMap(source => source.match(/\d+/g) ?? []).map(Number)
      assert.ok(numbers.length > 50)
      assert.ok(numbers.every(number => number >= 1 && number <= all.length))
    }
  })

  suite.test('nothing at all of a journal that has just begun', () => {
    assert.is(reportOf([]).status.text, 'still open')
    assert.equal(told([], 'actions'), [])
  })
})

describe('the tiles of the report', suite => {
  const shown = (all: readonly Recorded[]) => reportOf(all).tiles.map(({ name, value }) => `${name} ${value}`)
  suite.test('say the time, the checks, the loss and the predictions of a recovery', () => {
    const all = [
      'recovered in 08:07',
      'checks 6 of 6',
      'expected loss 1',
      'predictions 1 of 2',
      'most time: decide 01:57',
    ]
    assert.equal(shown(qdrant), all)
  })
  suite.test('say that nothing is recovered, and which check does not hold', () => {
    assert.equal(shown(whole), ['recovered no', 'checks 3 of 4', 'most time: act 02:19'])
    assert.equal(reportOf(whole).tiles[1]?.lines, [46])
  })
})

describe('annotations', suite => {
  const said = (line: number, what: Annotation['what'], text = ''): Annotation => ({
    at: '2026-11-23T09:00:00.000Z',
    by: 'eva',
    line,
    what,
    text,
  })

  suite.test('pin a line into the timeline, which is not there otherwise', () => {
    lacks(told(qdrant, 'timeline'), '\\[58\\]')
    has(told(qdrant, 'timeline', [said(58, 'pin')]), /every alias points where it belongs.*\[58\]/)
  })
  suite.test('hide a line from the timeline, and leave it in the raw log', () => {
    has(told(qdrant, 'timeline'), '\\[39\\]')
    lacks(told(qdrant, 'timeline', [said(39, 'hide')]), '\\[39\\]')
    has(told(qdrant, 'log', [said(39, 'hide')]), /^39 note .* \(hidden\)$/)
  })
  suite.test('hide nothing of what was lost or done', () => {
    has(told(qdrant, 'lost', [said(61, 'hide')]), '\\[61\\]')
    has(told(qdrant, 'commands', [said(38, 'hide')]), 'failed \\[36,38\\]')
  })
  suite.test('count in their order: the last word is the valid one', () => {
    has(told(qdrant, 'timeline', [said(39, 'hide'), said(39, 'pin')]), '\\[39\\]')
  })
  suite.test('comment on a line of the timeline, and give a decision its reason', () => {
    const comment = [said(24, 'comment', 'the newest from before the deploy')]
    has(
      told(qdrant, 'timeline', comment),
      /Which backup\?.* the newest from before the deploy \(eva\) \[24\]/,
    )
    has(
      told(qdrant, 'decisions', comment),
      /Which backup\? .* \| the newest from before the deploy \(eva\) \|/,
    )
  })
  suite.test('add what is left to do', () => {
    has(
      told(qdrant, 'actions', [said(38, 'action', 'raise the timeout')]),
      /^raise the timeout \(eva\) \[38\]/,
    )
  })
})
