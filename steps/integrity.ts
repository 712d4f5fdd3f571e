import { Problem } from '../lib/problem.ts'
import type { StoreKind } from '../runbook/model.ts'
import { step } from '../runbook/tree.ts'
import { newestUsable, type Usable } from '../stores/backups.ts'
import type { StoreBase } from '../stores/base.ts'
import { conclude as concludeNeo4j } from '../stores/neo4j/choose.ts'
import type { Neo4jAssessed, Neo4jBase } from '../stores/neo4j/facts.ts'
import { validateNeo4j } from '../stores/neo4j/validate.ts'
import type { PostgresAssessed, PostgresBase } from '../stores/postgres/facts.ts'
import { soundPostgres } from '../stores/postgres/validate.ts'
import { type Assessed, conclude, type QdrantBase } from '../stores/qdrant/facts.ts'
import { validateQdrant } from '../stores/qdrant/validate.ts'
import type { Around } from './assess.ts'

const WHY =
  'The same checks that prove a recovery, without one: what the platform reads, against the newest backup.'

/** The checks of the validate step on live data, held against the newest backup that can be used. */
export const integrityQdrant = step<QdrantBase & Assessed & Around, unknown>({
  id: 'integrity-qdrant',
  about: 'qdrant',
  title: 'Check the integrity of Qdrant',
  why: WHY,
  survey: true,
  body: s =>
    s.let('take the newest usable backup', f => conclude(f, newest(f, 'qdrant'), [])).use(validateQdrant),
})

function newest<K extends StoreKind>(f: StoreBase & Around, kind: K): Usable<K> {
  const candidate = newestUsable(f.target, f.candidates, { name: f.store.name, kind })
  if (candidate) return candidate
  throw new Problem(`there is no usable backup of ${f.store.name} to compare with`, {
    exitCode: 2,
    hint: 'take one: npx tsx tools/backup-service.ts --run-once',
  })
}

export const integrityPostgres = step<PostgresBase & PostgresAssessed & Around, unknown>({
  id: 'integrity-postgres',
  about: 'postgres',
  title: 'Check the integrity of PostgreSQL',
  why: WHY,
  survey: true,
  body: s => s.use(soundPostgres),
})

export const integrityNeo4j = step<Neo4jBase & Neo4jAssessed & Around, unknown>({
  id: 'integrity-neo4j',
  about: 'neo4j',
  title: 'Check the integrity of Neo4j',
  why: WHY,
  survey: true,
  body: s =>
    s
      .let('take the newest usable backup', f =>
        concludeNeo4j({ ...f, candidate: newest(f, 'neo4j') }, 'none'),
      )
      .use(validateNeo4j),
})
