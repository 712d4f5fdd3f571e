import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { compose } from '../../lab/ground.ts'
import { waitUntilHealthy } from '../../lab/start.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { configLike } from './config.ts'
import { beginAgain, onGround } from './ground.ts'
import { withAliasesInTheWay, withKeyedQdrant, withTinyDisk } from './misfortune.ts'
import { assertRefusedUntouched, assertRefuses, PLAN, type Refusal, RUN } from './refused.ts'
import { honest, makeTwin } from './twin.ts'
import { worldOf } from './world.ts'

const LIMIT = { seconds: 300 }

/** Variables set to wrong values, and the store that must be named. */
const CREDENTIALS: [string, Record<string, string>, RegExp][] = [
  ['secret key of MinIO', { MINIO_SECRET_KEY: 'wrong' }, /MinIO refuses the secret key/],
  ['access key of MinIO', { MINIO_ACCESS_KEY: 'nobody' }, /MinIO does not know the access key/],
  ['password of PostgreSQL', { POSTGRES_PASSWORD: 'wrong' }, /postgres refuses the password of ai_user/],
  ['password of Neo4j', { NEO4J_PASSWORD: 'wrong' }, /neo4j refuses the password of neo4j/],
]

const IDS: [string, string, RegExp][] = [
  ['unknown', 'qdrant_20190101_000000', /there is no backup qdrant_20190101_000000/],
  ['of another store', 'postgres_20190101_000000', /a backup of another store than qdrant/],
  ['a path', '../../etc', /is not a backup id/],
  ['a shell command', '; rm -rf /', /is not a backup id/],
  ['10,000 characters', 'q'.repeat(10_000), /is not a backup id/],
]

describe('bad input and bad luck: one clear error, nothing changed', suite => {
  const ready = onGround(suite)
  const refuses = (name: string, ...refusals: Refusal[]) =>
    suite.test(name, () => assertRefusedUntouched(ready().target, ...refusals), LIMIT)

  const noProject = { project: 'no-such-project', exitCode: 64, says: /"no-such-project" has no container/ }
  refuses('an unknown project, planned', { argv: PLAN, ...noProject })
  refuses('an unknown project, run', { argv: RUN, ...noProject })
  refuses('Docker that cannot be reached', {
    argv: PLAN,
    env: { DOCKER_HOST: 'unix:///tmp/no-such-docker.sock' },
    exitCode: 1,
    says: /docker/i,
  })
  refuses(
    `a wrong ${CREDENTIALS.map(([name]) => name).join(', or ')}`,
    ...CREDENTIALS.map(([, env, says]) => ({ argv: PLAN, env, exitCode: 1, says })),
  )
  refuses(
    `a backup id that is ${IDS.map(([name]) => name).join(', or ')}`,
    ...IDS.map(([, id, says]) => {
      return { argv: [RUN[0]!, '--confirm', 'none', '--set', `backup=${id}`], exitCode: 64, says }
    }),
  )
  const tool = ['tools/restore-backup.ts', '--type', 'qdrant', '--plan', '--backup-id']
  refuses(
    'the same with restore-backup',
    ...IDS.map(([, id, says]) => ({ argv: [...tool, id], exitCode: 64, says })),
  )
  refuses('nobody to ask and no answers', {
    argv: [RUN[0]!],
    exitCode: 64,
    says: /there is no terminal to ask/,
  })
  refuses('a phrase that is not that of the plan', { argv: RUN, exitCode: 3, says: /is not the phrase/ })

  suite.test('an unknown service among the writers', () => unknownService(ready().target), LIMIT)
  suite.test('MinIO down', () => minio(ready().target, 'stop', 'start', /MinIO does not answer/), LIMIT)
  suite.test(
    'MinIO that accepts and never answers',
    () => minio(ready().target, 'pause', 'unpause', /accepts connections but does not answer/),
    LIMIT,
  )
  suite.test('a wrong key of Qdrant, and none', () => wrongKey(ready().target), LIMIT)
  suite.test('no room for the restore here', () => noRoomHere(ready().target), LIMIT)
  suite.test('no room for the restore at Qdrant', () => noRoomAtQdrant(ready().target), LIMIT)
  suite.test(
    'an alias in the way of a recovery name',
    async () => {
      await withAliasesInTheWay(ready().target)
      await beginAgain(ready())
    },
    LIMIT,
  )
})

async function unknownService(target: LabTarget): Promise<void> {
  const file = configLike(target, tmpdir(), text => text.replace('  - gateway\n', '  - gatewya\n'))
  try {
    const says = /gatewya/
    await assertRefusedUntouched(target, { argv: [...PLAN, '--config', file], exitCode: 64, says })
  } finally {
    rmSync(dirname(file), { recursive: true })
  }
}

/** The bucket cannot be read meanwhile: the ground is compared from before to after the misfortune. */
async function minio(target: LabTarget, down: string, up: string, says: RegExp): Promise<void> {
  const { containers: _, ...before } = await worldOf(target)
  await compose(target, down, 'minio')
  try {
    await assertRefuses(target, { argv: PLAN, exitCode: 1, says })
    await assertRefuses(target, { argv: ['tools/restore-backup.ts', '--list'], exitCode: 1, says })
  } finally {
    await compose(target, up, 'minio')
    await compose(target, 'up', '-d', '--no-recreate', '--no-build', '--pull', 'never', 'minio')
    // Not `up --wait`: it gives up on a container that is still called unhealthy from its pause.
    await waitUntilHealthy(target)
  }
  const { containers: __, ...after } = await worldOf(target)
  assert.equal(after, before)
}

async function wrongKey(target: LabTarget): Promise<void> {
  await withKeyedQdrant(target, async env => {
    const says = /key/
    for (const QDRANT_API_KEY of ['wrong', '']) {
      await assertRefusedUntouched(target, { argv: PLAN, env: { ...env, QDRANT_API_KEY }, exitCode: 1, says })
    }
  })
}

async function noRoomHere(target: LabTarget): Promise<void> {
  await withTinyDisk(async folder => {
    const file = configLike(target, folder, text =>
      text.replace('incidents: incidents', `incidents: ${folder}/incidents`),
    )
    const argv = [RUN[0]!, '--config', file, '--confirm', 'none', '--set', 'backup=latest']
    const says = /room/
    await assertRefusedUntouched(target, { argv: [...argv, '--set', 'collections=all'], exitCode: 2, says })
  })
}

async function noRoomAtQdrant(target: LabTarget): Promise<void> {
  const manifest = (text: string) =>
    text.replaceAll(/"size_bytes":\d+,"points"/g, '"size_bytes":1000000000000000,"points"')
  const id = await makeTwin(target, { ...honest, manifest })
  const argv = [RUN[0]!, '--confirm', 'none', '--set', `backup=${id}`, '--set', 'collections=all']
  await assertRefusedUntouched(target, { argv, exitCode: 2, says: /room/ })
}
