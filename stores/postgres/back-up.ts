import { command, type Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import type { BackedUpFile } from '../base.ts'
import type { SuccessMember } from '../member.ts'
import { inside, MAINTENANCE, PATIENT_SECONDS, pgDump, psql } from './commands.ts'
import { explained } from './explain.ts'
import type { PostgresBase } from './facts.ts'
import { readHealth } from './health.ts'
import { type Inspection, inspectArchive, inspectReferences, readInspection } from './inspect.ts'
import { type Extension, emptyPostgres, type PostgresMember } from './member.ts'
import { type Properties, propertiesQuery } from './properties.ts'
import { readToc } from './toc.ts'

/** The figures are those of the archive, so nothing of the live database has to hold still meanwhile. */
export const backUpPostgres = (s: Sequence<PostgresBase>) =>
  s
    .read('ask PostgreSQL who it is and what it holds', f => ask(f, SERVER_QUERY), readServer)
    .read(
      'see which image it runs',
      f => f.target.runtime.image(f.store.service),
      o => ({ image: o.stdout.trim().split('\n')[0] ?? '' }),
    )
    .read(
      'see encoding, locale, owner, settings and privileges',
      f => ask(f, propertiesQuery(f.store.database)),
      o => ({ properties: JSON.parse(o.stdout) as Properties }),
    )
    // An older pg_dump ends with exit code 1 and leaves an empty file.
    .check('this pg_dump can dump this server', f => client(f, ['pg_dump', '--version']), clientVersion)
    // A dump with orphans in it cannot be restored: its foreign keys are refused at the end.
    .check('the source is sound', f => inspectReferences(f.target, f.store, [f.store.database]), sound)
    .keep('make its files private: the roles have password hashes', f =>
      command(['install', '-m', '600', '/dev/null', globals(f)]),
    )
    .keep('dump it', f =>
      // -Z6 also gives every block a checksum; with -Z0 a flipped byte passes a complete read.
      pgDump(
        f.target.runtime,
        f.store,
        f.store.database,
        ['-Fc', '-Z6'],
        { stdout: dump(f) },
        PATIENT_SECONDS,
      ),
    )
    .keep('save the roles: they are in no dump', saveGlobals)
    .read(
      'see what is in it',
      f => list(f),
      o => ({ toc: readToc(o) }),
    )
    .read(
      'read all of it and count',
      f => inspectArchive(f.target, f.store, dump(f)),
      o => ({ inspection: readInspection(o), prove_seconds: o.durationMs / 1000 }),
    )
    .check('every table of the database is in it, with rows', f => list(f), whole)
    .let('conclude files and figures', f => ({ files: files(f), entry: entryOf(f) }))

interface Server {
  version: string
  number: number
  bytes: number
  extensions: Extension[]
  roles: string[]
  /** Tables that a dump must have, as `pg_restore --list` names them. */
  expected: string[]
}

type Entry = Omit<PostgresMember, keyof SuccessMember> & Pick<SuccessMember, 'engine_version' | 'image'>

/** Tables of extensions come with the extension; temporary ones belong to a session. */
const SERVER_QUERY = `SELECT json_build_object('version', current_setting('server_version'),
  'number', current_setting('server_version_num')::int, 'bytes', pg_database_size(current_database()),
  'extensions', (SELECT coalesce(json_agg(json_build_object('name', extname, 'version', extversion)
    ORDER BY extname), '[]') FROM pg_extension),
  'roles', (SELECT coalesce(json_agg(DISTINCT r.rolname), '[]') FROM pg_shdepend s
    JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
    JOIN pg_roles r ON r.oid = s.refobjid WHERE s.refclassid = 'pg_authid'::regclass),
  'expected', (SELECT coalesce(json_agg(n.nspname || ' ' || c.relname), '[]') FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
      AND e.deptype = 'e')))`

function ask(f: PostgresBase, query: string) {
  return psql(f.target.runtime, f.store, query)
}

function readServer(o: Output): { server: Server } {
  const server = JSON.parse(o.stdout) as Server
  return { server: { ...server, version: server.version.split(' ')[0]! } }
}

function client(f: PostgresBase, argv: readonly string[]) {
  return f.target.runtime.exec(f.store.service, argv, { limits: { total: 20 } })
}

/** "pg_dump (PostgreSQL) 17.11 (Debian …)": its major version must not be lower than the server's. */
export function clientVersion(
  o: Output,
  { server }: { server: Pick<Server, 'version' | 'number'> },
): Verdict {
  const version = /\(PostgreSQL\) (\d+)[\w.]*/.exec(o.stdout)
  const major = Number(version?.[1])
  const found = `pg_dump ${version?.[0].split(' ')[1] ?? 'of unknown version'}, server ${server.version}`
  return { verdict: major >= Math.floor(server.number / 10_000) ? 'proven' : 'failed', found }
}

export function sound(o: Output): Verdict {
  const { orphans, invalid, unreadable } = readHealth(o)
  if (unreadable) return { verdict: 'unchecked', found: unreadable }
  const broken = orphans.map(({ key, table, rows }) => `${rows} rows of ${table} without a parent (${key})`)
  if (broken.length > 0) return { verdict: 'failed', found: broken.join('; ') }
  const unused = invalid.length > 0 ? `; not in the dump: invalid index ${invalid.join(', ')}` : ''
  return { verdict: 'proven', found: `every foreign key holds${unused}` }
}

function saveGlobals(f: PostgresBase) {
  const argv = [
    'pg_dumpall',
    '-h',
    f.store.service,
    '-U',
    f.store.user,
    '-l',
    MAINTENANCE,
    '-w',
    '--globals-only',
  ]
  const into = { ...inside(f.store, { seconds: 120 }), stdout: globals(f) }
  return explained(f.target.runtime.exec(f.store.service, argv, into), f.store)
}

function list(f: PostgresBase) {
  const { runtime } = f.target
  return runtime.exec(f.store.service, ['pg_restore', '--list'], {
    stdin: { file: dump(f) },
    limits: { total: 120 },
  })
}

export function whole(o: Output, f: { server: Pick<Server, 'expected'>; inspection: Inspection }): Verdict {
  const { data } = readToc(o)
  const missing = f.server.expected.filter(table => !data.some(entry => entry.startsWith(`${table} `)))
  if (missing.length > 0) return { verdict: 'failed', found: `the dump lacks ${missing.join(', ')}` }
  const empty = emptyPostgres(f.inspection as unknown as PostgresMember)
  if (empty) return { verdict: 'failed', found: empty }
  const { tables } = f.inspection
  return { verdict: 'proven', found: tables.map(({ name, rows }) => `${name} ${rows}`).join(', ') }
}

function dump(f: PostgresBase): string {
  return `${f.run.folder}/${f.store.name}.dump`
}

function globals(f: PostgresBase): string {
  return `${f.run.folder}/${f.store.name}.globals.sql`
}

function files(f: PostgresBase): BackedUpFile[] {
  return [
    { file: dump(f), ending: 'dump' },
    { file: globals(f), ending: 'globals.sql' },
  ]
}

type Counted = PostgresBase & {
  server: Server
  image: string
  properties: Properties
  inspection: Inspection
  toc: ReturnType<typeof readToc>
  prove_seconds: number
}

function entryOf({ store, server, image, properties, inspection, toc, prove_seconds }: Counted): Entry {
  const { tables, sequences, objects, large_objects } = inspection
  const grantees = (properties.acl ?? []).map(one => one.grantee).filter(name => name !== 'PUBLIC')
  const set = properties.settings.flatMap(setting => setting.role ?? [])
  const roles = new Set([...inspection.owners, ...server.roles, properties.owner, ...grantees, ...set])
  return {
    engine_version: server.version,
    image,
    database: store.database,
    properties,
    roles: [...roles].sort(),
    extensions: server.extensions,
    database_bytes: server.bytes,
    tables,
    sequences,
    objects,
    large_objects,
    foreign_keys: toc.foreignKeys,
    prove_seconds,
  }
}
