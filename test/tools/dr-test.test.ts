import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunNote } from '../../lib/run-record.ts'
import { Secret } from '../../lib/secret.ts'
import type { SmokeRequest } from '../../lib/smoke-tests.ts'
import type { Target } from '../../lib/target.ts'
import { EVIDENCE_FILE, type Evidence } from '../../stores/evidence.ts'
import { conclude, evidenceOf, overRto } from '../../tools/dr-test/evidence.ts'
import { drawn } from '../../tools/dr-test/full.ts'
import { overlaps, type Side } from '../../tools/dr-test/separate.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { manifest } from '../stores/samples.ts'

const password = (name: string, value: string) => new Secret(name, value)

/** A file that both have, and only read. */
const CONFIG = { volume: '/etc/postgres.conf', at: '/etc/postgres.conf', readOnly: true as const }

function side(project: string, port: number, secret: string, volumes: string[]): Side {
  const of = { rtoMinutes: 15 }
  const target = {
    runtime: { project },
    rtoMinutes: 60,
    stores: {
      qdrant: { ...of, name: 'qdrant', kind: 'qdrant', url: `http://127.0.0.1:${port}`, apiKey: undefined },
      postgres: { ...of, name: 'postgres', kind: 'postgres', password: password(`P${port}`, secret) },
    },
    backups: {
      endpoint: `http://127.0.0.1:${port + 1}`,
      service: 'minio',
      accessKey: password(`A${port}`, `${secret}-access`),
      secretKey: password(`B${port}`, `${secret}-bucket`),
    },
    smokeTests: { requests: [{ url: `http://127.0.0.1:${port + 2}/health` }], queries: [] },
  } as unknown as Target
  const binds = { postgres: [{ volume: `/srv/${project}`, at: '/archive' }, CONFIG] }
  return { target, layout: { services: [], volumes, images: {}, mounts: {}, binds, ports: [`${port}`] } }
}

describe('the monthly test of a restore', suite => {
  const root = tempDir(suite)
  const real = side('ai-platform', 6333, 'real-password', ['ai-platform_postgres_data'])

  suite.test('is apart when project, volumes, addresses and credentials are its own', () => {
    const test = side('ai-platform-drtest', 16333, 'test-password', ['ai-platform-drtest_postgres_data'])
    assert.equal(overlaps(real, test), [])
  })
  suite.test('is refused on every overlap, and all of them are told at once', () => {
    const test = side('ai-platform', 6333, 'real-password', ['ai-platform_postgres_data'])
    assert.equal(overlaps(real, test), [
      'the project "ai-platform" does not end with -drtest',
      'both are the project "ai-platform"',
      'both have the volume ai-platform_postgres_data',
      'both write to /srv/ai-platform of the host',
      'both publish the port 6333',
      'both are reached at localhost:6333',
      'both are reached at localhost:6334',
      'both are reached at localhost:6335',
      'both have the same password for postgres',
      'both have the same access key for the bucket',
      'both have the same password for the bucket',
    ])
  })
  suite.test('needs a server of its own for its bucket', () => {
    const test = side('ai-platform-drtest', 16333, 'test-password', [])
    Object.assign(test.target.backups, { service: '' })
    assert.equal(overlaps(real, test), ['the test has no server for a bucket of its own'])
  })
  suite.test('knows that localhost and 127.0.0.1 are one door', () => {
    const test = side('ai-platform-drtest', 16333, 'test-password', [])
    test.target.smokeTests = {
      requests: [{ url: 'http://localhost:6335/search' } as SmokeRequest],
      queries: [],
    }
    assert.equal(overlaps(real, test), ['both are reached at localhost:6335'])
  })
  suite.test('draws every set some day, and none that is not there', () => {
    const seen = new Set(Array.from({ length: 500 }, () => drawn(3)))
    assert.equal([...seen].sort(), [0, 1, 2])
    assert.is(drawn(0), 0)
  })
  suite.test('leaves a line that says whether it passed', async () => {
    const ended: number[] = []
    const note = { end: async (code: number) => void ended.push(code) } as unknown as RunNote
    const of = async (failures: string[]) => {
      const evidence = { ...evidenceOf('full', manifest()), failures }
      return conclude({ root } as Target, evidence, note)
    }
    assert.equal([await of([]), await of(['it took too long'])], [0, 2])
    const lines = readFileSync(join(root, EVIDENCE_FILE), 'utf8').trim().split('\n')
    const verdicts = lines.map(line => (JSON.parse(line) as Evidence).verdict)
    assert.equal(
      [verdicts, ended],
      [
        ['passed', 'failed'],
        [0, 2],
      ],
    )
  })
  suite.test('says what took longer than its RTO', () => {
    const took = { total: 3700, stores: { qdrant: 901, postgres: 900 } }
    assert.equal(overRto(took, real.target), [
      'qdrant took 901 s; its RTO is 15 min',
      'the recovery took 3700 s; the RTO is 60 min',
    ])
  })
})
