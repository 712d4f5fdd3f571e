import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../lib/problem.ts'
import type { Target } from '../../lib/target.ts'
import type { Candidate } from '../../stores/backups.ts'
import { newestVerified, nextRun } from '../../tools/health/backups.ts'
import { type Check, examine, proven } from '../../tools/health/check.ts'
import { contacts, installed, practised } from '../../tools/health/machine.ts'
import { assert, describe } from '../describe.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-23T12:00:00Z')

describe('the health check', suite => {
  const folder = mkdtempSync(join(tmpdir(), 'health-'))
  suite.after(() => rmSync(folder, { recursive: true, force: true }))

  suite.test('goes on when a check throws, and that one has failed with its hint', async () => {
    const check = (name: string, look: Check['look']): Check => ({ area: 'platform', name, look })
    const checks = [
      check('a', () => Promise.reject(new Problem('nobody there', { hint: 'start it' }))),
      check('b', async () => proven('well')),
      check('c', () =>
        Promise.reject(new Problem('curl ended with exit code 7', { tail: ['x', 'curl: (7) no'] })),
      ),
    ]
    const seen = await examine(checks, {} as Target)
    assert.equal(
      seen.map(({ name, verdict, found, hint }) => [name, verdict, found, hint]),
      [
        ['a', 'failed', 'nobody there', 'start it'],
        ['b', 'proven', 'well', undefined],
        ['c', 'failed', 'curl ended with exit code 7: curl: (7) no', 'npm start looks at it more closely'],
      ],
    )
  })

  suite.test('counts verified backups only, and none that is older than the RPO', () => {
    const backup = (hours: number, verdict?: string, refused?: string) =>
      ({
        id: `qdrant_${hours}`,
        member: { started: new Date(NOW - hours * HOUR).toISOString() },
        verification: verdict && { verdict },
        refused,
      }) as unknown as Candidate
    const verdict = (...all: Candidate[]) => newestVerified(all, 24, NOW).verdict
    assert.is(verdict(), 'failed')
    assert.is(verdict(backup(1)), 'failed')
    assert.is(verdict(backup(1, 'failed'), backup(1, 'proven', 'its object is missing')), 'failed')
    assert.is(verdict(backup(25, 'proven')), 'failed')
    assert.is(verdict(backup(25, 'proven'), backup(23, 'proven')), 'proven')
    assert.is(verdict(backup(40, 'proven'), backup(-48, 'proven')), 'failed', 'of a clock that was ahead')
    assert.match(
      newestVerified([backup(30, 'proven'), backup(2, 'proven')], 24, NOW).found,
      'qdrant_2, 2 h old',
    )
  })

  suite.test('knows when the next backup comes', () => {
    assert.is(nextRun('0 2 * * *', new Date(NOW)).found, '0 2 * * * (UTC), next 2026-11-24T02:00Z')
    assert.is(nextRun('off', new Date(NOW)).verdict, 'failed')
  })

  suite.test('takes no placeholder for a contact', () => {
    const verdict = (contact: string) => contacts([{ level: 1, contact }]).verdict
    for (const nobody of ['', '  ', '<name>', 'TODO', 'tbd', 'ops@example.com', '+49 0000 0000']) {
      assert.is(verdict(nobody), 'failed', nobody)
    }
    assert.is(verdict('on-call rotation "databases"'), 'proven')
  })

  suite.test('sees a package that is not the one of the lock file', () => {
    const put = (file: string, content: object) => {
      mkdirSync(join(folder, file, '..'), { recursive: true })
      writeFileSync(join(folder, file), JSON.stringify(content))
    }
    put('package.json', { dependencies: { one: '1.0.0', two: '2.0.0' } })
    put('node_modules/one/package.json', { version: '1.0.0' })
    assert.match(installed(folder).found, 'two 2.0.0 is not')
    put('node_modules/two/package.json', { version: '2.0.1' })
    assert.is(installed(folder).verdict, 'failed')
    put('node_modules/two/package.json', { version: '2.0.0' })
    assert.is(installed(folder).verdict, 'proven')
  })

  suite.test('wants a recovery that ended proven, and not long ago', () => {
    const incidents = join(folder, 'incidents')
    const ended = (name: string, exitCode: number, days: number) => {
      mkdirSync(join(incidents, name), { recursive: true })
      const at = new Date(NOW - days * 24 * HOUR).toISOString()
      const event = { at, kind: 'closed', outcome: '', exitCode }
      writeFileSync(join(incidents, name, 'journal.jsonl'), `${JSON.stringify(event)}\n`)
    }
    assert.is(practised(incidents, NOW).verdict, 'failed')
    ended('20261120_000000-qdrant-corruption', 2, 3)
    assert.match(practised(incidents, NOW).found, 'never')
    ended('20260801_000000-qdrant-corruption', 0, 114)
    assert.is(practised(incidents, NOW).verdict, 'failed')
    ended('20261101_000000-neo4j-loss', 0, 22)
    assert.is(practised(incidents, NOW).verdict, 'proven')
  })
})
