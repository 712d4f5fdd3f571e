import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, run } from '../../lab/drills/program.ts'
import { docker } from '../../lab/ground.ts'
import { say } from '../../lab/setup/progress.ts'
import type { LabTarget } from '../../lab/target.ts'
import { EVIDENCE_FILE, type Evidence } from '../../stores/evidence.ts'
import { assert, describe } from '../describe.ts'
import { beginAgain, onGround } from './ground.ts'
import { POSTGRES_LOSS } from './postgres-ground.ts'
import { last } from './said.ts'

const LIMIT = { seconds: 900 }

describe('the monthly test of a restore, on real engines', suite => {
  const ready = onGround(suite)
  const log = () => join(ready().target.root, EVIDENCE_FILE)
  let earlier: string | undefined
  suite.before(() => {
    earlier = existsSync(log()) ? readFileSync(log(), 'utf8') : undefined
  })
  suite.after(() => (earlier === undefined ? rmSync(log(), { force: true }) : writeFileSync(log(), earlier)))
  suite.test('passes, its twin fails, and nothing of it is left', () => passes(ready().target), LIMIT)
  suite.test(
    'fails in its short form when the live data is damaged',
    async () => {
      await beginAgain(ready())
      await quick(ready().target)
    },
    LIMIT,
  )
  suite.test('is refused where it would meet the real installation', () => refused(ready().target), LIMIT)
})

async function passes(target: LabTarget): Promise<void> {
  const { ended, evidence } = await tested(target, [])
  assert.is(ended.exitCode, 0, last(ended))
  assert.equal([evidence.verdict, evidence.failures], ['passed', []])
  assert.is(evidence.twin?.rejected, true)
  assert.equal(Object.keys(evidence.stores).sort(), ['neo4j', 'postgres', 'qdrant'])
  assert.ok(Number(evidence.seconds?.total) > 0)
  const left = `${target.project}-drtest`
  for (const what of [
    ['ps', '-a', '--format', '{{.Names}}'],
    ['volume', 'ls', '-q'],
    ['network', 'ls', '--format', '{{.Name}}'],
  ])
    assert.not.match(await docker(target, what), new RegExp(`^${left}`, 'm'))
  const plan = await run(target, POSTGRES_LOSS, ['--plan', '--set', 'backup=latest'])
  assert.match(plan.stdout, /tested +\d+ (s|min) ago$/m)
  say(`  restored beside the platform in ${ended.seconds.toFixed(0)} s, its twin rejected`)
}

async function quick(target: LabTarget): Promise<void> {
  const gone = await fetch(`${target.urls.qdrant}/collections/packages`, { method: 'DELETE' })
  assert.ok(gone.ok)
  const { ended, evidence } = await tested(target, ['--quick'])
  assert.is(ended.exitCode, 2, last(ended))
  assert.equal(evidence.failures, ['the live data is not what it should be: npm start'])
}

/** The configuration of the ground itself as that of the test. */
async function refused(target: LabTarget): Promise<void> {
  const ended = await run(target, 'tools/test-recovery.ts', ['--test-config', 'runbook.config.yaml'])
  assert.is(ended.exitCode, 64, last(ended))
  assert.match(ended.stderr, `both are the project "${target.project}"`)
  for (const shared of ['password for neo4j', 'access key for the bucket'])
    assert.match(ended.stderr, `both have the same ${shared}`)
  assert.match(ended.stderr, /both publish the port \d+/)
}

/** A run of the test, and the line that it has left. */
async function tested(
  target: LabTarget,
  args: readonly string[],
): Promise<{ ended: Ended; evidence: Evidence }> {
  const file = join(target.root, EVIDENCE_FILE)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const ended = await run(target, 'tools/test-recovery.ts', args, LIMIT.seconds)
  const added = existsSync(file) ? readFileSync(file, 'utf8').slice(before.length).trim() : ''
  assert.ok(added, last(ended))
  return { ended, evidence: JSON.parse(added) as Evidence }
}
