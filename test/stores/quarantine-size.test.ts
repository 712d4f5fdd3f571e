import { compose } from '../../lib/compose.ts'
import type { Store, Target } from '../../lib/target.ts'
import { readSize, sizeLooks } from '../../stores/quarantine-size.ts'
import { assert, describe } from '../describe.ts'

const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
const base = { target: { runtime } as Target, run: { id: '20261122_031502', folder: '.' } }
const ROOM = {
  qdrant: { collections: ['documents_v1'], folders: ['/qdrant/storage/.quarantine-1'] },
  neo4j: { folders: ['/data/quarantine-1'] },
  postgres: { databases: ["it's_pre_1"], volumes: ['p_data_pre_1'] },
}

describe('the size of what is in quarantine', suite => {
  const looks = (kind: keyof typeof ROOM) => {
    const store = { name: kind, kind, service: kind, database: 'd', user: 'u', password: 'w' }
    const what = { store: kind, ...ROOM[kind] }
    return sizeLooks(base, store as unknown as Store, what).map(({ argv }) => argv.join(' '))
  }
  suite.test('is looked up where each thing lies, one look for each', () => {
    const [collection, folder] = looks('qdrant')
    assert.match(collection ?? '', /exec .* qdrant .*du -sk \/qdrant\/storage\/collections\/documents_v1$/)
    assert.match(folder ?? '', /du -sk \/qdrant\/storage\/\.quarantine-1$/)
    assert.match(looks('neo4j')[0] ?? '', /exec .* neo4j .*du -sk \/data\/quarantine-1$/)
    const [database, volume] = looks('postgres')
    assert.match(
      database ?? '',
      "pg_database_size(oid) / 1024 FROM pg_database WHERE datname = 'it''s_pre_1'",
    )
    assert.match(volume ?? '', /run --rm .*-v p_data_pre_1:\/kept:ro --entrypoint du postgres -sk \/kept$/)
  })
  suite.test('is read from the first figure; what is gone takes nothing', () => {
    assert.is(readSize({ stdout: '512\t/data/quarantine-1\n' }), 512 * 1024)
    assert.is(readSize({ stdout: '' }), 0)
  })
})
