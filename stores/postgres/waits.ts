import { duration } from '../../lib/format.ts'
import type { PostgresStore } from '../../lib/target.ts'
import { ask, type Diagnosis, type Look } from '../diagnosis.ts'
import { psql } from './commands.ts'

/**
 * Who waits for whom. A lock of a prepared transaction has no session: its process id is 0
 * (pg_blocking_pids, PostgreSQL documentation, section 9.27).
 */
const WAITS = `SELECT json_build_object('pid', w.pid, 'who', coalesce(nullif(w.application_name, ''), w.usename),
  'waited', extract(epoch FROM now() - w.query_start)::int,
  'query', left(regexp_replace(w.query, '\\s+', ' ', 'g'), 60), 'by', p.pid,
  'holder', coalesce(nullif(b.application_name, ''), b.usename, 'a prepared transaction'),
  'state', coalesce(b.state, 'prepared'), 'open', extract(epoch FROM now() - b.xact_start)::int)
FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS p(pid)
LEFT JOIN pg_stat_activity b ON b.pid = p.pid ORDER BY w.pid`

interface Wait {
  pid: number
  who: string
  /** Seconds. */
  waited: number
  query: string
  by: number
  holder: string
  state: string
  /** Seconds since its transaction began; null for a prepared one. */
  open: number | null
}

/** Sessions that wait for a lock, by who holds it. */
export const postgresWaits: Look<PostgresStore> = async (looking, store) => {
  const { runtime } = looking.target
  const said = await ask(looking, psql(runtime, store, WAITS, { seconds: 20 }))
  const waits = said.stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Wait)
  const waiting = new Set(waits.map(({ pid }) => pid))
  // In a queue everybody waits for everybody before; only who waits for nobody is the cause.
  const holders = new Set(waits.map(({ by }) => by).filter(by => !waiting.has(by)))
  return [...holders].map(by => heldBy(by))

  function heldBy(by: number): Diagnosis {
    const [first] = waits.filter(wait => wait.by === by)
    const since = first!.open === null ? '' : `, its transaction open for ${duration(first!.open * 1000)}`
    return {
      about: store.name,
      evidence: [
        ...waits
          .filter(wait => wait.by === by)
          .map(wait => `${wait.who} (${wait.pid}) waits for ${duration(wait.waited * 1000)}: ${wait.query}`),
        `${first!.holder} (${by}) holds the lock: ${first!.state}${since}`,
      ],
      cause: /^idle/.test(first!.state)
        ? 'a transaction was begun and neither committed nor rolled back; nothing that needs its lock goes on'
        : by === 0
          ? 'a prepared transaction was never ended; its locks survive every session and every restart'
          : 'a transaction works longer than the others can wait: see first what it is about to do',
      next:
        by === 0
          ? [
              psqlInside('SELECT gid, owner, prepared FROM pg_prepared_xacts'),
              'then ROLLBACK PREPARED with the gid of the one that nobody needs',
            ]
          : [
              psqlInside(`SELECT pid, state, left(query, 200) FROM pg_stat_activity WHERE pid = ${by}`),
              psqlInside(`SELECT pg_terminate_backend(${by})`),
            ],
    }
  }

  function psqlInside(query: string) {
    return psql(runtime, store, query)
  }
}
