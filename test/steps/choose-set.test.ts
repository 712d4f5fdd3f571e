import type { Facts, Question } from '../../runbook/model.ts'
import { chooseSet } from '../../steps/choose-set.ts'
import { assert, describe } from '../describe.ts'
import { store as letters } from '../stores/postgres/samples.ts'

/** Two databases of one PostgreSQL and one of another; the first server does not start. */
function facts(path: string): Facts {
  const stores = [
    { ...letters, name: 'letters' },
    { ...letters, name: 'readers', database: 'readers' },
    { ...letters, name: 'orders', service: 'orders' },
  ]
  const target = { stores: Object.fromEntries(stores.map(store => [store.name, store])) }
  const seen = stores.map(store => ({ name: store.name, store, target, up: false, findings: [], path }))
  return { target, seen: { qdrant: [], neo4j: [], postgres: seen } }
}

describe('the choice of stores', suite => {
  const { question } = chooseSet.nodes.find(
    node => node.kind === 'ask' && node.question.id === 'stores',
  ) as unknown as { question: Question<Facts> }
  const refuse = (answer: string, path = 'cluster') => question.refuse!(answer, facts(path))

  suite.test('takes every database of a server that is made anew, or none', () => {
    assert.match(
      refuse('letters') ?? '',
      /and readers has its database in it, too; .*stores=letters,readers$/,
    )
    assert.match(refuse('orders,readers') ?? '', 'letters has its database in it')
    for (const answer of ['letters,readers', 'orders', 'all']) assert.is(refuse(answer), undefined)
  })
  suite.test('takes one of them where the server lives', () => {
    assert.is(refuse('letters', 'database'), undefined)
  })
  suite.test('takes no store that is not there', () => {
    assert.match(refuse('letter') ?? '', 'there is no store letter; there are letters, readers, orders')
  })
})
