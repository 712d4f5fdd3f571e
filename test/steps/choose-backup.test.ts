import type { Recorded } from '../../lib/journal.ts'
import { Pause, quietSurroundings } from '../../runbook/activity.ts'
import { Execution } from '../../runbook/execute.ts'
import { Memory } from '../../runbook/memory.ts'
import type { Facts, Question } from '../../runbook/model.ts'
import { chooseQdrantBackup } from '../../steps/choose-backup-qdrant.ts'
import type { Candidate } from '../../stores/backups.ts'
import { assert, describe } from '../describe.ts'
import { collectionBackup, points, qdrantMember } from '../stores/samples.ts'

const HOUR = 3_600_000

function candidate(change: { hours?: number; project?: string; stamp?: string } = {}): Candidate {
  const started = new Date(Date.now() - (change.hours ?? 1) * HOUR).toISOString()
  const member = { ...qdrantMember([collectionBackup('documents_v1', points(5))]), started }
  const source = { platform: 'p', project: change.project ?? 'ai-platform', host: 'h' }
  const { store } = member
  const stamp = change.stamp ?? '20261122_020000'
  return {
    id: `${store}_${stamp}`,
    set: `set_${stamp}`,
    store,
    member,
    source,

    verification: undefined,
    refused: undefined,
  }
}

/** The facts of an assessment that found nothing wrong. */
function facts(candidates: Candidate[]): Facts {
  return {
    target: { rpoHours: 24, runtime: { project: 'ai-platform' } },
    store: { name: 'qdrant', kind: 'qdrant' },
    run: { id: '20261122_031502', folder: 'incidents/i' },
    ...{ candidates, up: true, findings: [], aliases: {}, there: [], looks: [], onDisk: [], blamed: [] },
  }
}

/** Runs the step with these answers, by question, and gives the next question or the facts at its end. */
async function run(candidates: Candidate[], answers: Record<string, string>) {
  const memory = new Memory()
  const around = quietSurroundings('.', memory)
  for (;;) {
    const execution = new Execution(around)
    const paused = await failureOrFacts(() =>
      execution.sequence(chooseQdrantBackup.nodes, facts(candidates), 'choose'),
    )
    if (!(paused instanceof Pause)) return { facts: paused as Facts }
    const { question } = paused.ask as { question: Question<Facts> }
    const answer = answers[question.id]
    if (answer === undefined) return { question }
    const refused = question.refuse?.(answer, paused.facts)
    if (refused !== undefined) return { refused }
    const { path } = paused
    memory.remember({ kind: 'answered', path, question: question.say, answer, ms: 0 } as Recorded)
  }
}

async function failureOrFacts(walk: () => Promise<Facts>): Promise<unknown> {
  try {
    return await walk()
  } catch (error) {
    if (error instanceof Pause) return error
    throw error
  }
}

describe('choosing a backup', suite => {
  suite.test('a fresh one of this installation needs no second word', async () => {
    const { facts: known } = await run([candidate()], { backup: 'latest', collections: 'all' })
    assert.is(known?.candidate.id, 'qdrant_20261122_020000')
    assert.equal(
      known?.restoring.map((each: { name: string }) => each.name),
      ['documents_v1'],
    )
  })
  suite.test('one past the RPO has to be accepted by typing its id', async () => {
    const old = [candidate({ hours: 30 })]
    const { question } = await run(old, { backup: 'latest' })
    assert.is(question?.id, 'accept')
    assert.ok(question?.typed, 'a key pressed in passing must not accept it')
    const refused = await run(old, { backup: 'latest', accept: 'yes' })
    assert.match(refused.refused ?? '', 'it is 30 h old; type qdrant_20261122_020000')
    const accepted = await run(old, {
      backup: 'latest',
      accept: 'qdrant_20261122_020000',
      collections: 'all',
    })
    assert.ok(accepted.facts)
  })
  suite.test('one of another installation too', async () => {
    const refused = await run([candidate({ project: 'elsewhere' })], { backup: 'latest', accept: '' })
    assert.match(refused.refused ?? '', 'it is of project elsewhere')
  })
  suite.test('a word stands for one of this installation, when it has any', async () => {
    const all = [
      candidate({ stamp: '20261123_020000', project: 'elsewhere' }),
      candidate({ stamp: '20261122_020000' }),
      candidate({ stamp: '20261121_140000' }),
      candidate({ stamp: '20261121_020000' }),
    ]
    const chosen = async (backup: string, from = all) =>
      (await run(from, { backup, collections: 'all' })).facts?.candidate.id
    assert.is(await chosen('latest'), 'qdrant_20261122_020000')
    assert.is(await chosen('previous'), 'qdrant_20261121_140000')
    assert.is(await chosen('2026-11-21'), 'qdrant_20261121_140000')
    const { question } = await run(all, {})
    assert.is(question?.suggest?.(facts(all)), 'qdrant_20261122_020000')
    const refused = async (backup: string, from = all) => (await run(from, { backup })).refused ?? ''
    assert.match(await refused('2026-11-20'), 'there is no usable backup of qdrant of 2026-11-20 (UTC)')
    assert.match(await refused('2026-11-23'), 'there is no usable backup of qdrant of 2026-11-23')
    assert.match(
      await refused('previous', [candidate()]),
      'only one usable backup of qdrant, qdrant_20261122',
    )
    assert.match(await refused('previous', []), 'there is no usable backup of qdrant')
  })
  suite.test('a refused, unknown or malformed one is told apart', async () => {
    const bad = [{ ...candidate(), refused: 'its object is empty' }]
    const of = async (backup: string) => (await run(bad, { backup })).refused ?? ''
    assert.match(await of('qdrant_20261122_020000'), 'cannot be used: its object is empty')
    assert.match(await of('qdrant_20200101_020000'), 'there is no backup')
    assert.match(await of('neo4j_20261122_020000'), 'of another store')
    for (const id of ['../../etc', '; rm -rf /', 'x'.repeat(10_000)]) {
      assert.match(await of(id), 'is not a backup id')
    }
    assert.match(await of('latest'), 'no usable backup')
  })
})
