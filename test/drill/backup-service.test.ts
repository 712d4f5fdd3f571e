import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lab/drills/program.ts'
import { justPassed, killService, serviceHealth, serviceLog, startService } from '../../lab/drills/service.ts'
import { compose, docker, states } from '../../lab/ground.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { placeMark } from '../../lib/incident-mark.ts'
import { Objects } from '../../lib/objects.ts'
import type { Problem } from '../../lib/problem.ts'
import type { Bucket } from '../../lib/target.ts'
import { assert, describe, failure } from '../describe.ts'
import { eventually } from '../poll.ts'
import { configLike } from './config.ts'
import { onGround } from './ground.ts'
import { provenSets } from './proven-sets.ts'
import { last } from './said.ts'

const LIMIT = { seconds: 1200 }
const TOOL = 'tools/backup-service.ts'

describe('the backup service in its container', suite => {
  const ready = onGround(suite)
  suite.after(() => startService(ready().target, 'off'))
  suite.test(
    'stands still while an incident is open; killed while Neo4j is stopped it starts it again and catches up',
    () => pausedAndKilled(ready().target),
    LIMIT,
  )
  suite.test(
    'verified sets are copied to a second server, from which they are as good',
    () => replicated(ready().target),
    LIMIT,
  )
})

async function pausedAndKilled(target: LabTarget): Promise<void> {
  await forgetIncidents(target)
  const before = await provenSets(target)
  await pausedByIncident(target)
  await eventually(async () => (await stateOf(target, 'neo4j')) === 'exited')
  const killed = await holder(target)
  await killService(target)
  await eventually(async () => (await stateOf(target, 'neo4j')) === 'running')
  await eventually(async () => ![undefined, killed].includes(await holder(target)))
  await refusedMeanwhile(target)
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

/** The hour of the schedule has passed since the last set: without the incident it would begin at once. */
async function pausedByIncident(target: LabTarget): Promise<void> {
  const incident = '20260101_000000-qdrant-corruption'
  const opened = new Date().toISOString()
  const by = { scenario: 'qdrant-corruption', opened, host: 'elsewhere', operator: 'jim' }
  await placeMark(bucketOf(target), { incident, project: target.project, ...by })
  await startService(target, justPassed())
  await eventually(async () => (await serviceHealth(target)).includes('"paused"'))
  assert.match(await serviceLog(target), new RegExp(`paused: incident ${incident} is open`))
  assert.is(await holder(target), undefined)
  const closed = await run(target, TOOL, ['--close-incident', incident])
  assert.is(closed.exitCode, 0, last(closed))
}

/** A drill that killed its recovery has left its incident open, and the service would wait for its end. */
async function forgetIncidents(target: LabTarget): Promise<void> {
  const objects = new Objects(bucketOf(target))
  for (const { key } of await objects.list('incidents/')) await objects.remove(key)
}

/** The container that is held by whoever takes a backup. */
async function holder(target: LabTarget): Promise<string | undefined> {
  const filters = ['--filter', `name=^${target.project}-recovery-lock$`]
  return (await docker(target, ['ps', '-q', ...filters])) || undefined
}

/** A run by hand while the service has one: on this host, and in its own container. */
async function refusedMeanwhile(target: LabTarget): Promise<void> {
  const here = await run(target, TOOL, ['--run-once'])
  assert.is(here.exitCode, 75, last(here))
  assert.match(here.stderr, /is held by .*backup/)
  const inside = ['exec', '-T', 'backup-service', 'backup-service', '--run-once']
  const { code, tail } = (await failure(() => compose(target, ...inside))) as Problem
  assert.is(code, 75, tail.join('\n'))
}

async function replicated(target: LabTarget): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'replica-'))
  try {
    await withSecondMinio(target, async copies => {
      const lines = [
        `  replica: { endpoint: "${copies.endpoint}", bucket: ${copies.bucket},`,
        '    access_key_from: MINIO_ACCESS_KEY, secret_key_from: MINIO_SECRET_KEY }',
      ]
      const config = configLike(target, folder, text =>
        text.replace(/^ {2}taken_by: .*$/m, taken => [taken, ...lines].join('\n')),
      )
      const replicate = () => run(target, TOOL, ['--replicate', '--config', config])
      const without = await replicate()
      assert.is(without.exitCode, 1, last(without))
      assert.match(without.stderr, /there is no bucket|does not exist/)
      await new Objects(copies).ensureBucket()
      const ended = await replicate()
      assert.is(ended.exitCode, 0, last(ended))
      const proven = await provenSets(target)
      assert.ok(proven.length > 0)
      for (const set of proven) assert.match(ended.stdout, set)
      const metrics = await run(target, 'tools/exporter.ts', ['--once', '--config', config])
      assert.match(metrics.stdout, /^dr_replica_success_timestamp_seconds(\{.*\})? \d{10}/m)
      // As after the loss of the first server.
      const other = configLike(target, folder, text =>
        text
          .replace(/^( {2}endpoint: ).*PUBLISH_MINIO.*$/m, `$1${copies.endpoint}`)
          .replace(/^( {2}bucket: ).*$/m, `$1${copies.bucket}`),
      )
      const read = await run(target, TOOL, ['--verify', proven.sort().at(-1)!, '--config', other])
      assert.is(read.exitCode, 0, last(read))
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Another server of the same image, without a bucket. */
async function withSecondMinio(target: LabTarget, work: (copies: Bucket) => Promise<void>): Promise<void> {
  const { image } = (await states(target)).find(({ service }) => service === 'minio')!
  const { hostname, port } = new URL(target.urls.minio)
  const endpoint = `http://${hostname}:${Number(port) + 5}`
  const { MINIO_ACCESS_KEY: user = '', MINIO_SECRET_KEY: password = '' } = target.env
  const env = ['-e', `MINIO_ROOT_USER=${user}`, '-e', `MINIO_ROOT_PASSWORD=${password}`]
  const publish = ['-p', `${hostname}:${Number(port) + 5}:9000`]
  const id = await docker(target, ['run', '-d', ...env, ...publish, image, 'server', '/data'])
  try {
    await eventually(() =>
      fetch(`${endpoint}/minio/health/cluster`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    await work({ ...bucketOf(target), service: '', endpoint, bucket: 'copies' })
  } finally {
    await docker(target, ['rm', '-f', '-v', id])
  }
}

async function stateOf(target: LabTarget, service: string): Promise<string | undefined> {
  return (await states(target)).find(each => each.service === service)?.state
}
