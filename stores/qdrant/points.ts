import type { Output } from '../../lib/command.ts'
import { count, plural } from '../../lib/format.ts'
import { type QdrantStore, storesOf, type Target } from '../../lib/target.ts'
import type { Verdict, WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { type Candidate, listBackups, readCatalogue, usable } from '../backups.ts'
import { type Base, staging, tableOf } from '../base.ts'
import { relationsWith } from '../references.ts'
import { type Carried, coveredIds, lookForPoints, putPoints, removePoints, takePoints } from './carry.ts'
import { aliases, collections, readAliases, readCollections, removeFresh, request } from './commands.ts'
import { type Assessed, type Chosen, conclude, type QdrantBase, type Restoring } from './facts.ts'
import { recoverBeside } from './restore.ts'

/** A collection with points that belong to rows of a table, and what is needed to bring them back. */
export interface PointsWork extends QdrantBase, Assessed, Chosen {
  /** The relation in the configuration. */
  name: string
  table: string
  /** The column that is the id of the point. */
  column: string
  /** The name the platform uses. */
  collection: string
}

/** A Qdrant with what was seen of it. */
export interface SeenQdrant {
  store: QdrantStore
  aliases: Record<string, string>
  there: string[]
  version: string
  candidates: Candidate[]
}

/** What has points that belong to rows, by the configuration. */
export const seeQdrants = <F extends Base>(s: Sequence<F>) =>
  s.gather(
    'qdrant',
    f =>
      (f as unknown as Base).target.relations.length === 0
        ? []
        : storesOf((f as unknown as Base).target, 'qdrant'),
    s => {
      const one = s as unknown as Sequence<Base & { qdrant: QdrantStore }>
      return one
        .read(
          'see which names the platform uses',
          f => aliases(f.qdrant),
          o => ({ aliases: readAliases(o) }),
        )
        .read(
          'see its collections',
          f => collections(f.qdrant),
          o => ({ there: readCollections(o) }),
        )
        .read(
          'see its version',
          f => request(f.qdrant, 'GET', '/'),
          o => ({ version: (JSON.parse(o.stdout) as { version: string }).version }),
        )
        .read(
          'list its backups',
          f => listBackups(f.target, f.qdrant.name),
          o => ({ partners: readCatalogue(o).candidates }),
        )
    },
    'qdrants',
    (f): SeenQdrant => ({
      store: f.qdrant,
      aliases: f.aliases,
      there: f.there,
      version: f.version,
      candidates: f.partners,
    }),
    'For each Qdrant store',
  )

/** The collections that go with these tables, out of one set; those the set does not hold are left out. */
export function worksFor(
  f: { target: Target; run: Base['run']; qdrants: readonly SeenQdrant[] },
  set: string,
  store: string,
  tables: readonly string[],
): PointsWork[] {
  return f.qdrants.flatMap(seen => {
    const candidate = usable(seen.candidates, 'qdrant').find(one => one.set === set)
    if (!candidate) return []
    return relationsWith({ ...f, store: seen.store }, 'qdrant').flatMap(
      ({ name, postgres, qdrant }): PointsWork[] => {
        const table = tableOf(postgres.table, tables)
        if (postgres.store !== store || !table || qdrant.field !== undefined) return []
        const { member } = candidate
        const physical =
          member.aliases.find(({ alias }) => alias === qdrant.collection)?.collection ?? qdrant.collection
        const nothing = { up: true, findings: [], onDisk: [], blamed: [], looks: [] }
        const known = { ...nothing, target: f.target, run: f.run, ...seen }
        const chosen = conclude(known, candidate, [physical])
        if (chosen.restoring.length === 0) return []
        return [{ ...known, ...chosen, name, table, column: postgres.id, collection: qdrant.collection }]
      },
    )
  })
}

/** Points that carry the key of their row in a field: they cannot be asked for by it, so none of them comes back. */
export function unasked({ target }: { target: Target }, store: string, tables: readonly string[]): string[] {
  return target.relations.flatMap(({ name, postgres, qdrant }) => {
    if (postgres.store !== store || !tableOf(postgres.table, tables) || qdrant?.field === undefined) return []
    const how = `make them again: npx tsx tools/repair.ts ${name}`
    return [`${qdrant.collection} has the key of its rows in the field ${qdrant.field}; ${how}`]
  })
}

/** Ids of the rows that came back, one a line. */
export function idsFile(f: Base, name: string): string {
  return `${staging(f.run)}/${name}-ids.txt`
}

/** The points that come back. It stays with the incident: an undo deletes exactly these. */
export function pointsFile(f: Base, name: string): string {
  return `${f.run.folder}/${name}-points.jsonl`
}

/** The ids are in their file already. Recovers the collection beside and carries over what is missing live. */
export const bringPoints = (s: Sequence<PointsWork>) =>
  s
    .each(
      'recovering',
      f => f.restoring,
      s =>
        s
          .let('take it up', f => ({ live: f.collection, collection: f.recovering as Restoring }))
          .use(recoverBeside)
          .keep('take out the points that are missing live', f =>
            takePoints(f.store, f.collection.fresh, f.live, idsFile(f, f.name), pointsFile(f, f.name)),
          )
          .write('remove the recovered collection', {
            run: f => removeFresh(f.store, f.collection.fresh),
            probe: {
              look: f => collections(f.store),
              state: (o, f) => (readCollections(o).includes(f.collection.fresh) ? 'absent' : 'done'),
            },
            undo: { none: 'this run has made it, out of a backup that is still in the bucket' },
          }),
      'For its collection in the backup',
    )
    .write('write the points that are missing', {
      run: f => putPoints(f.store, f.collection, pointsFile(f, f.name)),
      probe: { look: f => lookForPoints(f.store, f.collection, pointsFile(f, f.name)), state: pointsState },
      undo: f => removePoints(f.store, f.collection, pointsFile(f, f.name)),
      repeatable: true,
    })
    .check(
      'every point that came back is equal to the backup’s',
      f => lookForPoints(f.store, f.collection, pointsFile(f, f.name)),
      allPointsThere,
    )
    .check(
      'every row that came back has its point',
      f => coveredIds(f.store, f.collection, idsFile(f, f.name)),
      coverage,
    )

/** Nothing to write is as good as written. A point that the platform wrote meanwhile is there, whatever is in it. */
export function pointsState(o: Output): WorldState {
  const { all, there, different } = JSON.parse(o.stdout) as Carried
  if (there + different === all) return 'done'
  return there + different === 0 ? 'absent' : 'partial'
}

export function allPointsThere(o: Output): Verdict {
  const { all, there, different } = JSON.parse(o.stdout) as Carried
  const found = `${count(there)} of ${plural(all, 'point')} with equal vector and payload`
  const anew = different === 0 ? '' : `; ${count(different)} written anew by the platform and left alone`
  return { verdict: there + different === all ? 'proven' : 'failed', found: found + anew }
}

/** A row whose point was in no backup has to be embedded again. */
export function coverage(o: Output): Verdict {
  const { rows, points } = JSON.parse(o.stdout) as { rows: number; points: number }
  const found = `${plural(rows, 'row')}, ${plural(points, 'point')}`
  if (rows === points) return { verdict: 'proven', found }
  return {
    verdict: 'expected loss',
    found: `${found}; the backup has no point of the others: embed them again`,
  }
}
