import { connectPostgres, type Postgres } from '../../lab/platform/postgres.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'

/** Does something with the live database and closes the connection, whatever happens. Throws StoreError. */
export async function withPostgres<R>(
  target: LabTarget,
  work: (postgres: Postgres) => Promise<R>,
): Promise<R> {
  const postgres = connectPostgres(settingsOf(target).postgres, 'drill')
  try {
    return await work(postgres)
  } finally {
    await postgres.close()
  }
}
