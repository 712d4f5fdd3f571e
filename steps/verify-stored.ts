import { command } from '../lib/command.ts'
import { bytes } from '../lib/format.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import type { Usable } from '../stores/backups.ts'
import { type StoreBase, staging } from '../stores/base.ts'
import type { Neo4jBase } from '../stores/neo4j/facts.ts'
import { readBackNeo4j } from '../stores/neo4j/verify.ts'
import type { PostgresBase } from '../stores/postgres/facts.ts'
import { readBackPostgres } from '../stores/postgres/verify.ts'
import { type QdrantBase, restoringOf } from '../stores/qdrant/facts.ts'
import { readBackQdrant } from '../stores/qdrant/verify.ts'

/*
 * A stored backup, read back and proven whole without a recovery in sight: the same proof as before a restore,
 * less what depends on the live store (room beside it, versions, missing roles).
 */

const WHY = `A backup counts when it has been read back from where it is kept. Bytes rot, objects are replaced or deleted, and
nobody notices before the night on which they are needed.`
const TROUBLE =
  'Take a new backup now, keep the older verified sets, and find out what happened to the bucket.'

export type StoredQdrant = QdrantBase & { candidate: Usable<'qdrant'> }
export type StoredNeo4j = Neo4jBase & { candidate: Usable<'neo4j'> }
export type StoredPostgres = PostgresBase & { candidate: Usable<'postgres'> }

export const storedQdrant = (s: Sequence<StoredQdrant>) =>
  stage(s)
    .let('every collection of it', ({ run, candidate: { member } }) => {
      const names = member.collections.map(collection => collection.name)
      return { restoring: restoringOf(run, member, names) }
    })
    .use(readBackQdrant)

export const storedNeo4j = (s: Sequence<StoredNeo4j>) =>
  stage(s)
    .let('the graph and the users of it', ({ candidate: { member } }) => {
      const users = member.beside.some(({ key }) => key.endsWith('.system.dump'))
      return { restoring: [member.database, ...(users ? ['system'] : [])] }
    })
    .use(readBackNeo4j)

export const storedPostgres = (s: Sequence<StoredPostgres>) => stage(s).use(readBackPostgres)

export const verifyStoredQdrant = step<StoredQdrant, unknown>({
  id: 'verify-stored-qdrant',
  about: 'qdrant',
  title: 'Verify a stored backup of Qdrant',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(storedQdrant),
  summary: told,
})

export const verifyStoredNeo4j = step<StoredNeo4j, unknown>({
  id: 'verify-stored-neo4j',
  about: 'neo4j',
  title: 'Verify a stored backup of Neo4j',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(storedNeo4j),
  summary: told,
})

export const verifyStoredPostgres = step<StoredPostgres, unknown>({
  id: 'verify-stored-postgres',
  about: 'postgres',
  title: 'Verify a stored backup of PostgreSQL',
  why: WHY,
  trouble: TROUBLE,
  body: s => s.use(storedPostgres),
  summary: told,
})

function stage<F extends StoreBase>(s: Sequence<F>): Sequence<F> {
  return s.keep('make a place for it', f => command(['mkdir', '-p', staging(f.run)]))
}

function told({ candidate }: { candidate: Usable }): string {
  return `${candidate.id}, ${bytes(candidate.member.size_bytes)} read back, whole`
}
