import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../../lib/journal.ts'
import { Secret } from '../../lib/secret.ts'
import { ValidationReport } from '../../tools/validation-report.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const checked = (say: string, verdict: string, found = 'as it should be'): Event => ({
  kind: 'checked',
  path: 'integrity/1',
  say,
  verdict,
  found,
  ms: 1500,
})

describe('the report of a validation', suite => {
  const dir = tempDir(suite)

  suite.test('has every check with its verdict, and counts what passed', () => {
    const report = new ValidationReport('p', '20261122_020000')
    const record = report.recorder('qdrant')
    record(checked('every point is there', 'proven'))
    record(checked('every row has its point', 'expected loss', '2 rows younger than the backup'))
    record({ kind: 'note', text: 'no check' })
    record({ kind: 'skipped', path: 'integrity/2', say: 'as usual', why: 'nobody knows what is usual' })
    assert.ok(report.passed('qdrant'))
    record(checked('its indexes are there', 'failed', 'title is missing'))
    report.add({
      store: 'neo4j',
      check: 'it can be looked at',
      verdict: 'unchecked',
      found: 'no answer',
      ms: 0,
    })
    assert.equal(
      [report.passed('qdrant'), report.passed('neo4j'), report.passed('postgres')],
      [false, false, true],
    )
    assert.is(
      report.write(dir, 'here'),
      '2 of 4 checks passed, 1 skipped: here/validation_report_20261122_020000.txt',
    )
    const text = readFileSync(join(dir, 'validation_report_20261122_020000.txt'), 'utf8')
    assert.match(text, /^failed +qdrant: its indexes are there: title is missing {2}\(1\.5 s\)$/m)
    assert.match(text, /^could not be checked {2}neo4j: it can be looked at: no answer/m)
    const json = JSON.parse(readFileSync(join(dir, 'validation_report_20261122_020000.json'), 'utf8'))
    assert.equal(
      json.checks.map((one: { verdict: string; seconds: number }) => [one.verdict, one.seconds]),
      [
        ['proven', 1.5],
        ['expected loss', 1.5],
        ['skipped', 0],
        ['failed', 1.5],
        ['unchecked', 0],
      ],
    )
  })
  suite.test('has no secret in it', () => {
    const password = new Secret('REPORT_PASSWORD', 'report-password-value')
    const report = new ValidationReport('p', '20261122_030000')
    report.recorder('postgres')(checked('it lets us in', 'failed', `"${password.reveal()}" was refused`))
    report.write(dir, 'here')
    for (const ending of ['txt', 'json']) {
      const text = readFileSync(join(dir, `validation_report_20261122_030000.${ending}`), 'utf8')
      assert.not.match(text, 'report-password-value')
    }
  })
})
