import { lookAtNeo4j } from '../../lab/oracle-neo4j.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { configLike } from './config.ts'
import { onGround } from './ground.ts'
import { makeMemberTwin, type Wrong } from './member-twin.ts'
import { beginNeo4jAgain, NEO4J_LOSS, runVolumes } from './neo4j-ground.ts'
import { assertRefusedUntouched, assertRefuses, type Refusal } from './refused.ts'

const LIMIT = { seconds: 600 }

/** What neo4j-admin's own check says of a dump that ends early. */
const CUT = /the dump is complete and consistent.*: .*(invalid|fail)/i

/** A sabotaged backup, the exit code it must end with, and the reason that must be given. */
const SABOTAGED: [string, Wrong<'neo4j'>, number, RegExp][] = [
  ['a dump cut by one byte, its sha256 recorded so', { object: bytes => bytes.subarray(0, -1) }, 2, CUT],
  ['a dump cut in half, its sha256 recorded so', { object: half }, 2, CUT],
  [
    'one bit flipped in a dump',
    { object: flip, member: as => ({ ...as, sha256: 'a'.repeat(64) }) },
    2,
    /sha256/,
  ],
  [
    'an object that is no dump',
    { object: bytes => Buffer.alloc(bytes.length, 7) },
    2,
    /the dump is complete and consistent/,
  ],
  ['a backup without a node', { member: as => ({ ...as, nodes: 0 }) }, 64, /it holds no nodes/],
  ['a backup that Neo4j has no room for', { member: as => ({ ...as, store_bytes: 1e15 }) }, 2, /room/],
  [
    'a backup of a later Neo4j',
    { member: as => ({ ...as, engine_version: '5.99.0' }) },
    2,
    /this Neo4j is not older than the backup.*backup of 5\.99\.0, server 5\./,
  ],
  [
    'a backup of another database',
    { member: as => ({ ...as, database: 'movies' }) },
    64,
    /of movies, not of neo4j/,
  ],
  ['a manifest with a statement of its own', { member: injected }, 64, /there is no backup|cannot be used/],
]

describe('Neo4j: what cannot be restored is refused before anything changes', suite => {
  const ready = onGround(suite)
  const folder = tempDir(suite)
  let sound: unknown
  suite.before(async () => {
    await beginNeo4jAgain(ready())
    sound = await figures(ready().target)
  })
  const refusesUntouched = async (target: LabTarget, refusal: Refusal) => {
    await assertRefusedUntouched(target, refusal)
    assert.equal(await figures(target), sound)
    assert.equal(await runVolumes(target), [])
  }
  for (const [name, wrong, exitCode, says] of SABOTAGED) {
    suite.test(
      name,
      async () => {
        const id = await makeMemberTwin(ready().target, 'neo4j', wrong)
        const answers = ['--set', `backup=${id}`, '--set', `accept=${id}`, '--set', 'databases=neo4j']
        const argv = [NEO4J_LOSS, ...answers, '--confirm', 'none']
        await refusesUntouched(ready().target, { argv, exitCode, says })
      },
      LIMIT,
    )
  }

  const plan = [NEO4J_LOSS, '--plan', '--set', 'backup=latest']
  suite.test(
    'a wrong password',
    () =>
      refusesUntouched(ready().target, {
        argv: plan,
        env: { NEO4J_PASSWORD: 'wrong-password' },
        exitCode: 1,
        says: /neo4j refuses the password of neo4j/,
      }),
    LIMIT,
  )
  suite.test(
    'a wrong database name in the configuration',
    async () => {
      const { target } = ready()
      const config = configLike(target, folder, text => text.replace('database: neo4j', 'database: movies'))
      const argv = [...plan, '--config', config]
      await assertRefuses(target, { argv, exitCode: 64, says: /not of movies/ })
    },
    LIMIT,
  )
})

async function figures(target: LabTarget): Promise<unknown> {
  const { parts, schema } = await lookAtNeo4j(target, readCorpus(target.root))
  return { parts, schema }
}

function half(object: Buffer): Buffer {
  return object.subarray(0, object.length / 2)
}

/** In the middle, where the compressed pages are. */
function flip(object: Buffer): Buffer {
  const copy = Buffer.from(object)
  const at = copy.length >> 1
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

function injected(member: Parameters<NonNullable<Wrong<'neo4j'>['member']>>[0]) {
  const [first, ...others] = member.indexes
  return { ...member, indexes: [{ ...first!, create: 'MATCH (n) DETACH DELETE n' }, ...others] }
}
