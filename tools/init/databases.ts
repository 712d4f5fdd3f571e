import { exec } from '../../lib/exec.ts'
import type { Runtime } from '../../lib/runtime.ts'
import { type Databases, recognise, type Written } from './recognise.ts'

/** Open ones that are no template: what a recovery has kept is fenced. `postgres` only where there is no other. */
const QUERY = `SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn
AND (datname <> 'postgres' OR NOT EXISTS (SELECT FROM pg_database o WHERE NOT o.datistemplate AND o.datallowconn
  AND o.datname <> 'postgres')) ORDER BY oid`

/** Over the socket, which the image trusts: no password is known yet. */
const ASK = `psql -X -At -U "\${POSTGRES_USER:-postgres}" -d postgres -c "$1"`

/** Asks every PostgreSQL of the project for its databases. One that does not answer is left out. */
export async function databasesOf(runtime: Runtime, written: Written, cwd: string): Promise<Databases> {
  const services = recognise(written).stores.flatMap(({ kind, service }) =>
    kind === 'postgres' ? [service] : [],
  )
  const asked = services.map(async service => {
    const ask = runtime.exec(service, ['sh', '-c', ASK, 'databases', QUERY], { limits: { total: 20 } })
    const said = await exec(ask, { cwd }).then(
      ({ stdout }) => stdout,
      () => '',
    )
    return [service, said.split('\n').filter(Boolean)] as const
  })
  return Object.fromEntries(await Promise.all(asked))
}
