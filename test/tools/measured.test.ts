import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measuredTable, record } from '../../tools/measured.ts'
import { assert, describe } from '../describe.ts'

describe('measured times on the page', suite => {
  const root = mkdtempSync(join(tmpdir(), 'measured-'))
  mkdirSync(join(root, 'lab'))
  suite.after(() => rmSync(root, { recursive: true, force: true }))

  suite.test('are not there while nothing was measured', () => {
    assert.is(measuredTable(root), '')
  })
  suite.test('say when, on what, how much and how long', () => {
    const lost = {
      scenario: 'neo4j-loss',
      fault: 'Graph files gone',
      diskBytes: 1024 ** 3,
      backupBytes: 8 * 1024 ** 2,
    }
    const machine = '2 × processor, 24 GB memory'
    record(root, {
      date: '2026-11-23',
      machine,
      version: '1.2.3',
      recoveries: [{ ...lost, seconds: 95, act: 61 }],
    })
    const text = measuredTable(root)
    assert.match(text, `Measured on 2026-11-23 with version 1.2.3 on the practice ground (${machine})`)
    assert.match(text, '| `neo4j-loss` | Graph files gone | 1.0 GB | 8.0 MB | 01:35 | 01:01 |')
  })
})
