import { setTimeout as pause } from 'node:timers/promises'
import { containerOf, docker } from '../ground.ts'
import { FIRST_NEW_ID } from '../platform/learning-engine.ts'
import { connectQdrant, DOCUMENTS } from '../platform/qdrant.ts'
import { connectStores } from '../platform/stores.ts'
import type { Corpus } from '../seed/corpus.ts'
import { knownAnswers } from '../seed/known-answers.ts'
import { type LabTarget, settingsOf } from '../target.ts'

/** The ids of rows and points of the documents, read by the drill itself. */
export async function idsOf(target: LabTarget): Promise<{ rows: Set<number>; points: Set<number> }> {
  const points = await pointIds(target)
  const { postgres } = connectStores(settingsOf(target), 'drill')
  try {
    const rows = await postgres.query<{ id: string }>('SELECT id FROM chunks')
    return { rows: new Set(rows.map(row => Number(row.id))), points }
  } finally {
    await postgres.close()
  }
}

async function pointIds(target: LabTarget): Promise<Set<number>> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const ids = new Set<number>()
  let offset: unknown
  do {
    const body = { limit: 10_000, with_payload: false, with_vector: false, ...(offset ? { offset } : {}) }
    const page = (await qdrant.call('POST', `/collections/${DOCUMENTS}/points/scroll`, body)) as {
      points: { id: number }[]
      next_page_offset: unknown
    }
    for (const { id } of page.points) ids.add(id)
    offset = page.next_page_offset
  } while (offset)
  return ids
}

/** Names of every collection there is, in use or not. */
export async function collectionNames(target: LabTarget): Promise<string[]> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const { collections } = (await qdrant.call('GET', '/collections')) as { collections: { name: string }[] }
  return collections.map(each => each.name).sort()
}

/** Every alias and where it points. */
export async function aliasesOf(target: LabTarget): Promise<Record<string, string>> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const { aliases } = (await qdrant.call('GET', '/aliases')) as {
    aliases: { alias_name: string; collection_name: string }[]
  }
  return Object.fromEntries(aliases.map(each => [each.alias_name, each.collection_name]))
}

/** What lies in the dot folders of the storage: collections that were set aside, by path. */
export async function setAside(target: LabTarget): Promise<string[]> {
  const script = 'cd /qdrant/storage && find . -path "./.quarantine-*" -maxdepth 3 -mindepth 2 -type d'
  const listed = await docker(target, ['exec', containerOf(target, 'qdrant'), 'sh', '-c', script])
  return listed.split('\n').filter(Boolean)
}

/**
 * Asks the front door questions whose answers are known; gives a sentence for each wrong answer. Notes of the
 * learning-engine do not count: one that quotes the right chunk is found before it, and rightly.
 */
export async function wrongAnswers(target: LabTarget, corpus: Corpus): Promise<string[]> {
  const wrong: string[] = []
  for (const { question, chunkId } of knownAnswers(corpus)) {
    const answer = await ask(target, '/api/rag/query', { query: question, top_k: 20 })
    const hits = (answer as { hits?: { id: number; score: number }[] }).hits ?? []
    const first = hits.find(({ id }) => id < FIRST_NEW_ID)
    if (first?.id !== chunkId) wrong.push(`"${question}": chunk ${first?.id}, not ${chunkId}`)
    const impossible = hits.find(({ score }) => score > 1.0001)
    if (impossible) wrong.push(`"${question}": a score of ${impossible.score}`)
  }
  return wrong
}

async function ask(target: LabTarget, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${target.urls.gateway}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  })
  if (!response.ok) return {}
  return response.json()
}

/** Asks again until the answer is there or the time is over; then gives the last one. */
export async function settled<T>(seconds: number, look: () => Promise<T>, holds: (seen: T) => boolean) {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const seen = await look()
    if (holds(seen) || Date.now() > deadline) return seen
    await pause(250)
  }
}
