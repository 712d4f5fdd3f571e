import { exec } from '../../lib/exec.ts'
import { type QdrantStore, storeNamed, type Target } from '../../lib/target.ts'
import { perform } from '../../runbook/perform.ts'
import { makeCollection } from '../../steps/repair-collection.ts'
import { findUnmatched, reindexMissing } from '../../steps/repair-references.ts'
import { listBackups, readCatalogue } from '../../stores/backups.ts'
import { aliases, collections, readAliases, readCollections } from '../../stores/qdrant/commands.ts'
import { makingOf, orNone } from '../../stores/qdrant/making.ts'
import type { PointRelation } from '../../stores/qdrant/references.ts'
import type { Search, Work } from './work.ts'

/** A collection that is gone altogether; undefined where it is there. */
export async function findGone({ target, run, relation: any }: Search): Promise<Work | undefined> {
  const relation = any as PointRelation
  const { qdrant, name } = relation
  const store = storeNamed(target, qdrant.store, 'qdrant')
  if (await isThere(target, store, qdrant.collection)) return undefined
  const { candidates, why } = await orNone(
    async () => readCatalogue(await exec(listBackups(target, store.name), { cwd: target.root })).candidates,
  )
  const making = makingOf(run, relation, candidates)
  const { reindex } = qdrant
  const gone = `${name}: the collection ${qdrant.collection} is gone; a backup that can be used is better: scenarios/qdrant-corruption.ts`
  const unread = why === undefined ? [] : [`the backups could not be listed: ${why}`]
  if (!making || !reindex) {
    const lacks = making ? '"reindex"' : 'a manifest and "create"'
    const lines = [
      gone,
      ...unread,
      `${name}: it cannot be made anew: there is no ${lacks} in the configuration for it`,
    ]
    return { lines, bound: { words: lines, files: [] }, leaves: true }
  }
  const how = `made anew as ${making.fresh} by ${making.by}, then filled by ${reindex.service}: ${reindex.command.join(' ')}`
  return {
    lines: [gone, ...unread, `${name}: ${how}`],
    // The fresh name has the time in it.
    bound: { words: [name, { ...making, fresh: '' }, reindex], files: [] },
    mend: async () => {
      await perform(makeCollection, { target, store, run, relation, making }, { takeBack: true })
      await perform(
        reindexMissing('point'),
        await perform(findUnmatched('point'), { target, store, run, relation }),
      )
      return [`made and filled: ${making.fresh}`]
    },
    leaves: false,
  }
}

async function isThere(target: Target, store: QdrantStore, name: string): Promise<boolean> {
  const at = { cwd: target.root }
  const physical = readAliases(await exec(aliases(store), at))[name] ?? name
  return readCollections(await exec(collections(store), at)).includes(physical)
}
