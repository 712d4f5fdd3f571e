import type { ServiceState } from '../../../lib/runtime.ts'
import { pathOf, readCluster, reasonOf } from '../../../stores/postgres/cluster-state.ts'
import { assert, describe, failure } from '../../describe.ts'
import { said, store } from './samples.ts'

const at = (state: ServiceState['state'], exitCode = 0): ServiceState => ({
  service: 'postgres',
  container: 'c',
  state,
  health: '',
  exitCode,
})

const REASON = 'PANIC:  could not read file "global/pg_control": read 100 of 296'

describe('the state of a cluster', suite => {
  suite.test('version and databases are read', () => {
    const text = '{"version":"17.11 (Debian)","roles":["ai_user"],"databases":[{"name":"a","open":true}]}'
    assert.equal(readCluster(said(text), store), {
      up: true,
      version: '17.11',
      roles: ['ai_user'],
      databases: [{ name: 'a', open: true }],
    })
  })
  suite.test('nobody there is a finding; a refused password is a problem', async () => {
    const refused = said('', { exitCode: 2, stderr: 'connection to server failed: Connection refused' })
    assert.not.ok(readCluster(refused, store).up)
    const stderr = 'FATAL:  password authentication failed for user "ai_user"'
    const error = await failure(() => readCluster(said('', { exitCode: 2, stderr }), store))
    assert.match(error.message, /refuses the password of ai_user/)
  })
  suite.test('the last reason of a log is the one; what clients are told is none', () => {
    const log = [
      '2026 UTC [1] FATAL:  data directory "/old" has wrong ownership',
      '2026 UTC [1] LOG:  database system is ready to accept connections',
      '2026 UTC [9] FATAL:  database "nope" does not exist',
      '2026 UTC [9] FATAL:  the database system is starting up',
    ]
    assert.is(reasonOf(log.join('\n')), '')
    assert.is(reasonOf([...log, `2026 UTC [1] ${REASON}`].join('\n')), REASON)
    assert.is(
      reasonOf('initdb: error: directory "/var/lib/postgresql/data" exists but is not empty'),
      'initdb: error: directory "/var/lib/postgresql/data" exists but is not empty',
    )
  })
  const paths: [string, ReturnType<typeof pathOf>, ReturnType<typeof pathOf>][] = [
    ['it answers', pathOf(true, at('running'), REASON), 'database'],
    ['it restarts over and over', pathOf(false, at('restarting', 1), ''), 'cluster'],
    ['it died of its files', pathOf(false, at('exited', 1), REASON), 'cluster'],
    ['it has just been started again', pathOf(false, at('running'), REASON), 'cluster'],
    ['it was stopped', pathOf(false, at('exited'), ''), 'stopped'],
    ['it was stopped after an old complaint', pathOf(false, at('exited'), REASON), 'stopped'],
    ['it was killed', pathOf(false, at('exited', 137), ''), 'stopped'],
    ['it has no container', pathOf(false, at('missing'), ''), 'stopped'],
    ['it runs and says nothing', pathOf(false, at('running'), ''), 'silent'],
    ['it is paused', pathOf(false, at('paused'), ''), 'silent'],
  ]
  for (const [name, path, expected] of paths) suite.test(name, () => assert.is(path, expected))
})
