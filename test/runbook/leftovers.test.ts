import type { Recorded } from '../../lib/journal.ts'
import { containersLeft } from '../../runbook/leftovers.ts'
import { assert, describe } from '../describe.ts'

const RUN = 'docker compose run --rm --no-deps -T --name p-load-1 --entrypoint sh neo4j -c true'

function journal(...ends: string[]): Recorded[] {
  const events = [
    { kind: 'opened' },
    { kind: 'started', path: 'a', command: RUN },
    { kind: 'command', path: 'a', pid: 1 },
    { kind: 'started', path: 'b', command: 'curl --name x' },
    { kind: 'command', path: 'b', pid: 2 },
    ...ends.map(path => ({ kind: 'finished', path })),
  ]
  return events as unknown as Recorded[]
}

describe('what a dead run has left behind', suite => {
  suite.test('a one-off container whose command never ended is named', () => {
    assert.equal(containersLeft(journal('b')), ['p-load-1'])
  })
  suite.test('one that ended is not, and no other program is taken for one', () => {
    assert.equal(containersLeft(journal('a')), [])
  })
})
