import { messageOf } from '../../lib/problem.ts'
import type { Fault, Victim } from '../faults/fault.ts'
import { states } from '../ground.ts'
import { DOCUMENTS } from '../platform/qdrant.ts'
import { type Corpus, readCorpus } from '../seed/corpus.ts'
import { lastWrite } from '../status.ts'
import type { LabTarget } from '../target.ts'
import { hasMarker, hasRow, type Marker } from './marker.ts'
import { proveNeo4j } from './proof-neo4j.ts'
import { provePostgres } from './proof-postgres.ts'
import { proveQdrant } from './proof-qdrant.ts'
import { settled, wrongAnswers } from './reads.ts'
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

/**
 * Looks at the recovered platform with reads of its own and compares with what was known beforehand. None
 * of it comes from the tool, except the list of the rows to embed again, which is itself compared.
 */
export async function prove(target: LabTarget, known: Known): Promise<Claim[]> {
  const corpus = readCorpus(target.root)
  const sections: [string, () => Promise<Claim[]>][] = [
    ['points', () => proveQdrant(target, known)],
    ['rows', () => provePostgres(target, known)],
    ['graph', () => proveNeo4j(target, known)],
    ['markers', () => markers(target, known)],
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

async function markers(target: LabTarget, { before, after, right }: Known): Promise<Claim[]> {
  const pointKept = !right.restored.includes(DOCUMENTS)
  const rowKept = !right.stores.includes('postgres')
  return [
    there('the document written before the backup has its point', await hasMarker(target, before), true),
    there('the document written before the backup has its row', await hasRow(target, before), true),
    // Its id is used again once its row is gone, and the new document's point takes the place of its own.
    ...(rowKept || !pointKept
      ? [there('the document written after it has its point', await hasMarker(target, after), pointKept)]
      : []),
    there('the document written after it has its row', await hasRow(target, after), rowKept),
  ]
}

function there(say: string, seen: boolean, expected: boolean): Claim {
  const sentence = expected ? say : say.replace(' has its ', ' has lost its ')
  return { say: sentence, holds: seen === expected, seen: seen ? 'there' : 'gone' }
}

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
