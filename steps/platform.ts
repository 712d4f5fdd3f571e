import type { StoreKind } from '../runbook/model.ts'
import type { Sequence } from '../runbook/tree.ts'
import type { Base } from '../stores/base.ts'
import { kindOf } from '../stores/kinds.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from '../stores/neo4j/facts.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import type { Assessed, Chosen, QdrantBase } from '../stores/qdrant/facts.ts'
import type { Around } from './assess.ts'

/** What is known of one store once it has been looked at; `name` is the store's. */
export interface Seen {
  qdrant: QdrantBase & Assessed & Listed
  neo4j: Neo4jBase & Neo4jAssessed & Listed
  postgres: PostgresBase & PostgresAssessed & Listed
}

interface Listed extends Around {
  name: string
}

/** What will be done to one store. */
export interface Work {
  qdrant: Seen['qdrant'] & Chosen
  neo4j: Seen['neo4j'] & Neo4jChosen
  postgres: Seen['postgres'] & PostgresChosen
}

/** Everything that Assess has seen of the platform's stores. */
export interface Platform {
  seen: { [K in StoreKind]: Seen[K][] }
}

/** The stores that are recovered together, in lanes beside each other. */
export interface Together {
  works: { [K in StoreKind]: Work[K][] }
}

export const KINDS = ['qdrant', 'neo4j', 'postgres'] as const

/** All works, whatever their kind. */
export function allWorks({ works }: Together): Work[StoreKind][] {
  return [...works.qdrant, ...works.neo4j, ...works.postgres]
}

/**
 * A lane: does the same to every store of a kind that is recovered, and gathers under `into` what is known
 * of each afterwards. Two stores of one kind follow each other, because they most often share a disk.
 */
export function lane<K extends StoreKind, A extends string>(
  kind: K,
  part: (s: Sequence<Work[K]>) => Sequence<unknown>,
  into: A,
) {
  return (s: Sequence<Base & Together>) =>
    s.gather(
      'work',
      f => f.works[kind] as Work[K][],
      s => s.let('take up what is known of it', f => f.work as Work[K]).use(part as never),
      into,
      f => f as unknown as Work[K],
      `For each ${kindOf(kind).title} store`,
    )
}
