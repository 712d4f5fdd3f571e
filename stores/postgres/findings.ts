import { count, plural } from '../../lib/format.ts'
import type { ServiceState } from '../../lib/runtime.ts'
import type { Finding } from '../base.ts'
import { tooFew } from '../expected.ts'
import type { Database, Look, Path } from './facts.ts'
import type { Health } from './health.ts'
import type { Inspection } from './inspect.ts'
import type { PostgresMember, Table } from './member.ts'
import { isLeftover } from './names.ts'

/** A copy of what the bucket says, filled again from it: its rows are nobody's loss. */
export const CATALOGUE = 'public.backup_history'
interface Seen {
  name: string
  service: string
  database: string
  path: Path
  databases: readonly Database[]
  live: Look | undefined
  /** The newest usable backup. */
  backup: PostgresMember | undefined
  /** What the log says about not starting. */
  reason: string
  state: ServiceState
}

/** Compares a live PostgreSQL with its newest usable backup. */
export function findings(seen: Seen): Finding[] {
  if (seen.path !== 'database') return [silent(seen)]
  const there = seen.databases.find(({ name }) => name === seen.database)
  const found = there ? (there.open ? insights(seen) : [fenced(seen)]) : [gone(seen)]
  return [...found, ...leftovers(seen)]
}

function silent({ name, service, path, reason, state }: Seen): Finding {
  const content = (sentence: string): Finding => ({ kind: 'content', name, sentence })
  if (path === 'cluster') return content(`${name} does not start: ${reason || 'its log gives no reason'}`)
  const how = `${service} is ${state.state}${state.health ? ` (${state.health})` : ''}`
  if (path === 'stopped') {
    const sentence = `${how}, and nothing says that it would not start: start it and look again`
    return { kind: 'suspect', name, sentence }
  }
  return { kind: 'suspect', name, sentence: `${how} and does not answer: it may still be starting` }
}

function gone({ database, databases, backup }: Seen): Finding {
  const others = databases.map(({ name }) => name).join(', ')
  const sentence =
    backup && backup.database !== database
      ? `there is no database ${database}, and the backups are of ${backup.database}: is the name wrong?`
      : `the database ${database} is gone; there are ${others}`
  return { kind: 'content', name: database, sentence }
}

function fenced({ database }: Seen): Finding {
  const sentence = `${database} is fenced, nobody can connect: a recovery was interrupted before its swap; resume it`
  return { kind: 'content', name: database, sentence }
}

function leftovers({ databases, database }: Seen): Finding[] {
  const left = databases.map(({ name }) => name).filter(name => isLeftover(name, database))
  return left.map(name => ({
    kind: 'suspect',
    name,
    sentence: `${name} was left behind by a recovery that did not end: resume or undo it`,
  }))
}

function insights({ database, live, backup }: Seen): Finding[] {
  if (!live) return []
  const { inspection, health } = live
  if (inspection.unreadable) return [unreadable(database, inspection.unreadable)]
  return [
    ...(backup ? tableFindings(inspection, backup.tables) : []),
    ...healthFindings(database, health),
    ...(backup ? definitionFindings(inspection, backup) : []),
  ]
}

/**
 * A table that somebody has locked is not damaged. psql runs into lock_timeout; pg_dump keeps its
 * --lock-wait-timeout by a statement_timeout while it locks (setup_connection and getTables in pg_dump.c).
 */
function unreadable(database: string, said: string): Finding {
  const locked = /(lock|statement) timeout/.test(said)
  const sentence = locked
    ? `${database} cannot be read now: a transaction holds a lock (${said})`
    : `${database} cannot be read: ${said}`
  return { kind: locked ? 'suspect' : 'content', name: database, sentence }
}

function tableFindings(now: Inspection, tables: readonly Table[]): Finding[] {
  return tables.flatMap((was): Finding[] => {
    const { name, rows } = was
    if (name === CATALOGUE) return []
    const found = now.tables.find(table => table.name === name)
    const content = (sentence: string): Finding[] => [{ kind: 'content', name, sentence }]
    if (!found) return content(`${name} is missing; the backup has ${count(rows)} rows of it`)
    if (found.rows === 0 && rows > 0) return content(`${name} is empty; the backup has ${count(rows)} rows`)
    const fewer = rows - found.rows
    const deleted = true
    if (tooFew(found.rows, rows)) {
      const sentence = `${name}: ${count(fewer)} of ${count(rows)} rows are gone`
      return [{ kind: 'content', name, sentence, deleted }]
    }
    const sentence = `${name}: ${plural(fewer, 'row')} of the backup are gone; deleted on purpose?`
    return fewer > 0 ? [{ kind: 'suspect', name, sentence, deleted }] : []
  })
}

function healthFindings(database: string, health: Health): Finding[] {
  if (health.unreadable) {
    const sentence = `${database}: its foreign keys could not be checked: ${health.unreadable}`
    return [{ kind: 'suspect', name: database, sentence }]
  }
  return [
    ...health.orphans.map(({ key, table, rows }): Finding => {
      const sentence = `${table}: ${plural(rows, 'row')} without a parent, against the foreign key ${key}`
      return { kind: 'content', name: table, sentence }
    }),
    ...health.invalid.map((name): Finding => {
      const sentence = `the index ${name} is invalid and not used: REINDEX INDEX CONCURRENTLY ${name}`
      return { kind: 'suspect', name, sentence }
    }),
  ]
}

/** A definition that is gone may have been taken out by a migration: told, and decided by a person. */
function definitionFindings(now: Inspection, backup: PostgresMember): Finding[] {
  const kinds = /^(?:INDEX|CONSTRAINT|FK CONSTRAINT|CHECK CONSTRAINT|TRIGGER) /
  const lost = Object.keys(backup.objects).filter(name => kinds.test(name) && now.objects[name] === undefined)
  const gone = new Set(backup.tables.map(({ name }) => name))
  for (const { name } of now.tables) gone.delete(name)
  const told = lost.filter(name => ![...gone].some(table => name.includes(table)))
  return told.map(name => ({
    kind: 'suspect',
    name,
    sentence: `${name} is in the backup and not in the database; taken out on purpose?`,
  }))
}

/** Rows of the live database that are not in the backup, at least: what a restore costs. */
export function younger(live: Look | undefined, tables: readonly Table[]): { name: string; rows: number }[] {
  const seen = live?.inspection.unreadable === '' ? live.inspection.tables : []
  return seen.flatMap(({ name, rows }) => {
    const more = rows - (tables.find(table => table.name === name)?.rows ?? 0)
    return more > 0 ? [{ name, rows: more }] : []
  })
}
