import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DRILLS_FILE, type DrillRecord } from '../../lab/drills/history.ts'
import { writeMarker } from '../../lab/drills/marker.ts'
import { recover, SCENARIO } from '../../lab/drills/scenario.ts'
import { type Engineer, surprise } from '../../lab/drills/surprise.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { assert, describe } from '../describe.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { last } from './said.ts'

const LIMIT = { seconds: 600 }
const FAULT = faultNamed('vector-bytes')

/** Answers as somebody at the terminal would. */
const answering =
  (answers: Record<string, string>): Engineer =>
  async target => {
    const given = Object.entries(answers).flatMap(([name, answer]) => ['--set', `${name}=${answer}`])
    const ended = await recover(target, given, SCENARIO)
    assert.is(ended.exitCode, 0, last(ended))
  }

describe('a surprise drill', suite => {
  const ready = onGround(suite)

  suite.test(
    'of an engineer who decides well passes',
    async () => {
      const { good, record } = await drilled(ready(), answering({ backup: 'latest' }))
      assert.ok(good, JSON.stringify(record))
      assert.ok(record.surprise && record.passed)
      assert.is(record.claims.hold, record.claims.of)
      assert.equal(judged(record, false), [])
      assert.ok(judged(record, true).includes('scope') && judged(record, true).includes('backup'))
      assert.ok(record.lanes.act > 0 && record.lanes.prove > 0)
    },
    LIMIT,
  )

  suite.test(
    'of one who restores what was sound, and gives a wrong time, is told so',
    async () => {
      const yesterday = new Date(Date.now() - 86_400_000).toISOString()
      const bad = answering({ backup: 'latest', collections: 'all', detected: yesterday })
      const { good, record } = await drilled(ready(), bad)
      assert.not.ok(good || record.passed)
      assert.equal(judged(record, false), ['detection', 'scope'])
    },
    LIMIT,
  )
})

/** Runs one drill and gives the line that it has left. */
async function drilled(ready: Ready, engineer: Engineer): Promise<{ good: boolean; record: DrillRecord }> {
  await beginAgain(ready)
  const { target, before } = ready
  const file = join(target.root, DRILLS_FILE)
  const earlier = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const after = await writeMarker(target, 'after the backup')
  const good = await surprise(target, { fault: FAULT, before, after, scale: 1 }, engineer)
  const line = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)!
  if (earlier === undefined) rmSync(file)
  return { good, record: JSON.parse(line) as DrillRecord }
}

function judged({ decisions }: DrillRecord, verdict: boolean): string[] {
  return decisions.filter(({ good }) => good === verdict).map(({ what }) => what)
}
