import { clientVersion, sound, whole } from '../../../stores/postgres/back-up.ts'
import { explainArchive } from '../../../stores/postgres/inspect.ts'
import { copyState, emptyState } from '../../../stores/postgres/new-cluster.ts'
import { content, references } from '../../../stores/postgres/prove.ts'
import { accepted } from '../../../stores/postgres/restore-apart.ts'
import { explainRestore, filled } from '../../../stores/postgres/restoring.ts'
import { roomVerdict } from '../../../stores/postgres/room.ts'
import { fenceState } from '../../../stores/postgres/swap.ts'
import { younger } from '../../../stores/postgres/validate.ts'
import { extensions, sameOrNewer } from '../../../stores/postgres/verify.ts'
import { isSwapped } from '../../../stores/postgres/where.ts'
import { assert, describe } from '../../describe.ts'
import { candidate, member, run, said, seen, store } from './samples.ts'

const health = (rest: object = {}) =>
  said(JSON.stringify({ orphans: [], invalid: [], unvalidated: [], behind: [], unreadable: '', ...rest }))

describe('checks of a PostgreSQL backup', suite => {
  suite.test('pg_dump must not be older than the server', () => {
    const server = { version: '17.11', number: 170_011 }
    const version = (text: string) => clientVersion(said(text), { server }).verdict
    assert.is(version('pg_dump (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)'), 'proven')
    assert.is(version('pg_dump (PostgreSQL) 18.0'), 'proven')
    assert.is(version('pg_dump (PostgreSQL) 15.18'), 'failed')
    assert.is(version('something else'), 'failed')
  })
  suite.test('a source with orphans is refused, one that could not be looked at too', () => {
    assert.is(sound(health()).verdict, 'proven')
    assert.is(sound(health({ orphans: [{ key: 'k', table: 't', rows: 1 }] })).verdict, 'failed')
    assert.is(sound(health({ unreadable: 'lock timeout' })).verdict, 'unchecked')
    assert.match(sound(health({ invalid: ['i'] })).found, /invalid index i/)
  })
  suite.test('a dump without a table of the database is refused, and one without rows', () => {
    const list = said('220; 0 16407 TABLE DATA public feedback odd role\n')
    const server = { expected: ['public feedback'] }
    assert.is(whole(list, { server, inspection: seen() }).verdict, 'proven')
    const more = whole(list, { server: { expected: ['public feedback', 'public x'] }, inspection: seen() })
    assert.equal([more.verdict, more.found], ['failed', 'the dump lacks public x'])
    const empty = seen({ tables: [{ name: 'a', rows: 0, fingerprint: '0:0' }] })
    assert.is(whole(list, { server, inspection: empty }).verdict, 'failed')
    assert.is(whole(list, { server, inspection: seen({ tables: [] }) }).verdict, 'failed')
  })
  suite.test('what a trial restore refuses condemns the backup, in the words of the server', () => {
    assert.is(accepted(said('')).verdict, 'proven')
    const refused = (stderr: string) => accepted({ ...said(''), exitCode: 1, stderr })
    const role = refused('pg_restore: error: could not execute query: ERROR:  role "ai_user" does not exist')
    assert.equal(role, { verdict: 'failed', found: 'the backup needs the role "ai_user"' })
    assert.match(refused('psql:<stdin>:3: ERROR:  syntax error').found, 'syntax error')
    assert.is(refused('').found, 'exit code 1')
  })
  suite.test('an older server is refused, a newer one is not', () => {
    const here = (text: string) =>
      sameOrNewer(said(text), { candidate: { member: { engine_version: '17.11' } } })
    assert.is(here('pg_restore (PostgreSQL) 17.2').verdict, 'proven')
    assert.is(here('pg_restore (PostgreSQL) 18.1').verdict, 'proven')
    assert.is(here('pg_restore (PostgreSQL) 16.9').verdict, 'failed')
    assert.is(here('?').verdict, 'unchecked')
  })
  suite.test('a missing extension is named', () => {
    const files = '/usr/share/postgresql/17/extension/vector.control\n'
    assert.is(extensions(said(files), { candidate }).verdict, 'proven')
    const without = extensions(said(files.replace('vector', 'plpgsql')), { candidate })
    assert.is(without.verdict, 'failed')
    assert.match(without.found, /extension vector is missing/)
  })
  suite.test('room is counted with growth, and with the copy of a broken cluster', () => {
    const df = (free: number, more = '') =>
      said(`Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 1 1 ${free} 1% /\n${more}`)
    assert.is(roomVerdict(df(4096), 1024 * 1024).verdict, 'proven')
    assert.is(roomVerdict(df(2048), 1024 * 1024).verdict, 'failed')
    assert.is(roomVerdict(df(4096, '4096\t/data\n'), 1024 * 1024).verdict, 'failed')
    assert.is(roomVerdict(said('?'), 1).verdict, 'unchecked')
  })
  suite.test('a damaged archive is named as what it is', () => {
    const told = (stderr: string) => explainArchive(said('', { stderr, exitCode: 1 }))?.message ?? ''
    assert.match(told('pg_restore: error: could not read from input file: end of file'), /cut off/)
    assert.match(told('pg_restore: error: unsupported version (1.99) in file header'), /newer pg_dump/)
    assert.match(told('pg_restore: error: could not uncompress data: incorrect data check'), /damaged/)
    assert.match(told('pg_restore: error: found unexpected block ID (7)'), /cannot be read: found unexpected/)
    assert.is(told('something else'), '')
  })
})

