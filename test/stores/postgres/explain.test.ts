import { command } from '../../../lib/command.ts'
import { explained } from '../../../stores/postgres/explain.ts'
import { assert, describe } from '../../describe.ts'
import { said, store } from './samples.ts'

const KNOWN: [string, RegExp, RegExp][] = [
  [
    'FATAL:  password authentication failed for user "ai_user"',
    /refuses the password of ai_user/,
    /POSTGRES_PASSWORD/,
  ],
  ['FATAL:  database "x" does not exist', /has no database "x"/, /postgres-loss/],
  ['FATAL:  role "x" does not exist', /has no role "x"/, /beside the backup/],
  ['FATAL:  database "x" is not currently accepting connections', /"x" is fenced/, /--resume/],
  ['FATAL:  the database system is starting up', /PostgreSQL is starting up/, /wait/],
  [
    'connection to server at "postgres", port 5432 failed: Connection refused',
    /does not answer/,
    /docker compose ps/,
  ],
  [
    'pg_dump: detail: Error message from server: server closed the connection unexpectedly',
    /broke off the connection/,
    /crashed.*docker compose logs/,
  ],
  [
    'WARNING:  terminating connection because of crash of another server process',
    /broke off the connection/,
    /docker compose logs/,
  ],
  ['service "postgres" is not running', /does not answer/, /is it up/],
  ['ERROR:  database "x" is being accessed by other users', /still connected/, /pg_prepared_xacts/],
  [
    'ERROR:  could not extend file "base/1": No space left on device',
    /disk of PostgreSQL is full/,
    /make room/,
  ],
  [
    'ERROR:  could not extend file "base/1": wrote only 4096 of 8192 bytes at block 0',
    /disk of PostgreSQL is full/,
    /make room/,
  ],
]

describe('what PostgreSQL refuses, in a sentence', suite => {
  for (const [stderr, message, hint] of KNOWN) {
    suite.test(stderr, () => {
      const told = explained(command(['psql']), store).explain?.(said('', { stderr, exitCode: 2 }))
      assert.match(told?.message ?? '', message)
      assert.match(told?.hint ?? '', hint)
    })
  }
  suite.test('what it does not know is left to the runtime', () => {
    const docker = { message: 'no Docker', hint: 'start it' }
    const asked = { ...command(['psql']), explain: () => docker }
    assert.is(explained(asked, store).explain?.(said('', { stderr: '?' })), docker)
    assert.is(explained(command(['psql']), store).explain?.(said('', { stderr: '?' })), undefined)
  })
})
