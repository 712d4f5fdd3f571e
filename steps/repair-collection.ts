import type { Output } from '../lib/command.ts'
import type { Verdict, WorldState } from '../runbook/model.ts'
import { step } from '../runbook/tree.ts'
import {
  aliases,
  collections,
  dropAlias,
  exactCount,
  info,
  pointAlias,
  readAliases,
  readCollections,
  readCount,
  readInfo,
  removeFresh,
  request,
} from '../stores/qdrant/commands.ts'
import type { QdrantBase } from '../stores/qdrant/facts.ts'
import type { Making } from '../stores/qdrant/making.ts'
import type { PointRelation } from '../stores/qdrant/references.ts'

/** A collection that is gone, and how it is made anew. */
export type GoneCollection = QdrantBase & { relation: PointRelation; making: Making }

/** Makes an empty collection under a fresh name, with its payload indexes, and the name that the platform uses. */
export const makeCollection = step<GoneCollection, unknown>({
  id: 'make-collection',
  about: 'qdrant',
  title: 'Make the collection anew',
  why: `No backup of it can be used, but its rows are there: the platform fills it again. It writes to the name it knows, so
that name points here before anything is in it; until it is full, searches find less than they should.`,
  body: s =>
    s
      .check('nothing has its name', f => request(f.store, 'GET', '/aliases'), nameIsFree)
      .check('no collection has its name', f => collections(f.store), noCollection)
      .write('make it under a fresh name', {
        run: f =>
          request(f.store, 'PUT', `/collections/${f.making.fresh}`, { body: f.making.params, seconds: 60 }),
        probe: {
          look: f => exactCount(f.store, f.making.fresh),
          state: o => (readCount(o) === undefined ? 'absent' : 'done'),
        },
        undo: f => removeFresh(f.store, f.making.fresh),
      })
      .each(
        'field',
        f => f.making.indexes,
        s =>
          s.write('build its payload index', {
            run: f =>
              request(f.store, 'PUT', `/collections/${f.making.fresh}/index?wait=true`, {
                body: { field_name: `${f.field.name}`, field_schema: `${f.field.type}` },
                seconds: 60,
              }),
            probe: {
              look: f => info(f.store, f.making.fresh),
              state: (o, f) => indexState(o, f.field.name),
            },
            undo: f =>
              request(f.store, 'DELETE', `/collections/${f.making.fresh}/index/${f.field.name}?wait=true`),
          }),
        'For each field with an index',
      )
      .write('point the name at it that the platform uses', {
        run: f => pointAlias(f.store, f.relation.qdrant.collection, f.making.fresh),
        probe: {
          look: f => aliases(f.store),
          state: (o, f) =>
            readAliases(o)[f.relation.qdrant.collection] === f.making.fresh ? 'done' : 'absent',
        },
        undo: f => dropAlias(f.store, f.relation.qdrant.collection),
        critical: true,
      }),
  summary: ({ making }) => `${making.fresh}, by ${making.by}`,
})

function nameIsFree(o: Output, { relation }: GoneCollection): Verdict {
  const { collection } = relation.qdrant
  const to = readAliases(o)[collection]
  return { verdict: to === undefined ? 'proven' : 'failed', found: to ? `${collection} → ${to}` : collection }
}

function noCollection(o: Output, { relation, making }: GoneCollection): Verdict {
  const taken = readCollections(o).filter(name => [relation.qdrant.collection, making.fresh].includes(name))
  return { verdict: taken.length === 0 ? 'proven' : 'failed', found: taken.join(', ') || 'none' }
}

function indexState(o: Output, field: string): WorldState {
  return readInfo(o)?.payload_schema[field] ? 'done' : 'absent'
}
