import { step } from '../runbook/tree.ts'
import type { Usable } from '../stores/backups.ts'
import { kindOf } from '../stores/kinds.ts'
import { restoreNeo4jApart } from '../stores/neo4j/restore-apart.ts'
import { restorePostgresApart } from '../stores/postgres/restore-apart.ts'
import { restoreQdrantApart } from '../stores/qdrant/restore-apart.ts'
import {
  type StoredNeo4j,
  type StoredPostgres,
  type StoredQdrant,
  storedNeo4j,
  storedPostgres,
  storedQdrant,
} from './verify-stored.ts'

/*
 * A stored backup, restored for a trial: into containers that are on no network and have no volume of the platform,
 * on the image that the platform runs. What comes out is compared with what the manifest counted, then all is removed.
 */

const WHY = `Whole bytes are not yet a restore: a version that does not read them any more, an extension that is missing from the
image or a role that nobody saved show only when somebody restores.`
const TROUBLE =
  'Nothing of the platform was touched. What the check names is what a recovery would meet: mend it, or take a new backup.'

export const restoreApartQdrant = step<StoredQdrant, unknown>({
  id: 'restore-apart-qdrant',
  about: 'qdrant',
  title: 'Restore a stored backup of Qdrant for a trial',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(storedQdrant).use(restoreQdrantApart),
  summary: told,
})

export const restoreApartNeo4j = step<StoredNeo4j, unknown>({
  id: 'restore-apart-neo4j',
  about: 'neo4j',
  title: 'Restore a stored backup of Neo4j for a trial',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(storedNeo4j).use(restoreNeo4jApart),
  summary: told,
})

export const restoreApartPostgres = step<StoredPostgres, unknown>({
  id: 'restore-apart-postgres',
  about: 'postgres',
  title: 'Restore a stored backup of PostgreSQL for a trial',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(storedPostgres).use(restorePostgresApart),
  summary: told,
})

function told({ candidate: { id, member } }: { candidate: Usable }): string {
  return `${id} restored apart: ${kindOf(member.kind).contents(member as never)}, all of it equal`
}
