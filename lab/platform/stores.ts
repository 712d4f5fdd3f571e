import { connectNeo4j, type Neo4j } from './neo4j.ts'
import { connectPostgres, type Postgres } from './postgres.ts'
import { connectQdrant, type Qdrant } from './qdrant.ts'
import type { Settings } from './settings.ts'

/** The three stores of the platform. */
export interface Stores {
  qdrant: Qdrant
  neo4j: Neo4j
  postgres: Postgres
}

/** `name` is what PostgreSQL shows in pg_stat_activity. Nothing is contacted yet. */
export function connectStores(settings: Settings, name: string): Stores {
  return {
    qdrant: connectQdrant(settings.qdrant),
    neo4j: connectNeo4j(settings.neo4j),
    postgres: connectPostgres(settings.postgres, name),
  }
}
