import { step } from '../runbook/tree.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import { restoreNeo4j as recoverNeo4j } from '../stores/neo4j/restore.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import { restorePostgres as recoverPostgres } from '../stores/postgres/restore.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import { restoreQdrant as recoverQdrant } from '../stores/qdrant/restore.ts'
import type { Around } from './assess.ts'

export const restoreQdrant = step<QdrantBase & Assessed & Chosen, unknown>({
  id: 'restore-qdrant',
  about: 'qdrant',
  title: 'Restore Qdrant beside the live data, prove, switch',
  why: `A recovery into an existing collection clears it when it fails half-way. So every collection is recovered
under a fresh name, read completely and compared with the backup there; only then does the alias point at it.
A collection that the platform addresses by its own name is set aside inside the volume, and an alias takes its
name. The damaged data stays where it is until a person releases it.`,
  trouble:
    'Until the first alias is switched, nothing the platform sees has changed: undo removes the fresh copies. After that, undo points the aliases back and brings the set-aside collections home.',
  body: s => s.use(recoverQdrant),
  summary: f => {
    const done = f.restoring.map(r => `${r.name} → ${r.fresh}`)
    const repaired = f.repairs.map(r => `index ${r.collection}.${r.field}`)
    const switched = f.switches
      .filter(s => !f.restoring.some(r => r.fresh === s.to))
      .map(s => `alias ${s.name} → ${s.to}`)
    return [...done, ...switched, ...repaired].join(', ') || 'nothing had to change'
  },
})

export const restorePostgres = step<PostgresBase & PostgresAssessed & PostgresChosen, unknown>({
  id: 'restore-postgres',
  about: 'postgres',
  title: 'Restore PostgreSQL into a database beside, prove, swap the names',
  why: `A restore into the live database leaves it half old and half new when it fails. So a database is made beside it, from
an empty template with the encoding and locale of the old one; what is restored there is proven; then two renames
in one transaction swap the names. The old database stays, fenced, and undo is the reverse swap. A cluster that does
not start is set aside as a whole before a new one is made.`,
  trouble:
    'Until the names are swapped, nothing the platform sees has changed: undo drops the database beside. After that, undo swaps the names back.',
  body: s => s.use(recoverPostgres),
  summary: f => f.candidate.id,
})

export const restoreNeo4j = step<Neo4jBase & Neo4jAssessed & Neo4jChosen & Around, unknown>({
  id: 'restore-neo4j',
  about: 'neo4j',
  title: 'Restore Neo4j: set the old store aside, load, check, start',
  why: `Neo4j Community has one database and loads it only while it is stopped. A load with overwrite deletes the old store
before it opens the dump, so the old store and its transaction logs are moved aside inside the volume instead, and
the dump is loaded where nothing is left to overwrite. Undo moves the old store back.`,
  trouble:
    'Undo stops Neo4j, moves the loaded store away, the old one back, and starts it again. A store that was killed while it wrote has to be started and stopped cleanly once before anything can read it.',
  body: s => s.use(recoverNeo4j),
  summary: f => f.candidate.id,
})
