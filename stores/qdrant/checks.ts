import type { Output } from '../../lib/command.ts'
import { count } from '../../lib/format.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { type Against, enough, leastOf, named, none, presence, unknown } from '../expected.ts'
import { aliases, collections, readAliases, readCollections, request } from './commands.ts'
import type { QdrantBase } from './facts.ts'
import type { CollectionBackup } from './member.ts'
import { baseName, currentName } from './names.ts'
import { stable } from './restore.ts'
import { type Shape, shapeOf } from './shape.ts'

/** `addresses`: under which name the platform reads a collection of the backup or of the configuration today. */
export type Needs = QdrantBase & Against<'qdrant'> & { addresses: readonly Address[] }

export interface Address {
  /** As the backup or the configuration calls it. */
  name: string
  /** The collection that has the data today. */
  live: string
}

/** What the checklist of Qdrant asks, of live data and after a restore; everything with the credentials of the platform. */
export const checkQdrant = (s: Sequence<Needs>) =>
  s
    .check('Qdrant is ready', f => request(f.store, 'GET', '/readyz', { ok: [22] }), ready)
    .checks('list the collections with its key', f => collections(f.store, [22]), {
      'it lets the platform in': letsIn,
      'every collection is there': allThere,
    })
    .check('every alias leads where it belongs', f => aliases(f.store), aliasesLead)
    .each(
      'collection',
      f => f.addresses,
      s =>
        s.checks('look at it and search it', f => shapeOf(f.store, `${f.collection.live}`), {
          'it is not degraded': green,
          'it has the points of the backup': hasPoints,
          'its vector parameters are those of the backup': sameParameters,
          'its payload indexes are there': indexed,
          'sample searches find themselves': findThemselves,
        }),
    )

export type One = Needs & { collection: Address }

/** `/readyz` answers without a key: that it is ready says nothing about who is let in. */
export function ready(o: Output): Verdict {
  return {
    verdict: o.exitCode === 0 ? 'proven' : 'failed',
    expected: 'all shards are ready',
    found: o.stdout.trim().slice(0, 200),
  }
}

export function letsIn(o: Output, { store }: Pick<Needs, 'store'>): Verdict {
  const expected = store.apiKey
    ? `an answer to the key of ${store.apiKey.name}`
    : 'an answer; no key is configured'
  if (o.exitCode === 0) return { verdict: 'proven', expected, found: 'it answers' }
  return { verdict: 'failed', expected, found: `it refuses: ${o.stdout.trim().slice(0, 160)}` }
}

export function allThere(o: Output, f: Needs): Verdict {
  if (o.exitCode !== 0) return { verdict: 'unchecked', found: 'it refuses to list them' }
  const there = readCollections(o)
  const known = f.addresses.filter(({ live }) => there.includes(live)).map(({ name }) => name)
  return presence('collections', f.backup ? known : [...new Set([...known, ...there])], leastPoints(f))
}

/** The backup's collections with their points, or those of the configuration; of those that are looked at. */
function leastPoints({ backup, store, addresses }: Needs) {
  const due = ({ name }: { name: string }) => addresses.some(address => address.name === name)
  const counted = (all: readonly CollectionBackup[]) =>
    Object.fromEntries(all.filter(due).map(({ name, points }) => [name, points]))
  return leastOf(backup, member => counted(member.collections), store.critical?.collections)
}

export function aliasesLead(o: Output, { backup, addresses }: Needs): Verdict {
  const live = readAliases(o)
  const found = named(Object.entries(live).map(([alias, to]) => `${alias} → ${to}`)) || 'no aliases'
  if (!backup) return unknown(found)
  const looked = addresses.map(({ name }) => name)
  const due = backup.member.aliases.filter(({ collection }) => looked.includes(collection))
  const wrong = due
    .filter(({ alias, collection }) => baseName(live[alias] ?? '') !== baseName(collection))
    .map(({ alias }) => `${alias} → ${live[alias] ?? 'nothing'}`)
  const expected = named(due.map(({ alias, collection }) => `${alias} → ${collection}`)) || 'no aliases'
  return none(wrong, `${expected} or a restored copy (${backup.id})`, found)
}

function shape(o: Output): Shape {
  return JSON.parse(o.stdout) as Shape
}

function was(f: Pick<One, 'backup' | 'collection'>): CollectionBackup | undefined {
  return f.backup?.member.collections.find(({ name }) => name === f.collection.name)
}

/** Nothing can be said of a collection that is not there, except that it is not. */
const GONE: Verdict = { verdict: 'failed', found: 'the collection does not exist' }

export function green(o: Output): Verdict {
  const { there, status } = shape(o)
  if (!there) return GONE
  // Yellow and grey optimise, or wait to; red has failed at it.
  return { verdict: status === 'red' ? 'failed' : 'proven', expected: 'any status but red', found: status }
}

export function hasPoints(o: Output, f: One): Verdict {
  const { there, points } = shape(o)
  const { name } = f.collection
  const least = leastPoints(f)
  const one =
    least?.counts[name] === undefined ? undefined : { ...least, counts: { [name]: least.counts[name] } }
  return enough(there ? { [name]: points } : {}, one)
}

interface Parameters {
  vectors?: unknown
  sparse_vectors?: unknown
}

export function sameParameters(o: Output, f: One): Verdict {
  const { there, params } = shape(o)
  if (!there) return GONE
  const vectors = ({ vectors, sparse_vectors: sparse }: Parameters) =>
    stable({ vectors, ...(sparse ? { sparse } : {}) })
  const found = vectors(params as Parameters)
  const before = was(f)
  if (!before) return unknown(found)
  const expected = vectors(before.params as Parameters)
  return { verdict: found === expected ? 'proven' : 'failed', expected, found }
}

export function indexed(o: Output, f: One): Verdict {
  const { there, schema } = shape(o)
  if (!there) return GONE
  const told = (of: Record<string, string>) => Object.entries(of).map(([field, type]) => `${field} (${type})`)
  const found = named(told(schema).sort()) || 'none'
  const before = was(f)
  if (!before) return unknown(found)
  const gone = told(before.payload_schema).filter(one => !told(schema).includes(one))
  const expected = named(told(before.payload_schema).sort()) || 'none'
  return none(
    gone.map(one => `${one} is missing`),
    expected,
    found,
  )
}

export function findThemselves(o: Output): Verdict {
  const { there, points, searches } = shape(o)
  if (!there) return GONE
  const { tried, missed } = searches
  if (tried === 0) {
    const found = points === 0 ? 'it has no points' : 'none of the first points has a vector'
    return { verdict: points === 0 ? 'proven' : 'unchecked', found }
  }
  return none(
    missed.map(point => `${point} does not find itself`),
    `${count(tried)} of ${count(tried)} stored vectors find their own point`,
    `${count(tried)} of ${count(tried)}`,
  )
}

/** The names of what has to be looked at, and where each is today. */
export function addressesOf(
  { backup, store }: Pick<Needs, 'backup' | 'store'>,
  live: Record<string, string>,
): Address[] {
  if (backup) return backup.member.collections.map(({ name }) => ({ name, live: currentName(name, live) }))
  return Object.keys(store.critical?.collections ?? {}).map(name => ({ name, live: live[name] ?? name }))
}
