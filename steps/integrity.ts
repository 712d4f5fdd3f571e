import type { StoreKind } from '../runbook/model.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import { listBackups, newestUsable, readCatalogue, type Usable } from '../stores/backups.ts'
import type { StoreBase } from '../stores/base.ts'
import { backupToCompare } from '../stores/compared.ts'
import type { Sampled } from '../stores/content.ts'
import type { Against } from '../stores/expected.ts'
import { checkEdges } from '../stores/neo4j/check-edges.ts'
import { countNeo4j, reachNeo4j } from '../stores/neo4j/checks.ts'
import { checkNodeContent } from '../stores/neo4j/contents.ts'
import type { Neo4jAssessed, Neo4jBase } from '../stores/neo4j/facts.ts'
import { NODES } from '../stores/neo4j/references.ts'
import { checkPostgres } from '../stores/postgres/checks.ts'
import type { PostgresAssessed, PostgresBase } from '../stores/postgres/facts.ts'
import { checkPointContent } from '../stores/qdrant/check-content.ts'
import { addressesOf, checkQdrant } from '../stores/qdrant/checks.ts'
import type { Assessed, QdrantBase } from '../stores/qdrant/facts.ts'
import { POINTS } from '../stores/qdrant/references.ts'
import { checkReferences, type Held, type Side } from '../stores/references.ts'
import type { Around } from './assess.ts'

const WHY = `The checks that prove a recovery, without one: what the platform reads, against the newest backup that can be
used, or the one that was asked for. Without a backup the configuration says what has to be there (\`critical\`). The
platform goes on writing, so live data may be more than the backup, and a little less: what is deleted on purpose.`

/** The checks of the validate step on live data. */
export const integrityQdrant = step<QdrantBase & Assessed & Around & Sampled, unknown>({
  id: 'integrity-qdrant',
  about: 'qdrant',
  title: 'Check the integrity of Qdrant',
  why: WHY,
  survey: true,
  body: s =>
    against(s, 'qdrant')
      .let('see what is to be looked at', f => ({ addresses: addressesOf(f, f.aliases) }))
      .use(checkQdrant)
      .use(s => references(s, POINTS))
      .use(checkPointContent),
})

export const integrityPostgres = step<PostgresBase & PostgresAssessed & Around, unknown>({
  id: 'integrity-postgres',
  about: 'postgres',
  title: 'Check the integrity of PostgreSQL',
  why: WHY,
  survey: true,
  body: s =>
    against(s, 'postgres')
      .let('this is no restore', () => ({ restored: false }))
      .use(checkPostgres),
})

export const integrityNeo4j = step<Neo4jBase & Neo4jAssessed & Around & Sampled, unknown>({
  id: 'integrity-neo4j',
  about: 'neo4j',
  title: 'Check the integrity of Neo4j',
  why: WHY,
  survey: true,
  body: s =>
    against(s, 'neo4j')
      .use(reachNeo4j)
      .use(countNeo4j)
      .use(s => references(s, NODES))
      .use(edges)
      .use(checkNodeContent),
})

/** Takes the newest usable backup, or none; which one is a line of the report. */
function against<F extends StoreBase & Around, K extends StoreKind>(s: Sequence<F>, kind: K) {
  const taken = s
    .let('take the newest usable backup', (f): Against<K> => ({ backup: newest(f, kind) }))
    .check(
      'there is a usable backup to compare with',
      f => listBackups(f.target, f.store.name, f.run.against),
      (o, f) => backupToCompare(f.target, readCatalogue(o).candidates, f.store),
    )
  return taken as unknown as Sequence<F & Against<K>>
}

function newest<K extends StoreKind>(f: StoreBase & Around, kind: K): Usable<K> | undefined {
  return newestUsable(f.target, f.candidates, { name: f.store.name, kind })
}

/** References are told apart by the age of the backup: without one nobody knows which are lost. */
function references<F extends StoreBase & Against<StoreKind>>(s: Sequence<F>, side: Side) {
  return held(s, s => checkReferences(s, side))
}

/** The same holds of the relationships that foreign keys stand for. */
function edges<F extends Neo4jBase & Against<StoreKind>>(s: Sequence<F>) {
  return held(s, s => checkEdges(s))
}

function held<F extends StoreBase & Against<StoreKind>>(
  s: Sequence<F>,
  body: (s: Sequence<F & Held>) => Sequence<unknown>,
) {
  return s.each(
    'candidate',
    f => (f.backup ? [f.backup] : []),
    s => body(s.let('nothing was restored', () => ({ restoring: [] })) as unknown as Sequence<F & Held>),
    'If there is a usable backup',
  )
}
