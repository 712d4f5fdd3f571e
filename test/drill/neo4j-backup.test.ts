import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Ended, run } from '../../lab/drills/program.ts'
import { databaseStatus } from '../../lab/faults/neo4j-files.ts'
import { composeEnv, containerOf, docker } from '../../lab/ground.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { dayOf } from '../../lib/format.ts'
import { Objects } from '../../lib/objects.ts'
import { assert, describe } from '../describe.ts'
import { eventually } from '../poll.ts'
import { configLike, onlyStores } from './config.ts'
import { onGround } from './ground.ts'
import { beginNeo4jAgain, besideService, runVolumes } from './neo4j-ground.ts'
import { newestMembers } from './newest-set.ts'
import { last } from './said.ts'

const LIMIT = { seconds: 600 }
const TOOL = 'tools/backup-service.ts'

describe('a backup of Neo4j in bad luck: Neo4j runs again, whatever happens', suite => {
  const ready = onGround(suite)
  const folder = mkdtempSync(join(tmpdir(), 'bad-luck-'))
  let once: string[] = []
  suite.before(async () => {
    await beginNeo4jAgain(ready())
    once = ['--run-once', '--config', configLike(ready().target, folder, text => onlyStores(text, 'neo4j'))]
  })
  suite.after(() => rmSync(folder, { recursive: true, force: true }))
  suite.test('the container of the dump is killed', () => dumpKilled(ready().target, once), LIMIT)
  suite.test('the tool is killed with kill -9 in the dump', () => toolKilled(ready().target, once), LIMIT)
  let half = ''
  suite.test(
    'an upload of that run is killed with kill -9',
    async () => {
      half = await uploadKilled(ready().target)
    },
    LIMIT,
  )
  suite.test('Neo4j was stopped too hard', () => stoppedHard(ready().target, once), LIMIT)
  suite.test('the half upload of the killed run is gone with the next backup', async () => {
    assert.equal(await new Objects(bucketOf(ready().target)).halfUploads(half), [])
  })
})

async function dumpKilled(target: LabTarget, once: readonly string[]): Promise<void> {
  const dumping = dumpStarts(target)
  const backup = run(target, TOOL, once, LIMIT.seconds)
  await docker(target, ['kill', await dumping])
  const ended = await backup
  assert.is(ended.exitCode, 1, last(ended))
  await isBack(target, ended)
  assert.equal(await runVolumes(target), [])
  assert.equal(await lastMember(target), 'failed')
}

/** The next backup then removes what was left behind; it is the one of the test below. */
async function toolKilled(target: LabTarget, once: readonly string[]): Promise<void> {
  const dumping = dumpStarts(target)
  const argv = ['--import', 'tsx', join(target.root, TOOL), ...once]
  const tool = spawn(process.execPath, argv, { cwd: target.root, env: composeEnv(target), stdio: 'ignore' })
  await dumping
  tool.kill('SIGKILL')
  await isBack(target)
}

/** Large enough for many parts. */
const LARGE = 256 * 1024 * 1024

/** Killed in the dump, it had no upload under way: this is the one it would have begun next. Gives its key. */
async function uploadKilled(target: LabTarget): Promise<string> {
  const objects = new Objects(bucketOf(target))
  const notes = (await objects.list(`runs/${target.project}/backup/set/`)).map(({ key }) => key)
  const [, stamp = ''] = /\/(\d{8}_\d{6})\.started\.json$/.exec(notes.sort().at(-1) ?? '') ?? []
  const key = `neo4j/${dayOf(stamp)}/neo4j_${stamp}.dump`
  const folder = mkdtempSync(join(tmpdir(), 'upload-'))
  const file = join(folder, 'large')
  writeFileSync(file, '')
  truncateSync(file, LARGE)
  const argv = ['--import', 'tsx', join(target.root, 'tools/objects.ts'), 'put', file, key]
  const put = spawn(process.execPath, argv, { cwd: target.root, env: composeEnv(target), stdio: 'ignore' })
  try {
    await eventually(async () => (await objects.halfUploads(key)).length > 0)
  } finally {
    put.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  assert.is(await objects.find(key), undefined, 'it must have been killed in the upload')
  return key
}

/** Killed while it stops: its log is not at rest, so it has to come up and stop once more before the dump. */
async function stoppedHard(target: LabTarget, once: readonly string[]): Promise<void> {
  const lock = `${target.project}-recovery-lock`
  await eventually(
    async () =>
      !/running/.test(await docker(target, ['ps', '--filter', `name=${lock}`, '--format', '{{.State}}'])),
  )
  const service = containerOf(target, 'neo4j')
  const stopping = event('kill', name => name === service)
  const backup = run(target, TOOL, once, LIMIT.seconds)
  await stopping
  await docker(target, ['kill', '--signal', 'KILL', service])
  const ended = await backup
  assert.is(ended.exitCode, 0, last(ended))
  assert.match(ended.stdout, /neo4j is exited, exit code 0/)
  assert.is((ended.stdout.match(/! stop Neo4j/g) ?? []).length, 2, 'it must have been stopped twice')
  await isBack(target, ended)
  assert.equal(await besideService(target), [])
  assert.equal(await runVolumes(target), [], 'the volumes of the killed run are gone, too')
  assert.equal(await lastMember(target), 'success')
}

/** The name of the container that dumps, at the moment it starts. */
function dumpStarts(target: LabTarget): Promise<string> {
  return event('start', name => name.startsWith(`${target.project}-neo4j-dump-`))
}

/** The name of the next container to which this happens: the daemon tells it at once, a list only when asked. */
async function event(kind: 'start' | 'kill', wanted: (name: string) => boolean): Promise<string> {
  const format = ['--format', '{{.Actor.Attributes.name}}']
  const events = spawn('docker', ['events', '--filter', `event=${kind}`, ...format], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    for await (const name of createInterface(events.stdout)) if (wanted(name)) return name
    throw new Error('docker events ended')
  } finally {
    events.kill()
  }
}

async function isBack(target: LabTarget, ended?: Ended): Promise<void> {
  await eventually(async () => (await databaseStatus(target)) === 'online')
  if (ended) assert.not.match(ended.stderr, /unexpected:/)
}

/** What the newest manifest says of Neo4j. */
async function lastMember(target: LabTarget): Promise<string | undefined> {
  return (await newestMembers(target)).find(({ kind }) => kind === 'neo4j')?.status
}
