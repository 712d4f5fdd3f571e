import { findings, younger } from '../../../stores/postgres/findings.ts'
import type { Health } from '../../../stores/postgres/health.ts'
import { assert, describe } from '../../describe.ts'
import { member, properties, seen } from './samples.ts'

const healthy: Health = { orphans: [], invalid: [], unvalidated: [], behind: [], unreadable: '' }
const state = {
  service: 'postgres',
  container: 'c',
  state: 'running',
  health: 'healthy',
  exitCode: 0,
} as const
type Seen = Parameters<typeof findings>[0]

function looked(
  change: Parameters<typeof seen>[0] = {},
  health: Partial<Health> = {},
  rest: Partial<Seen> = {},
) {
  return findings({
    name: 'postgres',
    service: 'postgres',
    database: 'ai_platform',
    path: 'database',
    databases: [{ name: 'ai_platform', open: true }],
    live: { inspection: seen(change), health: { ...healthy, ...health }, properties },
    backup: member,
    reason: '',
    state,
    ...rest,
  })
}

const rows = (chunks: number) => ({ tables: [{ ...member.tables[0]!, rows: chunks }, member.tables[1]!] })

describe('findings about PostgreSQL', suite => {
  suite.test('none when all is as in the backup, or grew', () => {
    assert.equal(looked(), [])
    assert.equal(looked(rows(250)), [])
  })
  suite.test('a catalogue that is lost is none: it comes back from the bucket', () => {
    const history = { name: 'public.backup_history', rows: 90, fingerprint: '90:cc' }
    const backup = { ...member, tables: [...member.tables, history] }
    assert.equal(looked({}, {}, { backup }), [])
    assert.equal(looked({ tables: [...member.tables, { ...history, rows: 3 }] }, {}, { backup }), [])
  })
  const cases: [string, ReturnType<typeof looked>, 'content' | 'suspect', RegExp][] = [
    ['an empty table', looked(rows(0)), 'content', /public.chunks is empty; the backup has 200 rows/],
    ['a missing table', looked({ tables: [member.tables[0]!] }), 'content', /public.documents is missing/],
    ['many rows gone', looked(rows(100)), 'content', /100 of 200 rows are gone/],
    ['a few rows gone', looked(rows(198)), 'suspect', /2 rows of the backup are gone; deleted on purpose/],
    [
      'damaged pages',
      looked({ unreadable: 'invalid page in block 1' }),
      'content',
      /cannot be read: invalid page/,
    ],
    [
      'a held lock',
      looked({ unreadable: 'canceling statement due to lock timeout' }),
      'suspect',
      /holds a lock/,
    ],
    [
      'a held lock, as pg_dump says it',
      looked({ unreadable: 'query failed: ERROR:  canceling statement due to statement timeout' }),
      'suspect',
      /holds a lock/,
    ],
    [
      'orphans',
      looked({}, { orphans: [{ key: 'k', table: 'public.chunks', rows: 3 }] }),
      'content',
      /chunks: 3 rows without a parent, against the foreign key k/,
    ],
    ['an invalid index', looked({}, { invalid: ['i'] }), 'suspect', /REINDEX INDEX CONCURRENTLY i/],
    ['an unanswered question', looked({}, { unreadable: 'lock timeout' }), 'suspect', /could not be checked/],
    [
      'a lost index',
      looked({ objects: { ...member.objects, 'INDEX public.chunks_created_at': undefined! } }),
      'suspect',
      /INDEX public.chunks_created_at is in the backup/,
    ],
    ['a dropped database', looked({}, {}, { databases: [] }), 'content', /the database ai_platform is gone/],
    [
      'a wrong name in the configuration',
      looked({}, {}, { databases: [], database: 'ai_plattform' }),
      'content',
      /backups are of ai_platform: is the name wrong/,
    ],
    [
      'a fenced database',
      looked({}, {}, { databases: [{ name: 'ai_platform', open: false }], live: undefined }),
      'content',
      /fenced, nobody can connect/,
    ],
    [
      'a cluster that does not start',
      looked({}, {}, { path: 'cluster', reason: 'PANIC: could not read' }),
      'content',
      /does not start: PANIC: could not read/,
    ],
    [
      'a stopped one',
      looked({}, {}, { path: 'stopped', state: { ...state, state: 'exited' } }),
      'suspect',
      /start it/,
    ],
    ['a silent one', looked({}, {}, { path: 'silent' }), 'suspect', /may still be starting/],
  ]
  for (const [name, found, kind, sentence] of cases) {
    suite.test(name, () => {
      assert.is(found.length, 1, JSON.stringify(found))
      assert.is(found[0]!.kind, kind)
      assert.match(found[0]!.sentence, sentence)
    })
  }
  suite.test('what an interrupted recovery left behind is told; what it keeps is not', () => {
    const names = ['ai_platform', 'ai_platform_r_20261101_000000', 'ai_platform_pre_20261101_000000']
    const found = looked({}, {}, { databases: names.map(name => ({ name, open: true })) })
    assert.equal(
      found.map(({ name }) => name),
      ['ai_platform_r_20261101_000000'],
    )
  })
  suite.test('rows that only the live database has are counted', () => {
    const live = { inspection: seen(rows(250)), health: healthy, properties }
    assert.equal(younger(live, member.tables), [{ name: 'public.chunks', rows: 50 }])
    assert.equal(younger(undefined, member.tables), [])
  })
})
