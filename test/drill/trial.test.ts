import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lab/drills/program.ts'
import { docker } from '../../lab/ground.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import type { StoredObject } from '../../stores/member.ts'
import { assert, describe } from '../describe.ts'
import { onGround } from './ground.ts'
import { makeMemberTwin } from './member-twin.ts'
import { last } from './said.ts'
import { worldOf } from './world.ts'

const LIMIT = { seconds: 600 }

/** Every twin passes a verification that only reads: what is wrong with it shows when it is restored. */
describe('a backup restored for a trial', suite => {
  const ready = onGround(suite)
  suite.test(
    'the newest set restores; nothing of the platform or of the trial is touched or left',
    async () => {
      const { target } = ready()
      const before = await platform(target)
      const ended = await verify(target, '--deep')
      assert.is(ended.exitCode, 0, last(ended))
      assert.match(ended.stdout, /qdrant_\S+: proven: .* restored apart: [\d,]+ points, all of it equal/)
      assert.match(
        ended.stdout,
        /neo4j_\S+: proven: .* restored apart: [\d,]+ nodes, [\d,]+ relationships, all/,
      )
      assert.match(
        ended.stdout,
        /postgres_\S+: proven: .* restored apart: \d+ tables, [\d,]+ rows, all of it equal/,
      )
      assert.equal(await platform(target), before)
    },
    LIMIT,
  )
  suite.test(
    'roles that nobody saved',
    async () => {
      const { target } = ready()
      const beside = [await globalsWithoutRoles(target)]
      const id = await makeMemberTwin(target, 'postgres', { member: member => ({ ...member, beside }) })
      await failsOnlyDeep(
        target,
        id,
        /its database can be made and restored into: the backup needs the role "ai_user"/,
      )
    },
    LIMIT,
  )
  suite.test(
    'points that are not those of the manifest',
    async () => {
      const { target } = ready()
      const id = await makeMemberTwin(target, 'qdrant', {
        member: member => ({
          ...member,
          collections: member.collections.map(each => ({ ...each, fingerprint: other(each.fingerprint) })),
        }),
      })
      await failsOnlyDeep(target, id, /vectors or payloads differ from the backup's fingerprint/)
    },
    LIMIT,
  )
  suite.test(
    'a graph that is not that of the manifest',
    async () => {
      const { target } = ready()
      const id = await makeMemberTwin(target, 'neo4j', {
        member: ({ content, ...member }) => ({
          ...member,
          content: { ...content, nodes: other(content.nodes) },
        }),
      })
      await failsOnlyDeep(target, id, /labels or properties differ from the backup's fingerprint/)
    },
    LIMIT,
  )
})

function verify(target: LabTarget, ...args: string[]) {
  return run(target, 'tools/backup-service.ts', ['--verify', ...args], LIMIT.seconds)
}

async function failsOnlyDeep(target: LabTarget, id: string, says: RegExp): Promise<void> {
  const set = id.replace(/^[a-z0-9]+_/, 'set_')
  const read = await verify(target, set)
  assert.is(read.exitCode, 0, last(read))
  const before = await platform(target)
  const ended = await verify(target, '--deep', set)
  assert.is(ended.exitCode, 2, last(ended))
  assert.match(ended.stdout, says)
  assert.equal(await platform(target), before)
}

/** Everything but the bucket, which gets a note of each verification; and containers and volumes of the trial. */
async function platform(target: LabTarget) {
  const { bucket: _, notes: __, ...rest } = await worldOf(target)
  const trial = (await docker(target, ['ps', '-a', '--format', '{{.Names}}']))
    .split('\n')
    .filter(name => name.startsWith(`${target.project}-`) && /-\d{8}_\d{6}$/.test(name))
  const volumes = await docker(target, ['volume', 'ls', '-q', '--filter', `name=^${target.project}-`])
  return { ...rest, trial, ofTrial: volumes }
}

/** The same digest with another last digit. */
function other(digest: string): string {
  return digest.replace(/.$/, digit => (digit === '0' ? '1' : '0'))
}

async function globalsWithoutRoles(target: LabTarget): Promise<StoredObject> {
  const text = '-- no role was saved\n'
  const key = 'postgres/2020/02/02/postgres_20200202_090000.globals.sql'
  const folder = mkdtempSync(join(tmpdir(), 'twin-'))
  try {
    writeFileSync(join(folder, 'globals'), text)
    const io = { signal: new AbortController().signal, progress: () => undefined }
    await new Objects(bucketOf(target)).upload(join(folder, 'globals'), key, io)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { key, sha256: createHash('sha256').update(text).digest('hex'), size_bytes: text.length }
}
