import type { Command } from '../../lib/command.ts'
import type { Runtime } from '../../lib/runtime.ts'
import type { Neo4jStore } from '../../lib/target.ts'

/** One query with cypher-shell, in the store's container; the password travels by the name of its variable. */
export function cypher(
  runtime: Runtime,
  store: Neo4jStore,
  query: string,
  ok: readonly number[] = [],
): Command {
  const argv = ['cypher-shell', '--format', 'plain', '--non-interactive', '-d', store.database, query]
  return runtime.exec(store.service, argv, {
    env: { NEO4J_USERNAME: store.user, NEO4J_PASSWORD: store.password },
    limits: { total: 60 },
    ok,
  })
}
