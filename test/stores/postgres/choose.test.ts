import { Problem } from '../../../lib/problem.ts'
import type { PostgresStore } from '../../../lib/target.ts'
import { conclude } from '../../../stores/postgres/choose.ts'
import { readPlace, volumeOf } from '../../../stores/postgres/data-place.ts'
import { isLeftover, keptName, sideName } from '../../../stores/postgres/names.ts'
import { type PostgresRelease, quarantinedPostgres } from '../../../stores/postgres/quarantine.ts'
import { readToc } from '../../../stores/postgres/toc.ts'
import { assert, describe, failure } from '../../describe.ts'
import { candidate, member, properties, run, said, seen, store } from './samples.ts'

type Needs = Parameters<typeof conclude>[0]

function facts(rest: Partial<Needs> = {}): Needs {
  const found = {
    up: true,
    version: '17.11',
    path: 'database',
    roles: ['ai_user'],
    databases: [],
    live: undefined,
    data: undefined,
  }
  return {
    target: targetWith([store]),
    store,
    run,
    candidate,
    findings: [],
    ...found,
    ...rest,
  } as unknown as Needs
}

function targetWith(stores: readonly PostgresStore[]) {
  return { stores: Object.fromEntries(stores.map(one => [one.name, one])) }
}

async function refused(rest: Partial<Needs>): Promise<Problem> {
  const error = await failure(() => conclude(facts(rest)))
  assert.instance(error, Problem)
  return error as Problem
}

describe('what a recovery of PostgreSQL will do', suite => {
  suite.test('names and statements follow from the run', () => {
    const chosen = conclude(facts())
    assert.is(chosen.side, 'ai_platform_r_20261122_031502')
    assert.is(chosen.kept, 'ai_platform_pre_20261122_031502')
    assert.match(chosen.create, /^CREATE DATABASE "ai_platform_r_20261122_031502" TEMPLATE template0 /)
    assert.is(chosen.carried, '')
    assert.equal(chosen.missingRoles, ['reader'])
    assert.equal(conclude(facts({ roles: ['ai_user', 'reader'] })).missingRoles, [])
  })
  suite.test('the live database says what it is like; the backup when it is gone', () => {
    const health = { orphans: [], invalid: [], unvalidated: [], behind: [], unreadable: '' }
    const live = { inspection: seen(), health, properties: { ...properties, comment: 'ours' } }
    assert.match(conclude(facts({ live })).carried, /COMMENT ON DATABASE/)
    assert.is(conclude(facts()).properties, member.properties)
  })
  suite.test('a stopped or silent server is started first, not replaced', async () => {
    assert.match((await refused({ path: 'stopped' })).hint!, /docker compose up -d --no-recreate postgres/)
    assert.match((await refused({ path: 'silent' })).hint!, /wait for it/)
  })
  suite.test('a backup of another database is refused', async () => {
    const error = await refused({ store: { ...store, database: 'ai_plattform' } })
    assert.match(error.message, /is a backup of ai_platform, not of ai_plattform/)
    assert.is(error.exitCode, 64)
  })
  suite.test('a broken cluster outside of a volume is refused', async () => {
    assert.match((await refused({ path: 'cluster' })).message, /in no named volume/)
    const data = { volume: 'p_data', at: '/var/lib/postgresql/data' }
    assert.is(conclude(facts({ path: 'cluster', data })).keptVolume, 'p_data_pre_20261122_031502')
  })
  suite.test('of a broken cluster no database is left behind', async () => {
    const data = { volume: 'p_data', at: '/var/lib/postgresql/data' }
    const [ledger, elsewhere] = [
      { ...store, name: 'ledger', database: 'ledger' },
      { ...store, name: 'orders', service: 'orders' },
    ]
    const target = targetWith([store, ledger, elsewhere])
    const rest = { target, data, path: 'cluster' } as unknown as Partial<Needs>
    const error = await refused(rest)
    assert.match(error.message, 'postgres does not start and is made anew, and ledger has its database in it')
    assert.match(error.hint!, 'scenarios/complete-failure.ts --set stores=postgres,ledger')
    assert.is(error.exitCode, 64)
    // The cluster lives: its other databases are nobody's business.
    conclude(facts({ ...rest, path: 'database' }))
  })
  suite.test('the first store of a broken cluster makes it anew, the others go into it', () => {
    const data = { volume: 'p_data', at: '/var/lib/postgresql/data' }
    const ledger = { ...store, name: 'ledger', database: 'ledger' }
    const target = targetWith([store, ledger])
    const rest = { target, data, path: 'cluster' } as unknown as Partial<Needs>
    const both = ['postgres', 'ledger']
    const own = { ...candidate, member: { ...member, database: 'ledger' } }
    const [first, second] = [
      facts(rest),
      facts({ ...rest, store: ledger, candidate: own } as unknown as Partial<Needs>),
    ]
    assert.ok(conclude(first, both).makesCluster)
    assert.not.ok(conclude(second, both).makesCluster)
    const kept = [first, second].map(f =>
      quarantinedPostgres({ ...f, ...conclude(f, both), replaces: false }),
    )
    assert.equal(
      kept.map(all => all.map(({ what }) => (what as unknown as PostgresRelease).volumes)),
      [[['p_data_pre_20261122_031502']], []],
    )
  })
})

