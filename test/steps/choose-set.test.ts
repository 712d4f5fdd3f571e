import type { Facts, Node, Question } from '../../runbook/model.ts'
import { chooseSet } from '../../steps/choose-set.ts'
import type { Candidate } from '../../stores/backups.ts'
import { assert, describe } from '../describe.ts'
import { candidate as neo4jCandidate } from '../stores/neo4j/samples.ts'
import { collectionBackup, points, qdrantMember } from '../stores/samples.ts'

const QDRANT = qdrantMember([collectionBackup('documents_v1', points(5))])
const GRAPH = neo4jCandidate()

/** A backup of one store in the set of that night; `minutes` after the begin of the set. */
function backup(
  store: 'qdrant' | 'neo4j',
  stamp: string,
  change: { minutes?: number; project?: string } = {},
) {
  const { minutes = 0, project = 'ai-platform' } = change
  const begun = stamp.replace(/^(\d{4})(\d\d)(\d\d)_.*$/, '$1-$2-$3T02:00:00Z')
  const started = new Date(Date.parse(begun) + minutes * 60_000).toISOString()
  const member = store === 'qdrant' ? { ...QDRANT, started } : { ...GRAPH.member, started }
  const source = { platform: 'p', project, host: 'h' }
  const set = `set_${stamp}`
  const rest = { store, member, source, verification: undefined, refused: undefined }
  return { id: `${store}_${stamp}`, set, ...rest } as unknown as Candidate
}

function facts(qdrant: Candidate[], neo4j: Candidate[], down: string[] = []): Facts {
  const one = (kind: 'qdrant' | 'neo4j', candidates: Candidate[]) => ({
    ...{ name: kind, store: { name: kind, kind }, candidates, findings: [] },
    up: !down.includes(kind),
  })
  return {
    target: { rpoHours: 24, runtime: { project: 'ai-platform' }, relations: [] },
    seen: { qdrant: [one('qdrant', qdrant)], neo4j: [one('neo4j', neo4j)], postgres: [] },
  }
}

function question(id: string): Question<Facts> {
  const found = chooseSet.nodes.find((node): node is Node & { kind: 'ask' } => {
    return node.kind === 'ask' && node.question.id === id
  })
  if (!found) throw new Error(`no question ${id}`)
  return found.question
}

const NIGHTS = ['20261122_020000', '20261121_020000', '20261120_020000'] as const

describe('choosing the stores and the set', suite => {
  const stores = question('stores')
  const set = question('set')
  const offered = (known: Facts) => set.choices?.({ ...known, stores: 'all' }).map(({ value }) => value)
  const whole = facts(
    NIGHTS.map(night => backup('qdrant', night)),
    NIGHTS.map(night => backup('neo4j', night, { minutes: 4 })),
  )

  suite.test('what is damaged is recommended; any of the stores can be named', () => {
    assert.is(stores.suggest?.(whole), 'all')
    const one = facts([backup('qdrant', NIGHTS[0])], [backup('neo4j', NIGHTS[0])], ['neo4j'])
    assert.is(stores.suggest?.(one), 'neo4j')
    assert.is(stores.refuse?.('neo4j, qdrant', one), undefined)
    assert.match(
      stores.refuse?.('neo4j,redis', one) ?? '',
      'there is no store redis; there are qdrant, neo4j',
    )
  })
  suite.test('sets come newest first, each with its skew', () => {
    assert.equal(
      offered(whole),
      NIGHTS.map(night => `set_${night}`),
    )
    assert.match(set.choices?.({ ...whole, stores: 'all' })[0]?.hint ?? '', 'skew 4 min')
  })
  suite.test('a mix of nights has the most skew and comes last, though it is newer', () => {
    const mixed = facts(
      NIGHTS.map(night => backup('qdrant', night)),
      NIGHTS.slice(1).map(night => backup('neo4j', night, { minutes: 4 })),
    )
    assert.equal(offered(mixed), [`set_${NIGHTS[1]}`, `set_${NIGHTS[2]}`, 'newest-of-each'])
    assert.is(set.suggest?.({ ...mixed, stores: 'all' }), `set_${NIGHTS[1]}`)
    assert.is(set.choices?.({ ...mixed, stores: 'qdrant' })[0]?.value, `set_${NIGHTS[0]}`)
    const why = set.refuse?.(`set_${NIGHTS[0]}`, { ...mixed, stores: 'all' })
    assert.match(why ?? '', `set_${NIGHTS[0]} cannot be used for neo4j (not in it)`)
  })
  suite.test('a word stands for a set of this installation', () => {
    const theirs = { project: 'elsewhere' }
    const both = facts(
      NIGHTS.map((night, i) => backup('qdrant', night, i === 0 ? theirs : {})),
      NIGHTS.map((night, i) => backup('neo4j', night, i === 0 ? theirs : {})),
    )
    const known = { ...both, stores: 'all' }
    assert.is(set.suggest?.(known), `set_${NIGHTS[1]}`)
    for (const word of ['latest', 'previous', '2026-11-20', `set_${NIGHTS[0]}`])
      assert.is(set.refuse?.(word, known), undefined, word)
    assert.match(set.refuse?.('2026-11-22', known) ?? '', /there is no set .* of 2026-11-22/)
    assert.match(set.refuse?.('yesterday', known) ?? '', 'is not the id of a set')
  })
})
