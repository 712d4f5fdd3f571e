import type { Layout, ServiceState } from '../../../lib/runtime.ts'
import { readFiles, readStatus } from '../../../stores/neo4j/assess.ts'
import { choices, conclude, refuse } from '../../../stores/neo4j/choose.ts'
import { dataVolume } from '../../../stores/neo4j/facts.ts'
import { findings, silence, unreadable } from '../../../stores/neo4j/findings.ts'
import { assert, describe, failure } from '../../describe.ts'
import { base, CONSTRAINT, candidate, graph, INDEX, member, output } from './samples.ts'

const kinds = (changes: Parameters<typeof graph>[0]) =>
  findings('neo4j', graph(changes), member()).map(({ kind, name }) => `${kind} ${name}`)

describe('findings of Neo4j', suite => {
  suite.test('nothing, when everything of the backup is there and more', () => {
    assert.equal(kinds({ nodes: 201, labels: { Chunk: 151, Document: 50, New: 3 } }), [])
  })
  suite.test('an empty graph is one finding, with the figures of the backup', () => {
    const [found] = findings('neo4j', graph({ nodes: 0, relationships: 0, labels: {}, types: {} }), member())
    assert.is(found?.sentence, 'neo4j is empty; the backup has 200 nodes and 300 relationships')
  })
  suite.test('many fewer of a label or a type are damage, a few are suspect', () => {
    assert.equal(kinds({ labels: { Chunk: 75, Document: 50 } }), ['content Chunk'])
    assert.equal(kinds({ labels: { Document: 50 } }), ['content Chunk'])
    assert.equal(kinds({ labels: { Chunk: 148, Document: 50 } }), ['suspect Chunk'])
    assert.equal(kinds({ types: { PART_OF: 10 } }), ['content PART_OF'])
  })
  suite.test('a lost index or constraint needs no restore', () => {
    assert.equal(kinds({ indexes: [] }), ['index title'])
    assert.equal(kinds({ constraints: [], indexes: [INDEX] }), ['index chunk_id'])
  })
  suite.test('an index under another name is not lost, one that failed is told', () => {
    const renamed = { ...INDEX, name: 'other', create: INDEX.create.replace('`title` FOR', '`other` FOR') }
    assert.equal(kinds({ indexes: [renamed] }), [])
    assert.equal(kinds({ indexes: [{ ...INDEX, state: 'FAILED' }] }), ['suspect title'])
  })
  suite.test('lost users are about the database system', () => {
    assert.equal(kinds({ users: [] }), ['content system'])
  })
  suite.test('without a backup only what is broken by itself can be told', () => {
    assert.equal(findings('neo4j', graph({ nodes: 0 }), undefined), [])
  })
})

const DOWN = {
  up: false,
  online: false,
  said: '',
  onDisk: ['neo4j', 'system'],
  failed: '',
  words: [] as string[],
}
const state = (state: ServiceState['state'], exitCode = 0): ServiceState => ({
  service: 'neo4j',
  container: 'p-neo4j-1',
  state,
  health: '',
  exitCode,
})
const STORE = { name: 'neo4j', database: 'neo4j' }

describe('a Neo4j that is not online', suite => {
  suite.test('says what its server says of the database, with the last words of the log', () => {
    const f = {
      ...DOWN,
      up: true,
      said: 'offline An error occurred!',
      words: ['java.io.IOException: no store'],
    }
    const { sentence } = silence(f, STORE, state('running'))
    assert.is(
      sentence,
      'neo4j runs, but its database neo4j is not online: offline An error occurred! (java.io.IOException: no store)',
    )
  })
  suite.test('is told from one that is online and cannot be read', () => {
    const { kind, sentence } = unreadable('neo4j', ' Record could not be loaded: store is corrupt')
    assert.is(kind, 'content')
    assert.match(sentence, /is online, but cannot be read: Record could not/)
  })
  suite.test('that somebody has stopped may only have to be started', () => {
    assert.match(silence(DOWN, STORE, state('exited', 143)).sentence, /is stopped .* only have to be started/)
  })
  suite.test('whose files are gone is not taken for one that is stopped', () => {
    const { sentence } = silence({ ...DOWN, onDisk: ['system'] }, STORE, state('exited'))
    assert.match(sentence, /its files are gone/)
  })
  suite.test('that cannot open system has lost its users', () => {
    const { name, sentence } = silence({ ...DOWN, failed: 'system' }, STORE, state('restarting', 1))
    assert.is(name, 'system')
    assert.match(sentence, /it cannot open its database system/)
  })
})

const STARTED = { started: { at: '2026-11-23T00:46:10Z', again: false }, up: false }

