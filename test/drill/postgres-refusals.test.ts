import { execFileSync } from 'node:child_process'
import { databaseNames } from '../../lab/drills/proof-postgres.ts'
import { composeEnv } from '../../lab/ground.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { onGround } from './ground.ts'
import { makeMemberTwin, type Wrong } from './member-twin.ts'
import { beginPostgresAgain, POSTGRES_LOSS } from './postgres-ground.ts'
import { assertRefusedUntouched, type Refusal } from './refused.ts'

/** The first test of all also makes the ground. */
const LIMIT = { seconds: 900 }

/** A sabotaged backup, the exit code it must end with, and the reason that must be given. */
const SABOTAGED: [string, Wrong<'postgres'>, number, RegExp][] = [
  ['a dump cut by one byte, its sha256 recorded so', { object: cut(-1) }, 1, /the archive is cut off/],
  [
    'a dump cut in half, its sha256 recorded so',
    { object: bytes => bytes.subarray(0, bytes.length / 2) },
    1,
    /cut off/,
  ],
  [
    'one bit flipped in a dump',
    { object: flip, member: as => ({ ...as, sha256: 'a'.repeat(64) }) },
    2,
    /sha256/,
  ],
  ['one bit flipped, its sha256 recorded so', { object: flip }, 1, /the archive (is damaged|cannot be read)/],
  ['an archive of a newer pg_dump', { object: newer }, 1, /made by a newer pg_dump/],
  [
    'a backup of a newer major version',
    { member: as => ({ ...as, engine_version: '99.1' }) },
    2,
    /backup of 99.1, server 17/,
  ],
  ['a backup without a row', { member: emptied }, 64, /it holds no rows/],
  ['figures that are not those of the dump', { member: fewer }, 2, /rows, \d.* in the backup/],
  [
    'a role that is missing',
    { member: as => ({ ...as, roles: ['ai_user', 'nobody_here'] }) },
    2,
    /role nobody_here is missing/,
  ],
  ['an extension that is missing', { member: extended }, 2, /extension timetravel is missing/],
  [
    'a backup that PostgreSQL has no room for',
    { member: as => ({ ...as, database_bytes: 1e15 }) },
    2,
    /room/,
  ],
  [
    'a backup of another database',
    { member: as => ({ ...as, database: 'other' }) },
    64,
    /a backup of other, not of/,
  ],
]

describe('PostgreSQL: what cannot be restored is refused before anything changes', suite => {
  const ready = onGround(suite)
  suite.before(() => beginPostgresAgain(ready()))
  for (const [name, wrong, exitCode, says] of SABOTAGED) {
    suite.test(
      name,
      async () => {
        const id = await makeMemberTwin(ready().target, 'postgres', wrong)
        const argv = [POSTGRES_LOSS, '--set', `backup=${id}`, '--confirm', 'none']
        await refusesUntouched(ready().target, { argv, exitCode, says })
      },
      LIMIT,
    )
  }
  suite.test('a valid dump of an empty database', () => ofEmptyDatabase(ready().target), LIMIT)

  const plan = [POSTGRES_LOSS, '--plan', '--set', 'backup=latest']
  const env = (name: string, variables: Record<string, string>, exitCode: number, says: RegExp) =>
    suite.test(
      name,
      () => refusesUntouched(ready().target, { argv: plan, env: variables, exitCode, says }),
      LIMIT,
    )
  env('a wrong password', { POSTGRES_PASSWORD: 'wrong' }, 1, /postgres refuses the password of ai_user/)
  env(
    'a wrong database name in the configuration',
    { POSTGRES_DB: 'ai_plattform' },
    64,
    /not of ai_plattform/,
  )
  env('a user that is not there', { POSTGRES_USER: 'nobody' }, 1, /nobody/)
})

async function refusesUntouched(target: LabTarget, refusal: Refusal): Promise<void> {
  const before = await databaseNames(target)
  await assertRefusedUntouched(target, refusal)
  assert.equal(await databaseNames(target), before)
}

function cut(bytes: number) {
  return (object: Buffer) => object.subarray(0, bytes)
}

/** In the middle, where the compressed rows are. */
function flip(object: Buffer): Buffer {
  const copy = Buffer.from(object)
  const at = copy.length >> 1
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

/** "PGDMP", then major and minor version of the format. */
function newer(object: Buffer): Buffer {
  const copy = Buffer.from(object)
  copy[6] = 99
  return copy
}

interface Figures {
  tables: { rows: number }[]
  extensions: object[]
}

function emptied<M extends object>(member: M): M {
  const { tables } = member as unknown as Figures
  return { ...member, tables: tables.map(table => ({ ...table, rows: 0 })) }
}

function fewer<M extends object>(member: M): M {
  const { tables } = member as unknown as Figures
  return { ...member, tables: tables.map(table => ({ ...table, rows: table.rows + 1 })) }
}

function extended<M extends object>(member: M): M {
  const { extensions } = member as unknown as Figures
  return { ...member, extensions: [...extensions, { name: 'timetravel', version: '1.0' }] }
}

/** It opens, lists and reads without an error: only the figures tell. */
async function ofEmptyDatabase(target: LabTarget): Promise<void> {
  const dump = ['exec', '-T', 'postgres', 'pg_dump', '-U', 'ai_user', '-d', 'postgres', '-Fc']
  const object = () =>
    execFileSync('docker', ['compose', ...dump], {
      cwd: target.root,
      env: { ...process.env, ...composeEnv(target) },
    })
  const id = await makeMemberTwin(target, 'postgres', { object })
  const argv = [POSTGRES_LOSS, '--set', `backup=${id}`, '--confirm', 'none']
  await refusesUntouched(target, { argv, exitCode: 2, says: /public.backup_history is missing/ })
}
