import { storesOf, type Target } from '../../../lib/target.ts'
import type { Sequence } from '../../../runbook/tree.ts'
import { listBackups, readCatalogue, usable } from '../../backups.ts'
import { type Base, tableOf } from '../../base.ts'
import type { Neo4jBase } from '../facts.ts'
import type { Key } from '../graph.ts'
import { type Look, lookAt } from '../read.ts'
import { type NodeKind, type NodesWork, nodeIdsFile, type SeenNeo4j } from './facts.ts'

/** What has nodes that belong to rows, by the configuration. */
export const seeNeo4js = <F extends Base>(s: Sequence<F>) =>
  s.gather(
    'neo4j',
    f => graphs((f as unknown as Base).target),
    s => {
      const one = s as unknown as Sequence<Base & { neo4j: Neo4jBase['store'] }>
      return one
        .read(
          'see what tells its nodes apart',
          f => lookAt(f.target, f.neo4j),
          o => ({ keys: (JSON.parse(o.stdout) as Look).keys }),
        )
        .read(
          'list its backups',
          f => listBackups(f.target, f.neo4j.name),
          o => ({ partners: readCatalogue(o).candidates }),
        )
    },
    'neo4js',
    (f): SeenNeo4j => ({ store: f.neo4j, keys: f.keys, candidates: f.partners }),
    'For each Neo4j store',
  )

function graphs(target: Target) {
  const related = target.relations.map(({ neo4j }) => neo4j?.store)
  return storesOf(target, 'neo4j').filter(({ name }) => related.includes(name))
}

/** The nodes that go with these tables, out of one set; those the set does not hold are left out. */
export function nodesFor(
  f: { target: Target; run: Base['run']; neo4js: readonly SeenNeo4j[] },
  set: string,
  store: string,
  tables: readonly string[],
): NodesWork[] {
  return f.neo4js.flatMap((seen): NodesWork[] => {
    const candidate = usable(seen.candidates, 'neo4j').find(one => one.set === set)
    if (!candidate) return []
    const keys = seen.keys.filter(key => candidate.member.keys.some(one => same(one, key)))
    const kinds = kindsOf(f, seen, store, tables).filter(kind => keys.some(key => tells(key, kind)))
    if (kinds.length === 0) return []
    const nothing = { up: true, online: true, said: '', graph: null, onDisk: [], failed: '', words: [] }
    const chosen = { candidate, restoring: [candidate.member.database, 'system'], repairs: [] }
    return [
      { ...nothing, findings: [], target: f.target, run: f.run, store: seen.store, ...chosen, kinds, keys },
    ]
  })
}

/** Labels that no constraint tells apart: which node is whose is not known, so none of them is written. */
export function untold(
  f: { target: Target; run: Base['run']; neo4js: readonly SeenNeo4j[] },
  store: string,
  tables: readonly string[],
): string[] {
  return f.neo4js.flatMap(seen =>
    kindsOf(f, seen, store, tables)
      .filter(kind => !seen.keys.some(key => tells(key, kind)))
      .map(({ label, property }) => `${label} has no uniqueness constraint on ${property} alone`),
  )
}

function kindsOf(
  f: { target: Target; run: Base['run'] },
  { store }: SeenNeo4j,
  database: string,
  tables: readonly string[],
): NodeKind[] {
  return f.target.relations.flatMap(({ name, postgres, neo4j }): NodeKind[] => {
    const table = tableOf(postgres.table, tables)
    if (neo4j?.store !== store.name || postgres.store !== database || !table) return []
    const { label, property } = neo4j
    return [{ name, table, column: postgres.id, label, property, ids: nodeIdsFile(f as Base, name) }]
  })
}

function same(a: Key, b: Key): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function tells({ label, properties }: Key, kind: NodeKind): boolean {
  return label === kind.label && properties.length === 1 && properties[0] === kind.property
}
