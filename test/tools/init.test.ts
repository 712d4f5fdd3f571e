import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../lib/config.ts'
import { STORE_NAME } from '../../lib/config-schema.ts'
import { targetOf } from '../../lib/target.ts'
import { configText } from '../../tools/init/config-text.ts'
import { recognise, type Written } from '../../tools/init/recognise.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

/** As `docker compose config --no-interpolate --format json` gives it, of a platform with other names and habits. */
const SHOP: Written = {
  services: {
    'vector-db': {
      image: 'registry.example.org/mirror/qdrant/qdrant:v1.18.3',
      environment: { QDRANT__SERVICE__API_KEY: `$\{VECTOR_KEY:?set it}` },
      ports: [`127.0.0.1:$\{VECTOR_PORT:-7333}:6333`, '6334:6334/tcp'],
    },
    orders: {
      image: 'pgvector/pgvector:pg17',
      environment: ['POSTGRES_PASSWORD=$ORDERS_PASSWORD', 'POSTGRES_USER=shop'],
    },
    ledger: {
      image: 'own/database:3',
      expose: ['5432'],
      environment: { POSTGRES_PASSWORD: 'in clear', POSTGRES_DB: `$\{LEDGER_DB:-ledger}` },
    },
    graph: { image: 'neo4j:5.26', environment: { NEO4J_AUTH: `neo4j/$\{GRAPH_PASSWORD:?set it}` } },
    objects: {
      image: 'minio/minio',
      environment: { MINIO_ROOT_USER: `$\{S3_KEY}`, MINIO_ROOT_PASSWORD: `$\{S3_SECRET}` },
      ports: [{ published: '19000', target: 9000 }],
    },
    api: { image: 'shop/api', depends_on: ['orders'] },
    web: { image: 'shop/web', depends_on: { api: {} }, ports: ['8080:80'] },
    'nightly-backup': { image: 'shop/backup', depends_on: ['orders', 'objects'] },
    grafana: { image: 'grafana/grafana', ports: ['3000:3000'] },
    'backup-exporter': { image: 'shop/backup' },
  },
}

const ENV = {
  ORDERS_PASSWORD: 'a',
  GRAPH_PASSWORD: 'b',
  S3_KEY: 'c',
  S3_SECRET: 'd',
  VECTOR_KEY: 'e',
  LEDGER_PASSWORD: 'f',
}

describe('a first configuration', suite => {
  const dir = tempDir(suite)
  const place = { project: 'shop', context: 'default', files: ['compose.yaml', 'compose.prod.yaml'] }

  suite.test('stores are known by image, or by port where the image has another name', () => {
    const { stores, minio } = recognise(SHOP)
    assert.equal(
      stores.map(({ service, kind, database, user, secret }) => [service, kind, database, user, secret]),
      [
        ['vector-db', 'qdrant', undefined, undefined, 'VECTOR_KEY'],
        ['orders', 'postgres', 'shop', 'shop', 'ORDERS_PASSWORD'],
        ['ledger', 'postgres', `$\{LEDGER_DB:-ledger}`, 'postgres', undefined],
        ['graph', 'neo4j', 'neo4j', 'neo4j', 'GRAPH_PASSWORD'],
      ],
    )
    assert.equal(minio, { service: 'objects', port: '19000', accessKey: 'S3_KEY', secretKey: 'S3_SECRET' })
  })

  suite.test('every database of a PostgreSQL is a store, in words that backups can be named after', () => {
    const written: Written = {
      services: {
        row_store: {
          image: 'postgres:17',
          environment: { POSTGRES_DB: 'letters', POSTGRES_USER: 'archivist' },
        },
        'Row.Store': { image: 'postgres:17', environment: { POSTGRES_DB: `$\{DB:-one}` } },
        sets: { image: 'qdrant/qdrant' },
        '2nd': { image: 'qdrant/qdrant' },
      },
    }
    const { stores } = recognise(written, { row_store: ['letters', 'Reading Room'], 'Row.Store': ['one'] })
    assert.equal(
      stores.map(({ name, service, database }) => [name, service, database]),
      [
        ['row-store-letters', 'row_store', 'letters'],
        ['row-store-reading-room', 'row_store', 'Reading Room'],
        ['row-store', 'Row.Store', `$\{DB:-one}`],
        ['sets-2', 'sets', undefined],
        ['store-2nd', '2nd', undefined],
      ],
    )
    for (const { name } of stores) assert.match(name, new RegExp(`^${STORE_NAME}$`))
    assert.equal(recognise(written).stores.map(({ name, database }) => [name, database])[0], [
      'row-store',
      'letters',
    ])
  })

  suite.test('without a MinIO its place is open, and that it may be no service is told', () => {
    const { objects: _, ...services } = SHOP.services
    const text = configText(place, recognise({ services }))
    assert.match(text, /endpoint: "FILL IN: URL of the S3 server"\n {2}# service: /)
  })

  suite.test('who needs another service is stopped before it; who only watches is not stopped', () => {
    const { writers, door, backupService } = recognise(SHOP)
    assert.equal(writers, ['web', 'api', 'nightly-backup'])
    assert.equal(door, { service: 'web', port: '8080' })
    assert.is(backupService, 'nightly-backup')
  })

  suite.test('what could not be known is refused, all of it at once, and nothing else', async () => {
    const file = join(dir, 'runbook.config.yaml')
    const text = configText(place, recognise(SHOP))
    writeFileSync(file, text)
    const { message } = await failure(() => loadConfig(file, ENV))
    const open = text.split('\n').flatMap((line, i) => (line.includes('"FILL IN:') ? [i + 1] : []))
    assert.is(open.length, 5)
    assert.equal(
      [...message.matchAll(/^ {2}line (\d+): \S+ is not filled in/gm)].map(([, line]) => Number(line)),
      open,
    )
    assert.match(message, /stores\.ledger\.password_from is not filled in: variable with its password/)
    assert.is(message.split('\n').length, open.length + 1)
  })

  suite.test('a platform that nobody calls from outside has no request', () => {
    const { web: _, ...services } = SHOP.services
    assert.match(configText(place, recognise({ services })), '\n  requests: []\n')
  })

  suite.test('filled in, it is a target', () => {
    const file = join(dir, 'filled.yaml')
    const text = readFileSync(join(dir, 'runbook.config.yaml'), 'utf8')
    writeFileSync(
      file,
      text.replace(/"FILL IN: variable[^"]*"/, 'LEDGER_PASSWORD').replace(/"FILL IN:[^"]*"/g, 'known'),
    )
    const target = targetOf(loadConfig(file, ENV))
    assert.equal(Object.keys(target.stores), ['vector-db', 'orders', 'ledger', 'graph'])
    const vectors = target.stores['vector-db']!
    assert.is(vectors.kind === 'qdrant' && vectors.url, 'http://127.0.0.1:7333')
    const orders = target.stores.orders!
    assert.is(orders.kind === 'postgres' && orders.database, 'shop')
    assert.is(target.backups.endpoint, 'http://127.0.0.1:19000')
    const { requests, queries } = target.smokeTests
    assert.equal(
      requests.map(({ url }) => url),
      ['http://127.0.0.1:8080/health'],
    )
    assert.equal(
      queries.map(({ name }) => name),
      ['collections in vector-db', 'tables in orders', 'tables in ledger', 'nodes in graph'],
    )
  })
})
