import { command, type Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { staging } from '../base.ts'
import { fetchObject } from '../fetch.ts'
import type { StoredObject } from '../member.ts'
import { room } from '../room.ts'
import { sameContent } from './compare.ts'
import { PGDATA } from './data-place.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { inspectArchive, readInspection } from './inspect.ts'
import { roomVerdict } from './room.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen
/** A backup that is only read back: nothing of the live cluster is needed. */
export type Stored = PostgresBase & Pick<PostgresChosen, 'candidate'>

/** Law 1: the backup is read back and proven complete before any data is changed. */
export const verifyPostgres = (s: Sequence<Needs>) =>
  s
    .keep('make room for it', f => command(['mkdir', '-p', staging(f.run)]))
    .check(
      'there is room for it here',
      f => command(['df', '-Pk', f.run.folder]),
      (o, f) => roomVerdict(o, f.candidate.member.size_bytes),
    )
    .check('there is room for it at PostgreSQL', space, (o, f) =>
      roomVerdict(o, f.candidate.member.database_bytes + f.candidate.member.size_bytes),
    )
    .check(
      'there is room for it in the container of PostgreSQL',
      f => shell(f, 'staging', 'df -Pk /tmp'),
      (o, f) => room(o, f.candidate.member.size_bytes),
    )
    .use(readBackPostgres)
    .check('this PostgreSQL is not older than the backup', version, sameOrNewer)
    .check('its extensions are available', available, extensions)
    .check(
      'the roles that are missing here are beside it',
      f => command(['grep', '^CREATE ROLE', globals(f)], { ok: [1] }),
      (o, f) => allOf(createdRoles(o), f.missingRoles, 'role', 'create it, or choose another backup'),
    )

/** What is proven of the backup itself, whatever the live cluster is like. */
export const readBackPostgres = (s: Sequence<Stored>) =>
  s
    .keep(
      'download the backup and compare its sha256',
      f => fetchObject(f.target, f.candidate.member, archive(f)),
      f => f.candidate.member.size_bytes,
    )
    .keep('make the roles private: they have password hashes', f =>
      command(['install', '-m', '600', '/dev/null', globals(f)]),
    )
    .keep('download its roles', f => fetchObject(f.target, globalsOf(f), globals(f)))
    // The header and the table of contents of an archive that is cut in half are fine.
    .check(
      'all of it can be read, and it holds what the manifest says',
      f => inspectArchive(f.target, f.store, archive(f)),
      (o, f) => sameContent(readInspection(o), f.candidate.member, true),
    )

/** The archive as it lies on this machine. */
export function archive(f: Stored): string {
  return `${staging(f.run)}/${f.candidate.id}.dump`
}

export function globals(f: Stored): string {
  return `${staging(f.run)}/${f.candidate.id}.globals.sql`
}

function globalsOf({ candidate }: Stored): StoredObject {
  return candidate.member.beside[0]!
}

/** Where the cluster does not start, a copy of it has to fit beside it as well. */
function space(f: Needs) {
  if (f.up) return shell(f, 'room', `df -Pk ${PGDATA}`)
  return shell(f, 'room', `df -Pk ${f.data?.at} && du -sk ${f.data?.at}`)
}

/** Where PostgreSQL runs; where it does not, in a container like its own. */
function shell(f: Needs, what: string, script: string) {
  if (!f.up) return alone(f, what, ['sh', '-c', script])
  return f.target.runtime.exec(f.store.service, ['sh', '-c', script], { limits: { total: 20 } })
}

function version(f: Needs) {
  return alone(f, 'version', ['pg_restore', '--version'])
}

/** Which extensions the image has: their control files, so that it can be seen while nothing runs. */
function available(f: Needs) {
  return alone(f, 'extensions', ['find', '/usr', '-path', '*/extension/*.control'])
}

/** In a container of its own on the same image. */
function alone(f: Needs, what: string, argv: [string, ...string[]]) {
  const { runtime } = f.target
  return runtime.oneOff(f.store.service, `${runtime.project}-${f.store.name}-${what}-${f.run.id}`, argv, {
    limits: { total: 300 },
  })
}

export function sameOrNewer(o: Output, f: { candidate: { member: { engine_version: string } } }): Verdict {
  const here = versionOf(o)
  const backup = f.candidate.member.engine_version
  if (!here) return { verdict: 'unchecked', found: `it calls itself "${o.stdout.trim()}"` }
  const fits = Number.parseInt(here, 10) >= Number.parseInt(backup, 10)
  return { verdict: fits ? 'proven' : 'failed', found: `backup of ${backup}, server ${here}` }
}

/** "pg_restore (PostgreSQL) 17.11 (Debian …)". */
export function versionOf(o: Output): string | undefined {
  return /\(PostgreSQL\) ([\d.]+)/.exec(o.stdout)?.[1]
}

export function extensions(o: Output, f: Pick<PostgresChosen, 'candidate'>): Verdict {
  const there = lines(o).map(path => /([^/]+)\.control$/.exec(path)?.[1] ?? '')
  const needed = f.candidate.member.extensions.map(({ name }) => name)
  return allOf(there, needed, 'extension', 'use the image that had it, or install its package')
}

function allOf(there: readonly string[], needed: readonly string[], what: string, hint: string): Verdict {
  const missing = needed.filter(name => !there.includes(name))
  if (missing.length > 0)
    return { verdict: 'failed', found: `${what} ${missing.join(', ')} is missing; ${hint}` }
  return { verdict: 'proven', found: needed.join(', ') || 'none' }
}

/** CREATE ROLE ai_user; or CREATE ROLE "odd name"; */
function createdRoles(o: Output): string[] {
  return lines(o).map(line =>
    line
      .replace(/^CREATE ROLE (.*);$/, '$1')
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  )
}

function lines(o: Output): string[] {
  return o.stdout.split('\n').filter(line => line !== '')
}
