import type { Command } from '../../lib/command.ts'
import type { Runtime } from '../../lib/runtime.ts'
import type { PostgresStore } from '../../lib/target.ts'

interface Query {
  /** Longest duration in seconds, inside the container too. */
  seconds?: number
  /** Exit codes that are an answer: 1 and 2 when a refusal or a stopped server is one. */
  ok?: readonly number[]
}

/**
 * One query with psql, in the store's container. By the service's own name and not over the socket or
 * 127.0.0.1: the image trusts both (its pg_hba.conf), so a wrong password would pass. psql goes on after
 * an error unless ON_ERROR_STOP says otherwise.
 */
export function psql(
  runtime: Runtime,
  store: PostgresStore,
  query: string,
  { seconds = 60, ok }: Query = {},
): Command {
  const connect = ['-h', store.service, '-U', store.user, '-d', store.database]
  return runtime.exec(
    store.service,
    ['psql', '-X', '-At', '-v', 'ON_ERROR_STOP=1', ...connect, '-c', query],
    {
      env: { PGPASSWORD: store.password, PGTZ: 'UTC' },
      limits: { total: seconds },
      ...(ok ? { ok } : {}),
    },
  )
}
