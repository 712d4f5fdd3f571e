import { compose } from '../../lib/compose.ts'
import type { Store, Target } from '../../lib/target.ts'
import { quarantineSize } from '../../stores/quarantine-size.ts'
import { assert, describe } from '../describe.ts'

const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
const base = { target: { runtime } as Target, run: { id: '20261122_031502', folder: '.' } }
const KEPT = {
  qdrant: { collections: ['documents_v1'], folders: ['/qdrant/storage/.quarantine-1'] },
  neo4j: { folders: ['/data/quarantine-1'] },
  postgres: { databases: ["it's_pre_1"], volumes: ['p_data_pre_1'] },
}

/** The size, and what was asked for it; the first of these words in a question gives the answer. */
async function sizeOf(kind: keyof typeof KEPT, answers: Record<string, string>) {
  const store = { name: kind, kind, service: kind, database: 'd', user: 'u', password: 'w' }
  const asked: string[] = []
  const what = { store: kind, ...KEPT[kind] }
  const bytes = await quarantineSize(base, store as unknown as Store, what, async ({ argv }) => {
    const question = argv.join(' ')
    asked.push(question)
    const word = Object.keys(answers).find(each => question.includes(each))
    return { stdout: answers[word ?? ''] ?? '' }
  })
  return { bytes, asked }
}

describe('the size of what is in quarantine', suite => {
  suite.test('is looked up where each thing lies, one look for each', async () => {
    const qdrant = await sizeOf('qdrant', { documents_v1: '512\tx\n', quarantine: '8\tx\n' })
    assert.match(qdrant.asked[0]!, /exec .* qdrant .*du -sk \/qdrant\/storage\/collections\/documents_v1$/)
    assert.match(qdrant.asked[1]!, /du -sk \/qdrant\/storage\/\.quarantine-1$/)
    assert.is(qdrant.bytes, 520 * 1024)
    const neo4j = await sizeOf('neo4j', { du: '7\t/data/quarantine-1\n' })
    assert.match(neo4j.asked[0]!, /exec .* neo4j .*du -sk \/data\/quarantine-1$/)
    assert.is(neo4j.bytes, 7 * 1024)
  })
  suite.test('of a database and of a volume that is there', async () => {
    const { bytes, asked } = await sizeOf('postgres', { size: '20\n', 'volume ls': 'p_data_pre_1\n' })
    assert.match(asked[0]!, "pg_database_size(oid) / 1024 FROM pg_database WHERE datname = 'it''s_pre_1'")
    assert.match(asked[2]!, /run --rm .*-v p_data_pre_1:\/kept:ro --entrypoint du postgres -sk \/kept$/)
    assert.is(bytes, 40 * 1024)
  })
  suite.test(
    'of what is gone is nothing, and a volume that is gone is not mounted: it would be made again',
    async () => {
      const { bytes, asked } = await sizeOf('postgres', {})
      assert.is(bytes, 0)
      assert.is(asked.length, 2)
      assert.not(asked.some(question => question.includes('run --rm')))
    },
  )
})
