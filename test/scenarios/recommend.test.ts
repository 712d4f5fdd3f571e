import { recommended, type Seen } from '../../scenarios/recommend.ts'
import { assert, describe } from '../describe.ts'

function seen(kind: Seen['kind'], ...findings: Partial<Seen['findings'][number]>[]): Seen {
  return {
    kind,
    findings: findings.map(one => ({ kind: 'content', name: 'x', sentence: 'x', ...one })),
  }
}

describe('the recommended scenario', suite => {
  suite.test('is the one that replaces nothing where rows are gone and no more', () => {
    assert.is(recommended([seen('postgres', { deleted: true })]).id, 'accidental-deletion')
    const both = [seen('postgres', { deleted: true }), seen('qdrant', { deleted: true }), seen('neo4j')]
    assert.is(recommended(both).id, 'accidental-deletion')
    assert.is(recommended([...both, seen('neo4j', { deleted: true })]).id, 'accidental-deletion')
  })

  suite.test('is a restore where anything else is wrong as well', () => {
    assert.is(recommended([seen('postgres', { deleted: true }, {})]).id, 'postgres-loss')
    assert.is(recommended([seen('postgres', {})]).id, 'postgres-loss')
    assert.is(recommended([seen('postgres', { deleted: true }), seen('qdrant', {})]).id, 'complete-failure')
    assert.is(recommended([seen('postgres', { deleted: true }), seen('neo4j', {})]).id, 'complete-failure')
  })

  suite.test('is that of Qdrant where only points are gone', () => {
    assert.is(recommended([seen('qdrant', { deleted: true }), seen('postgres')]).id, 'qdrant-corruption')
  })

  suite.test('is never one that restores nothing where something is damaged', () => {
    for (const kind of ['qdrant', 'neo4j', 'postgres'] as const)
      assert.ok(recommended([seen(kind, {})]).stores.includes(kind))
  })
})