describe('checks of a PostgreSQL restore', suite => {
  suite.test('what is younger than the backup is an expected loss, counted where it can be', () => {
    const grown = seen({
      tables: [
        { name: 'public.chunks', rows: 205, fingerprint: '' },
        { name: 'public.documents', rows: 90, fingerprint: '' },
        { name: 'public.new', rows: 1, fingerprint: '' },
      ],
    })
    const loss = (inspection: typeof grown | undefined) =>
      younger(said(''), { candidate, live: inspection && ({ inspection } as never) })
    assert.equal(loss(grown), {
      verdict: 'expected loss',
      found: '5 rows of public.chunks, 1 row of public.new: tables that have grown since 2026-11-22T02:00:00',
    })
    assert.equal(loss(undefined).verdict, 'expected loss')
    assert.match(loss(undefined).found, /how many they were, the damaged database does not show/)
  })
  const chosen = { store, run, candidate, side: 'p_r', kept: 'p_pre', replaces: true }
  const world = chosen as unknown as Parameters<typeof isSwapped>[1] & Parameters<typeof fenceState>[1]

  suite.test('content is compared by version', () => {
    const worded = JSON.stringify(seen({ objects: { ...member.objects, 'TABLE public.chunks': '8:ff' } }))
    assert.is(content(said(worded), { candidate, version: '17.11' }).verdict, 'failed')
    assert.is(content(said(worded), { candidate, version: '18.1' }).verdict, 'proven')
  })
  suite.test('orphans and invalid indexes fail; what the backup had is told', () => {
    assert.is(references(health()).verdict, 'proven')
    assert.is(references(health({ orphans: [{ key: 'k', table: 't', rows: 1 }] })).verdict, 'failed')
    assert.is(references(health({ invalid: ['i'] })).verdict, 'failed')
    assert.is(references(health({ unreadable: 'x' })).verdict, 'unchecked')
    assert.match(references(health({ behind: ['s'] })).found, /as in the backup: s/)
  })
  suite.test('a restore is done when tables, indexes and keys are there and no job is left', () => {
    const state = (tables: number, indexes: number, foreign_keys: number, others = 0) =>
      filled(said(JSON.stringify({ tables, indexes, foreign_keys, others })), member)
    assert.is(state(2, 2, 1), 'done')
    assert.is(state(2, 2, 1, 1), 'partial')
    assert.is(state(2, 2, 0), 'partial')
    assert.is(state(2, 1, 1), 'partial')
    assert.is(state(0, 0, 0), 'absent')
    assert.is(filled(said(''), member), 'absent')
  })
  suite.test('the names tell whether the exchange has happened', () => {
    assert.not.ok(isSwapped(said('ai_platform\np_r\n'), world))
    assert.ok(isSwapped(said('ai_platform\np_pre\n'), world))
    assert.not.ok(isSwapped(said('ai_platform\n'), world))
    assert.ok(isSwapped(said('ai_platform\n'), { ...world, replaces: false }))
    assert.not.ok(isSwapped(said('p_r\n'), { ...world, replaces: false }))
  })
  suite.test('the fence is seen before and after the exchange', () => {
    assert.is(fenceState(said('ai_platform|t\np_r|t\n'), world), 'absent')
    assert.is(fenceState(said('ai_platform|f\np_r|t\n'), world), 'done')
    assert.is(fenceState(said('ai_platform|t\np_pre|f\n'), world), 'done')
  })
  suite.test('a copy counts when it is proven equal', () => {
    assert.is(copyState(said('')), 'absent')
    assert.is(copyState(said('data\n')), 'partial')
    assert.is(copyState(said('data\nproven\n')), 'done')
  })
  suite.test('an emptied volume stays emptied when a new cluster is in it', () => {
    assert.is(emptyState(said('same\n')), 'absent')
    assert.is(emptyState(said('ahead\n')), 'partial')
    assert.is(emptyState(said('empty\n')), 'done')
    assert.is(emptyState(said('other\nOnly in /v: x\n')), 'done')
  })
  suite.test('known failures of pg_restore have a sentence', () => {
    const told = (stderr: string) => explainRestore(said('', { stderr }))?.message ?? ''
    assert.match(told('ERROR:  role "reader" does not exist'), /the role "reader"/)
    assert.match(told('ERROR:  extension "vector" is not available'), /the extension "vector"/)
    assert.match(
      told('could not extend file "base/1": No space left on device'),
      /disk of PostgreSQL is full/,
    )
    assert.match(told('could not extend file "base/1": wrote only 4096 of 8192 bytes'), /is full/)
    assert.is(told('?'), '')
  })
})