describe('the volume of a cluster', suite => {
  const named = [
    { volume: 'p_archive', at: '/archive' },
    { volume: 'p_data', at: '/var/lib/postgresql/data' },
  ]
  const at = (directory: string, ...mounted: string[]) =>
    readPlace(said([directory, ...mounted].join('\n'))).place
  const OLD = '/var/lib/postgresql/data'

  suite.test('is the one in which its directory lies', () => {
    assert.is(volumeOf(at(OLD, '/', '/archive', OLD), named)?.volume, 'p_data')
    assert.is(volumeOf(at(`${OLD}/pgdata`, '/', OLD, '/archive'), named)?.volume, 'p_data')
    const parent = [{ volume: 'p_18', at: '/var/lib/postgresql/' }]
    const place = at('/var/lib/postgresql/18/docker', '/', '/var/lib/postgresql')
    assert.is(volumeOf(place, parent)?.volume, 'p_18')
  })
  suite.test('is none where the directory is bound from the host, whatever else the service has', () => {
    const [archive] = named
    assert.is(volumeOf(at(OLD, '/', '/archive', OLD), [archive!]), undefined)
    assert.is(volumeOf(at(OLD, '/', '/archive'), [archive!]), undefined)
    assert.is(volumeOf(at('/var/lib/postgresql/data2', '/', OLD), named), undefined)
  })
  suite.test('is not the one around a nameless volume of the image', () => {
    const around = [{ volume: 'p_all', at: '/var/lib/postgresql' }]
    assert.is(volumeOf(at(OLD, '/', '/var/lib/postgresql', OLD), around), undefined)
  })
})

describe('names of databases', suite => {
  suite.test('stay within 63 bytes, without half a character', () => {
    const long = 'ü'.repeat(40)
    for (const name of [sideName(long, run), keptName(long, run)]) {
      assert.ok(Buffer.byteLength(name) <= 63, name)
      assert.match(name, /^ü+_(r|pre)_20261122_031502$/)
    }
  })
  suite.test('leftovers are of this database, in this form', () => {
    assert.ok(isLeftover('ai_platform_r_20261122_031502', 'ai_platform'))
    assert.ok(isLeftover(sideName('x'.repeat(60), run), 'x'.repeat(60)))
    assert.not.ok(isLeftover('ai_platform_pre_20261122_031502', 'ai_platform'))
    assert.not.ok(isLeftover('other_r_20261122_031502', 'ai_platform'))
    assert.not.ok(isLeftover('ai_platform', 'ai_platform'))
  })
})

describe('the table of contents of an archive', suite => {
  const TOC = `;
; Archive created at 2026-11-23 00:16:09 UTC
;     dbname: ai_platform
;     Dumped from database version: 17.11 (Debian 17.11-0+deb13u1)
;
220; 1259 16407 TABLE public feedback ai_user
3461; 0 16430 TABLE DATA public backup_history ai_user
3456; 0 16392 TABLE DATA public odd name odd role
2; 3079 16500 EXTENSION - vector
3309; 2606 16416 FK CONSTRAINT public feedback feedback_chunk_id_fkey ai_user
`
  suite.test('gives tables and keys', () => {
    const toc = readToc(said(TOC))
    assert.equal(toc.data, ['public backup_history ai_user', 'public odd name odd role'])
    assert.is(toc.foreignKeys, 1)
  })
})
