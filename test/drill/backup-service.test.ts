import { killService, serviceLog, soon, startService } from '../../lab/drills/service.ts'
import { states } from '../../lab/ground.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import { assert, describe } from '../describe.ts'
import { eventually } from '../poll.ts'
import { onGround } from './ground.ts'
import { provenSets } from './proven-sets.ts'

const LIMIT = { seconds: 1200 }

describe('the backup service in its container', suite => {
  const ready = onGround(suite)
  suite.after(() => startService(ready().target, 'off'))
  suite.test(
    'keeps its schedule, and killed while Neo4j is stopped it starts it again and catches up',
    () => killedAndCaughtUp(ready().target),
    LIMIT,
  )
})

async function killedAndCaughtUp(target: LabTarget): Promise<void> {
  await forgetIncidents(target)
  const before = await provenSets(target)
  await startService(target, soon())
  await eventually(async () => (await stateOf(target, 'neo4j')) === 'exited')
  await killService(target)
  await eventually(async () => (await stateOf(target, 'neo4j')) === 'running')
  const proven = await eventually(async () => {
    const now = await provenSets(target)
    return now.length > before.length && now
  })
  assert.is(proven.length, before.length + 1, 'one run, however often it was begun')
  const log = await eventually(async () => {
    const text = await serviceLog(target)
    return /waiting: until/.test(text.split('is verified').at(-1) ?? '') && text
  })
  assert.match(log, 'it has left neo4j stopped: starting it')
}

/** A drill that killed its recovery has left its incident open, and the service would wait for its end. */
async function forgetIncidents(target: LabTarget): Promise<void> {
  const objects = new Objects(bucketOf(target))
  for (const { key } of await objects.list('incidents/')) await objects.remove(key)
}

async function stateOf(target: LabTarget, service: string): Promise<string | undefined> {
  return (await states(target)).find(each => each.service === service)?.state
}
