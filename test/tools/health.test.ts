import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../lib/problem.ts'
import type { Target } from '../../lib/target.ts'
import type { Health } from '../../stores/backup-service/facts.ts'
import type { Candidate } from '../../stores/backups.ts'
import { newestVerified, nextRun, removable, serviceSeen } from '../../tools/health/backups.ts'
import { type Check, examine, proven } from '../../tools/health/check.ts'
import { contacts, installed, machineChecks, practised, stagingBytes } from '../../tools/health/machine.ts'
import { assert, describe } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-23T12:00:00Z')

describe('the health check', suite => {
  const folder = mkdtempSync(join(tmpdir(), 'health-'))
  suite.after(() => rmSync(folder, { recursive: true, force: true }))

  suite.test('finds a bucket that keeps no versions, unless there are copies elsewhere', async () => {
    const s3 = new FakeS3()
    const backups = await s3.start()
    try {
      const without = await removable({ backups, replica: undefined })
      assert.is(without.verdict, 'failed')
      assert.match(without.hint ?? '', `mc version enable <alias>/${backups.bucket}`)
      assert.is((await removable({ backups, replica: backups })).verdict, 'proven')
      s3.versioned = true
      assert.is((await removable({ backups, replica: undefined })).verdict, 'proven')
      s3.trouble = { status: 501, code: 'NotImplemented' }
      assert.is((await removable({ backups, replica: undefined })).verdict, 'failed')
    } finally {
      s3.stop()
    }
  })

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

  suite.test('a service that answers, sees the bucket and keeps the schedule is well', () => {
    const seen = (health: Partial<Health> | undefined) => {
      const whole = health && { state: 'waiting' as const, schedule: '0 2 * * *', ...health }
      const { verdict, found } = serviceSeen(whole, '0 2 * * *')
      return `${verdict}: ${found}`
    }
    assert.is(seen({ next: '2026-11-24T02:00:00.000Z' }), 'proven: waiting, next 2026-11-24T02:00Z')
    assert.match(seen(undefined), /^failed: .* does not answer/)
    assert.match(seen({ state: 'blind', why: 'no such key' }), /^failed: .*no such key/)
    assert.match(seen({ state: 'off', schedule: 'off' }), /^failed: it keeps "off"/)
  })

  suite.test('room is wanted for the newest good backup of every store, with what is unpacked', () => {
    const of = (store: string, set: string, size_bytes: number, status = 'success') =>
      ({ store, set, member: { status, size_bytes, beside: [{ size_bytes: 1 }] } }) as unknown as Candidate
    const all = [
      of('neo4j', 'set_2', 0, 'failed'),
      of('postgres', 'set_2', 999),
      of('postgres', 'set_1', 5),
      of('neo4j', 'set_1', 499),
    ]
    assert.is(stagingBytes(all), 2.2 * 1500)
    assert.is(stagingBytes([]), 0)
  })

  suite.test('every link is visited, and one that leads nowhere is found', async () => {
    const visited: string[] = []
    const server = createServer(({ url = '' }, response) => {
      visited.push(url)
      response.writeHead(url === '/there' ? 200 : 404).end()
    })
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    writeFileSync(join(folder, 'notes.md'), '')
    const urls = [`${at}/there`, `${at}/gone`, 'notes.md', 'nowhere.md']
    const links = urls.map(url => ({ title: url.replace(/^.*\//, ''), url }))
    const target = { root: folder, links, stores: {} } as unknown as Target
    const none = Promise.resolve({ candidates: [], broken: [] })
    const checks = machineChecks(target, none).filter(({ area }) => area === 'links')
    const seen = await examine(checks, target)
    server.close()
    assert.equal(
      seen.map(({ name, verdict }) => `${name}: ${verdict}`),
      [
        '"there" opens: proven',
        '"gone" opens: failed',
        '"notes.md" opens: proven',
        '"nowhere.md" opens: failed',
      ],
    )
    assert.equal(visited.sort(), ['/gone', '/there'])
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
