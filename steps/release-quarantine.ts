import { step } from '../runbook/tree.ts'
import type { Neo4jBase } from '../stores/neo4j/facts.ts'
import { type Neo4jRelease, releaseNeo4j as removeNeo4j } from '../stores/neo4j/quarantine.ts'
import type { PostgresBase } from '../stores/postgres/facts.ts'
import { type PostgresRelease, releasePostgres as removePostgres } from '../stores/postgres/quarantine.ts'
import { exactCount, readCount, removeFresh } from '../stores/qdrant/commands.ts'
import type { QdrantBase } from '../stores/qdrant/facts.ts'
import type { QdrantRelease } from '../stores/qdrant/quarantine.ts'

const WHY =
  'The damaged data is kept until a person says that nobody needs it. Only then does something get deleted.'
const NONE = { none: 'this is the end of the quarantine, confirmed by a phrase of its own' }

export const releaseQdrant = step<QdrantBase & { release: QdrantRelease }, unknown>({
  id: 'release-qdrant',
  about: 'qdrant',
  title: 'Release the quarantine of Qdrant',
  why: WHY,
  body: s =>
    s
      .each(
        'collection',
        f => f.release.collections,
        s =>
          s.write('delete the damaged collection', {
            run: f => removeFresh(f.store, f.collection),
            probe: {
              look: f => exactCount(f.store, f.collection),
              state: o => (readCount(o) === undefined ? 'done' : 'absent'),
            },
            undo: NONE,
          }),
      )
      .each(
        'folder',
        f => f.release.folders,
        s =>
          s.write('delete what was set aside in the volume', {
            run: f =>
              f.target.runtime.exec(f.store.service, ['rm', '-r', f.folder], { limits: { total: 300 } }),
            probe: {
              look: f =>
                f.target.runtime.exec(f.store.service, ['ls', f.folder], {
                  limits: { total: 30 },
                  ok: [1, 2],
                }),
              state: o => (o.exitCode === 0 ? 'absent' : 'done'),
            },
            undo: NONE,
          }),
      ),
  summary: f => [...f.release.collections, ...f.release.folders].join(', '),
})

export const releasePostgres = step<PostgresBase & { release: PostgresRelease }, unknown>({
  id: 'release-postgres',
  about: 'postgres',
  title: 'Release the quarantine of PostgreSQL',
  why: WHY,
  body: s => s.use(removePostgres),
})

export const releaseNeo4j = step<Neo4jBase & { release: Neo4jRelease }, unknown>({
  id: 'release-neo4j',
  about: 'neo4j',
  title: 'Release the quarantine of Neo4j',
  why: WHY,
  body: s => s.use(removeNeo4j),
})
