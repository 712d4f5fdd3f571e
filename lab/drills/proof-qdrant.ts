import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type Finding, isIntact, look } from '../oracle.ts'
import { DOCUMENTS, PACKAGES } from '../platform/qdrant.ts'
import { type Corpus, readCorpus } from '../seed/corpus.ts'
import { makeDataset } from '../seed/dataset.ts'
import type { LabTarget } from '../target.ts'
import type { Claim, Known } from './proof.ts'
import { collectionNames, idsOf, setAside, settled } from './reads.ts'

export const INDEXES: Record<string, string> = { [DOCUMENTS]: 'ord, package', [PACKAGES]: 'name' }

/** Collections, references and quarantine, compared with the seed. */
export async function proveQdrant(target: LabTarget, known: Known): Promise<Claim[]> {
  const corpus = readCorpus(target.root)
  return [
    ...(await contents(target, known, corpus)),
    ...(await rowsAndPoints(target, known)),
    ...(await quarantine(target, known)),
  ]
}

async function contents(target: LabTarget, known: Known, corpus: Corpus): Promise<Claim[]> {
  const claims: Claim[] = []
  for (const name of [DOCUMENTS, PACKAGES]) {
    const found = await look(target, name, corpus, known.scale)
    claims.push({ say: `${name} is equal to the seed, point by point`, ...judged(found, isSound(found)) })
    claims.push(placeOf(name, found, known))
  }
  const { counts } = makeDataset(corpus, known.scale)
  const packages = await look(target, PACKAGES, corpus, known.scale)
  // While the alias was wrong, the writers put their documents among the packages.
  const strays = known.fault.id === 'alias-wrong'
  const exact = strays ? packages.count >= counts.packages : packages.count === counts.packages
  const say = strays ? `no point of ${PACKAGES} is gone` : `${PACKAGES} has exactly ${counts.packages} points`
  return [...claims, { say, holds: exact, seen: `${packages.count}` }]
}

function isSound(found: Finding): boolean {
  const score = found.bestScore ?? Number.NaN
  return isIntact(found) && found.indexes.join(', ') === INDEXES[found.collection] && score <= 1.0001
}

function judged(found: Finding, holds: boolean): Omit<Claim, 'say'> {
  return { holds, seen: describe(found) }
}

/** What was restored is a fresh collection; what was not is the one that was there before. */
function placeOf(name: string, { physical }: Finding, { right, victim }: Known): Claim {
  const seen = physical ?? 'nothing'
  const fresh = physical !== undefined && /__r_\d{8}_\d{6}$/.test(physical)
  if (right.restored.includes(name)) return { say: `${name} is a recovered copy`, holds: fresh, seen }
  const same = name === victim.name ? physical === victim.physical : !fresh
  return { say: `${name} was not replaced: no write is lost for nothing`, holds: same, seen }
}

/** A row is written before its point, so a fresh one may be without for a moment. */
async function rowsAndPoints(target: LabTarget, { incident, before, after, right }: Known): Promise<Claim[]> {
  const file = join(incident, 'missing_points_chunks.txt')
  const listed = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])
  const difference = async () => {
    const { rows, points } = await idsOf(target)
    const lost = [...rows].filter(id => !points.has(id))
    return {
      lost: lost.length,
      unlisted: lost.filter(id => !listed.has(String(id))),
      orphans: [...points].filter(id => !rows.has(id)),
    }
  }
  const seen = await settled(
    20,
    difference,
    ({ unlisted, orphans }) => unlisted.length + orphans.length === 0,
  )
  // Rows that are younger than the backup of PostgreSQL went with it; their points are the expected loss.
  // Neither was touched; a service that was stopped between a row and its point has left that one itself.
  if (right.stores.length === 1 && right.stores[0] === 'neo4j') return []
  if (right.stores.includes('postgres') && !right.stores.includes('qdrant')) {
    // Others wrote between the backup and the marker after it.
    const older = seen.orphans.filter(id => id <= before.id)
    return [
      { say: 'every row has its point', holds: seen.lost === 0, seen: `${seen.lost} without` },
      {
        say: 'every point that is older than the backup has its row',
        holds: older.length === 0,
        seen: `${older.length} without, ${seen.orphans.length - older.length} younger ones`,
      },
    ]
  }
  const marked = listed.has(String(after.id))
  // Where its row went too, nothing is left that could be embedded again.
  const wanted = right.restored.includes(DOCUMENTS) && !right.stores.includes('postgres')
  return [
    {
      say: 'every row has its point or is listed for embedding',
      holds: seen.unlisted.length === 0 && (existsSync(file) || !right.stores.includes('qdrant')),
      seen: `${seen.lost} without a point, ${listed.size} listed, ${seen.unlisted.length} of them not`,
    },
    {
      say: 'every point has its row',
      holds: seen.orphans.length === 0,
      seen: `${seen.orphans.length} without`,
    },
    {
      say: `the document written after the backup is ${wanted ? 'listed as expected loss' : 'not listed'}`,
      holds: marked === wanted,
      seen: marked ? 'listed' : 'not listed',
    },
  ]
}

/** Nothing of the damaged data is deleted before a person says so. */
async function quarantine(target: LabTarget, { fault, victim, right }: Known): Promise<Claim[]> {
  if (right.restored.length === 0 || GONE.includes(fault.id)) return []
  const say = `the damaged ${victim.physical} is still there`
  const folders = (await setAside(target)).filter(path => path.endsWith(`/${victim.physical}`))
  if (folders.length > 0) return [{ say, holds: true, seen: folders.join(', ') }]
  const there = (await collectionNames(target)).includes(victim.physical)
  return [{ say, holds: there, seen: there ? `collection ${victim.physical}` : 'nowhere' }]
}

/** Faults after which nothing is left to be kept. */
const GONE = ['collection-deleted', 'storage-gone', 'volumes-lost', 'host-lost']
