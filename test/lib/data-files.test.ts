import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { LineFile, linesOf, privateFile } from '../../lib/data-files.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'

describe('files of data', suite => {
  const dir = tempDir(suite)
  const file = join(dir, 'data')
  const lines = async (text: string) => {
    writeFileSync(file, text)
    const found: string[] = []
    for await (const line of linesOf(file)) found.push(line)
    return found
  }

  suite.test('end a line at a line feed and nowhere else', async () => {
    assert.equal(await lines('a\u2028b\n\nc\r\nd'), ['a\u2028b', 'c\r', 'd'])
  })
  suite.test('have lines longer than one read, and characters on its border', async () => {
    const long = 'ä'.repeat(70_000)
    assert.equal(await lines(`x${long}\n${long}\n`), [`x${long}`, long])
  })
  suite.test('are nobody else’s, also where a file of everybody was', async () => {
    writeFileSync(file, 'old', { mode: 0o666 })
    const to = privateFile(file)
    to.end('new')
    await finished(to)
    assert.is(statSync(file).mode & 0o777, 0o600)
  })
  suite.test('take any number of lines, in order, also none', async () => {
    for (const n of [0, 1, 10_000]) {
      writeFileSync(file, 'old', { mode: 0o666 })
      const lines = new LineFile(file)
      for (let i = 0; i < n; i++) lines.add(String(i))
      lines.end()
      assert.is(readFileSync(file, 'utf8'), Array.from({ length: n }, (_, i) => `${i}\n`).join(''))
      assert.is(statSync(file).mode & 0o777, 0o600)
    }
  })
})
