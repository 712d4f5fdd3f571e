import type { Command } from '../../lib/command.ts'
import type { InContainer, Runtime } from '../../lib/runtime.ts'
import type { PostgresStore } from '../../lib/target.ts'
import { explained } from './explain.ts'
import type { PostgresBase } from './facts.ts'

/** Every cluster has it; databases cannot be renamed from inside themselves. */
export const MAINTENANCE = 'postgres'

/** Longest wait for a lock in an incident: one that is held longer is a finding, not a reason to wait. */
const LOCK_SECONDS = 10
/** A backup can wait for the end of a migration; a dump that queues for ever would hold up others. */
export const PATIENT_SECONDS = 120

/**
 * Exit codes of a query to a server that does not answer: refused or missing (1, 2), a container that stops or
 * restarts just then (126, 137, 143).
 */
export const SILENT = [1, 2, 126, 137, 143] as const

interface Query {
  /** Longest duration in seconds, inside the container too. */
  seconds?: number
  /** Exit codes that are an answer: SILENT when a refusal or a stopped server is one. */
  ok?: readonly number[]
  /** Another database than the store's own. */
  database?: string
}

/**
 * One query with psql, in the store's container. By the service's own name and not over the socket or
 * 127.0.0.1: the image trusts both (its pg_hba.conf), so a wrong password would pass. psql goes on after
 * an error unless ON_ERROR_STOP says otherwise.
 */
export function psql(runtime: Runtime, store: PostgresStore, query: string, options: Query = {}): Command {
  const argv = [
    'psql',
    '-X',
    '-At',
    '-v',
    'ON_ERROR_STOP=1',
    ...connect(store, options.database),
    '-c',
    query,
  ]
  const { PGPASSWORD, PGTZ } = environment(store)
  return explained(
    runtime.exec(store.service, argv, { ...inside(store, options), env: { PGPASSWORD, PGTZ } }),
    store,
  )
}

/** Statements one by one on stdin: with -c they would be one transaction, which CREATE DATABASE refuses. */
export function script(
  f: Pick<PostgresBase, 'target' | 'store'>,
  statements: string,
  options: Query = {},
): Command {
  const { target, store } = f
  const database = connect(store, options.database ?? MAINTENANCE)
  const argv = ['psql', '-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', ...database]
  const stdin = { format: '%s\\n', values: [statements] }
  return explained(target.runtime.exec(store.service, argv, { ...inside(store, options), stdin }), store)
}

/**
 * The statements and rows in a file, then `last`, all of it one transaction or nothing of it. The file is read by
 * psql itself, so rows of any size do not go through the memory of the tool.
 */
export function scriptFile(
  f: Pick<PostgresBase, 'target' | 'store'>,
  file: string,
  options: Query = {},
  last?: string,
): Command {
  const { target, store } = f
  const argv = ['psql', '-X', '-q', '-At', '-1', '-v', 'ON_ERROR_STOP=1', ...connect(store, options.database)]
  argv.push('-f', '-', ...(last === undefined ? [] : ['-c', last]))
  return explained(
    target.runtime.exec(store.service, argv, { ...inside(store, options), stdin: { file } }),
    store,
  )
}

/** A query to the cluster and not to the store's own database, which may be gone or about to be renamed. */
export function admin(f: PostgresBase, query: string, options: Query = {}): Command {
  return psql(f.target.runtime, f.store, query, { database: MAINTENANCE, ...options })
}

/** pg_dump with the arguments given. `-w`: it never waits for a password. `lock` is in seconds. */
export function pgDump(
  runtime: Runtime,
  store: PostgresStore,
  database: string,
  args: readonly string[],
  rest: InContainer = {},
  lock = LOCK_SECONDS,
): Command {
  const wait = `--lock-wait-timeout=${lock * 1000}`
  const argv = ['pg_dump', ...connect(store, database), '-w', wait, ...args]
  return explained(runtime.exec(store.service, argv, { ...inside(store, { seconds: 7200 }), ...rest }), store)
}

/** Host, user and database of a client program. */
export function connect(store: PostgresStore, database: string = store.database): string[] {
  return ['-h', store.service, '-U', store.user, '-d', database]
}

/** What every client program of PostgreSQL is run with; `seconds` is the longest duration. */
export function inside(store: PostgresStore, { seconds = 60, ok }: Query = {}): InContainer {
  return { env: environment(store), limits: { total: seconds }, ...(ok ? { ok } : {}) }
}

/** Times in UTC and bytes in hex, so that the same row is the same text whoever asks. */
export const READABLE = { PGTZ: 'UTC', PGOPTIONS: `-c bytea_output=hex -c lock_timeout=${LOCK_SECONDS}s` }

function environment({ password }: PostgresStore) {
  return { PGPASSWORD: password, ...READABLE }
}
