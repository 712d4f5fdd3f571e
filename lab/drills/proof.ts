import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../lib/problem.ts'
import type { Fault, Victim } from '../faults/fault.ts'
import { states } from '../ground.ts'
import { describe, type Finding, isIntact, look } from '../oracle.ts'
import { DOCUMENTS, PACKAGES } from '../platform/qdrant.ts'
import { type Corpus, readCorpus } from '../seed/corpus.ts'
import { makeDataset } from '../seed/dataset.ts'
import { lastWrite } from '../status.ts'
import type { LabTarget } from '../target.ts'
import { hasMarker, type Marker } from './marker.ts'
import { collectionNames, idsOf, setAside, settled, wrongAnswers } from './reads.ts'
import type { RightAnswer } from './script.ts'

/** Something that must be true after the recovery, and what was seen. */
export interface Claim {
  say: string
  holds: boolean
  seen: string
}

/** What a drill knows beforehand, and where the recovery left its list. */
export interface Known {
  fault: Fault
  victim: Victim
  right: RightAnswer
  before: Marker
  after: Marker
  scale: number
  /** Folder of the incident. */
  incident: string
}

const INDEXES: Record<string, string> = { [DOCUMENTS]: 'ord, package', [PACKAGES]: 'name' }

/**
 * Looks at the recovered platform with reads of its own and compares with what was known beforehand. None
 * of it comes from the tool, except the list of the rows to embed again, which is itself compared.
 */
export async function prove(target: LabTarget, known: Known): Promise<Claim[]> {
  const corpus = readCorpus(target.root)
  const sections: [string, () => Promise<Claim[]>][] = [
    ['content', () => contents(target, known, corpus)],
    ['markers', () => markers(target, known)],
    ['rows and points', () => rowsAndPoints(target, known)],
    ['quarantine', () => quarantine(target, known)],
    ['services', () => services(target)],
    ['front door', () => frontDoor(target, corpus)],
  ]
  const claims: Claim[] = []
  for (const [what, gather] of sections) {
    try {
      claims.push(...(await gather()))
    } catch (error) {
      claims.push({ say: `${what} can be read`, holds: false, seen: messageOf(error) })
    }
  }
  return claims
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

async function markers(target: LabTarget, { before, after, right }: Known): Promise<Claim[]> {
  const first = await hasMarker(target, before)
  const second = await hasMarker(target, after)
  const kept = !right.restored.includes(DOCUMENTS)
  return [
    { say: 'the document written before the backup is there', holds: first, seen: first ? 'there' : 'gone' },
    {
      say: kept ? 'the document written after it is there too' : 'the document written after it is gone',
      holds: second === kept,
      seen: second ? 'there' : 'gone',
    },
  ]
}

/** A row is written before its point, so a fresh one may be without for a moment. */
async function rowsAndPoints(target: LabTarget, { incident, after, right }: Known): Promise<Claim[]> {
  const file = join(incident, 'reembed_chunks.txt')
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
  const marked = listed.has(String(after.id))
  const wanted = right.restored.includes(DOCUMENTS)
  return [
    {
      say: 'every row has its point or is listed for embedding',
      holds: seen.unlisted.length === 0 && existsSync(file),
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
const GONE = ['collection-deleted', 'storage-gone']

async function services(target: LabTarget): Promise<Claim[]> {
  const down = (await states(target)).filter(each => each.state !== 'running' || each.health === 'unhealthy')
  const began = Date.now()
  const age = await settled(
    30,
    async () => (await lastWrite(target)) ?? Number.POSITIVE_INFINITY,
    seconds => seconds * 1000 < Date.now() - began,
  )
  return [
    {
      say: 'every service runs',
      holds: down.length === 0,
      seen: down.map(each => each.service).join(', ') || 'all',
    },
    { say: 'the writers write again', holds: age < 10, seen: `last write ${age.toFixed(1)} s ago` },
  ]
}

async function frontDoor(target: LabTarget, corpus: Corpus): Promise<Claim[]> {
  const wrong = await wrongAnswers(target, corpus)
  return [
    {
      say: 'the front door gives the known answers',
      holds: wrong.length === 0,
      seen: wrong.join('; ') || 'all three',
    },
  ]
}
