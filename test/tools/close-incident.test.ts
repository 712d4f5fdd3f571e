import { command } from '../../lib/command.ts'
import { openIncidents, placeMark } from '../../lib/incident-mark.ts'
import { Objects } from '../../lib/objects.ts'
import type { Problem } from '../../lib/problem.ts'
import type { Bucket, Target } from '../../lib/target.ts'
import { closeIncident } from '../../tools/backup/close-incident.ts'
import { assert, describe, failure } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'

const OPEN = {
  incident: '20261122_031502-qdrant-corruption',
  project: 'ai-platform',
  scenario: 'qdrant-corruption',
  opened: '2026-11-22T03:15:02.000Z',
  host: 'host',
  operator: 'op',
}
const HOLDER = '{"id":"i","state":"running","labels":"recovery.operator=ana,recovery.host=laptop"}'

describe('closing an incident by hand', suite => {
  const s3 = new FakeS3()
  let backups: Bucket
  suite.before(async () => {
    backups = await s3.start()
    await placeMark(backups, OPEN)
  })
  suite.after(() => s3.stop())
  const close = (name: string, lock: string) => {
    const runtime = { project: 'ai-platform', containerNamed: () => command(['printf', '%s', lock]) }
    return closeIncident({ backups, root: '.', runtime } as unknown as Target, name)
  }
  const open = async () => (await openIncidents(new Objects(backups))).length

  suite.test('one that is not open is refused with those that are', async () => {
    for (const name of ['20200101_000000-neo4j-loss', '../../x', '']) {
      const error = (await failure(() => close(name, ''))) as Problem
      assert.is(error.exitCode, 64)
      assert.match(error.hint ?? '', OPEN.incident)
    }
    assert.is(await open(), 1)
  })
  suite.test('while somebody works on the target it stays open', async () => {
    const error = (await failure(() => close(OPEN.incident, HOLDER))) as Problem
    assert.is(error.exitCode, 75)
    assert.match(error.message, 'held by ana on laptop')
    assert.is(await open(), 1)
  })
  suite.test('the mark of a dead one goes', async () => {
    assert.is(await close(OPEN.incident, HOLDER.replace('running', 'exited')), 0)
    assert.is(await open(), 0)
  })
})