describe('what Neo4j shows of itself', suite => {
  suite.test('online, offline and no answer are three things', () => {
    const head = 'currentStatus, statusMessage\n'
    assert.equal(readStatus(output(`${head}"online", ""\n`)), { up: true, online: true, said: '' })
    assert.equal(readStatus(output(`${head}"offline", "An error occurred!"\n`)), {
      up: true,
      online: false,
      said: 'offline An error occurred!',
    })
    assert.equal(readStatus(output('', 1, 'Connection refused')), { up: false, online: false, said: '' })
  })
  suite.test('the volume and the log say what is there and what failed', () => {
    const { disk } = readFiles(
      output(`neo4j
store_lock
system
--
2026-11-23 00:46:20 ERROR [o.n.d.d.DatabaseLifecycles] Failed to start DatabaseId{00000000[system]}
Caused by: java.lang.IllegalStateException: Failed to read current store version.
`),
      STARTED,
    )
    assert.equal(disk.onDisk, ['neo4j', 'system'])
    assert.is(disk.failed, 'system')
    assert.equal(disk.words, ['java.lang.IllegalStateException: Failed to read current store version.'])
  })
  suite.test('an empty volume and no log are an answer too', () => {
    assert.equal(readFiles(output('--\n'), STARTED).disk, { onDisk: [], failed: '', words: [] })
  })
})

const layout = (rest: Partial<Layout>) => ({
  ...{ services: [], volumes: [], images: {}, mounts: {}, binds: {}, ports: [] },
  ...rest,
})

function facts(changes: object) {
  const one = candidate()
  const around = {
    layout: layout({ mounts: { neo4j: [{ volume: 'p_data', at: '/data' }] } }),
    states: [state('running')],
    candidates: [one],
  }
  const seen = { ...DOWN, up: true, online: true, graph: graph(), findings: [] }
  return { ...base(), ...around, ...seen, candidate: one, ...changes } as unknown as Parameters<
    typeof choices
  >[0]
}
const offered = (changes: object) => choices(facts(changes))[0]?.value
const content = (name: string) => ({ kind: 'content' as const, name, sentence: '' })

describe('which databases are restored', suite => {
  suite.test('what is damaged, and nothing else', () => {
    assert.is(offered({ findings: [content('Chunk')] }), 'neo4j')
    assert.is(offered({ findings: [content('system')] }), 'system')
    assert.is(offered({ findings: [content('neo4j'), content('system')] }), 'neo4j,system')
    assert.is(offered({ findings: [{ kind: 'index', name: 'title', sentence: '' }] }), 'none')
  })
  suite.test('one that does not come up has lost more than the graph', () => {
    const down = { ...DOWN, graph: null, findings: [content('neo4j')] }
    assert.is(offered({ ...down, states: [state('restarting', 1)] }), 'neo4j,system')
    assert.is(offered({ ...down, states: [state('exited', 0)] }), 'none')
    assert.is(offered({ ...down, states: [state('exited', 0)], onDisk: ['system'] }), 'neo4j,system')
    assert.is(offered({ ...down, findings: [content('system')] }), 'system')
  })
  suite.test('a name that the backup does not have is refused', () => {
    assert.match(refuse('neo4j,movies', facts({})) ?? '', /holds neo4j and system, not movies/)
    assert.is(refuse('neo4j,system', facts({})), undefined)
  })
  suite.test('a backup of another database is refused', async () => {
    const other = facts({ candidate: candidate({ database: 'movies' }) })
    assert.match((await failure(() => conclude(other, 'neo4j'))).message, /a backup of movies, not of neo4j/)
  })
  suite.test('data that no other container can reach is refused before anything is stopped', async () => {
    const elsewhere = layout({ mounts: { neo4j: [{ volume: 'p_logs', at: '/logs' }] } })
    const error = await failure(() => conclude(facts({ layout: elsewhere }), 'neo4j'))
    assert.match(error.message, /the data of neo4j lies in no volume that has a name/)
    assert.equal(conclude(facts({ layout: elsewhere }), 'none').restoring, [])
    const bound = layout({ binds: { neo4j: [{ volume: '/srv/neo4j', at: '/data/' }] } })
    assert.equal(conclude(facts({ layout: bound }), 'neo4j').restoring, ['neo4j'])
    assert.is(dataVolume(facts({ layout: bound })), '/srv/neo4j')
  })
  suite.test('nothing is no answer for a database that does not open', () => {
    assert.match(refuse('none', facts({ online: false })) ?? '', /something has to be restored/)
    assert.is(refuse('none', facts({ online: false, states: [state('exited', 0)] })), undefined)
  })
  suite.test(
    'lost indexes are built again when the graph stays, and come with it when it is restored',
    () => {
      const lost = facts({ graph: graph({ constraints: [], indexes: [] }) })
      assert.equal(
        conclude(lost, 'none').repairs.map(({ name, what }) => `${what} ${name}`),
        [`CONSTRAINT ${CONSTRAINT.name}`, `INDEX ${INDEX.name}`],
      )
      assert.equal(conclude(lost, 'neo4j').repairs, [])
      assert.equal(conclude(lost, 'neo4j, system').restoring, ['neo4j', 'system'])
    },
  )
})
