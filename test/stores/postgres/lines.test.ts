import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Appender, Lines } from '../../../stores/postgres/lines.ts'
import { assert, describe } from '../../describe.ts'
import { tempDir } from '../../fakes.ts'

describe('lines', suite => {
  const dir = tempDir(suite)

  suite.test('are cut wherever the stream is cut; a carriage return belongs to its line', () => {
    const text = Buffer.from('a\n\nü\u2028b\r\nrest')
    for (const size of [1, 2, 100]) {
      const seen: string[] = []
      const lines = new Lines(line => seen.push(line.toString('utf8')))
      for (let at = 0; at < text.length; at += size) lines.write(text.subarray(at, at + size))
      assert.equal(seen, ['a', '', 'ü\u2028b\r'])
    }
  })

  suite.test('are appended in their order, to a file that nobody else can read', () => {
    const file = join(dir, 'lines')
    const out = new Appender(file)
    const line = `${'x'.repeat(999)}\n`
    for (let n = 0; n < 2500; n++) out.add(n % 2 === 0 ? line : Buffer.from(line))
    out.close()
    assert.is(readFileSync(file, 'utf8'), line.repeat(2500))
    assert.is(statSync(file).mode & 0o777, 0o600)
  })
})
