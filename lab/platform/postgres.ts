import pg from 'pg'
import type { Settings } from './settings.ts'
import { reason, StoreError } from './store-error.ts'

/** PostgreSQL over a small pool. The only importer of `pg`. Throws StoreError. */
export interface Postgres {
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>
  /** Waits for running queries, then closes the connections. */
  close(): Promise<void>
}

export function connectPostgres(settings: Settings['postgres'], applicationName: string): Postgres {
  const pool = new pg.Pool({
    ...settings,
    application_name: applicationName,
    max: 4,
    connectionTimeoutMillis: 5_000,
    // Long enough for a batch of the seed, short enough that a hung server is noticed.
    query_timeout: 120_000,
  })
  // A server that goes away breaks idle connections; without a listener that ends the process.
  pool.on('error', () => undefined)
  return {
    async query<R extends object>(text: string, values: readonly unknown[] = []) {
      try {
        const result = await pool.query<R>(text, [...values])
        return result.rows
      } catch (error) {
        // A server error carries an SQLSTATE of five characters; everything else is the connection.
        const code = (error as { code?: unknown }).code
        const answered = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
        const away = !answered || code.startsWith('08') || code.startsWith('57P')
        throw new StoreError('postgres', reason(error), away)
      }
    },
    close: () => pool.end(),
  }
}
