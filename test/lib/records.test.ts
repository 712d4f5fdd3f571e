import { EVENT, isEvent, messageIn, Records, recordLine } from '../../lib/records.ts'
import { assert, describe } from '../describe.ts'

const read = (...chunks: string[]) => {
  const records = new Records()
  return chunks.flatMap(chunk => records.add(Buffer.from(chunk)))
}

describe('records in the log of a container', suite => {
  suite.test('stand between lines for people', () => {
    assert.equal(read(`03:15  restoring\n${recordLine({ a: 1 })}03:16  more\n`), [{ a: 1 }])
  })
  suite.test('arrive whole, however they are cut', () => {
    const whole = Buffer.from(`x\n${recordLine({ say: 'Größe → 1' })}`)
    const records = new Records()
    const found = [...whole].flatMap(byte => records.add(Buffer.from([byte])))
    assert.equal(found, [{ say: 'Größe → 1' }])
  })
  suite.test('of two that met in one line the last one is read', () => {
    assert.equal(read(`${EVENT}{"a":1,"b"${recordLine({ c: 3 })}`), [{ c: 3 }])
  })
  suite.test('one without an end is none', () => {
    assert.equal(read(`${EVENT}{"a":1}`), [])
    assert.equal(read(`${EVENT}{"a":\n`), [])
  })
  suite.test('are events of the run or messages of others', () => {
    assert.ok(isEvent({ at: '2026-11-22T03:15:02Z', kind: 'note', text: 'x' }))
    const left = { kind: 'left', id: '1' }
    assert.not(isEvent({ at: '2026-11-22T03:15:02Z', ...left }))
    assert.equal(messageIn(left), left)
    for (const odd of [
      undefined,
      null,
      7,
      {},
      { kind: 'left' },
      { kind: 'note', text: 'x' },
      { kind: 'toString' },
    ])
      assert.is(messageIn(odd), undefined)
  })
  suite.test('messages cannot steer a terminal', () => {
    const hostile = { kind: 'here', id: '1', by: `ann\x1b[2J${'x'.repeat(5000)}`, more: 1 }
    const message = messageIn(hostile)
    assert.ok(message?.kind === 'here' && message.by.startsWith('ann [2J') && message.by.length === 1000)
    assert.not('more' in message)
  })
})
