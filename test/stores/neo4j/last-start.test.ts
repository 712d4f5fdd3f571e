import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceState } from '../../../lib/runtime.ts'
import { storeNamed } from '../../../lib/target.ts'
import { quietSurroundings } from '../../../runbook/activity.ts'
import { Execution } from '../../../runbook/execute.ts'
import { Memory } from '../../../runbook/memory.ts'
import { Sequence } from '../../../runbook/tree.ts'
import { assessNeo4j } from '../../../stores/neo4j/assess.ts'
import type { Neo4jAssessed } from '../../../stores/neo4j/facts.ts'
import { pageTarget } from '../../../tools/page.ts'
import { assert, describe } from '../../describe.ts'
import { onPath, program, tempDir } from '../../fakes.ts'

/** A daemon whose Neo4j says `status`, was started as `started` says, and has the log and the files of this directory. */
const DOCKER = `here=$(dirname "$0")/..
case "$1 $2" in
  'compose exec') cat "$here/status"; exit "$(cat "$here/code")" ;;
  'inspect --format') cat "$here/started" 2>/dev/null || exit 1 ;;
  'compose run') for word; do case $word in 'ls -1'*) sh -c "$(echo "$word" | sed "s#/data/#$here/data/#; s#/logs/#$here/logs/#")" ;; esac; done ;;
esac`

/** One start of a real 5.26.30 whose database could not be opened, as its log tells it. */
const dies = (time: string, database: string, cause: string, zone = '+0000') => `\
2026-11-30 ${time}:00.799${zone} INFO  [o.n.g.f.m.GlobalModule] Logging config in use: Embedded default config 'default-server-logs.xml'
2026-11-30 ${time}:01.564${zone} INFO  [o.n.d.d.DatabaseLifecycles] Starting 'DatabaseId{00000000[${database}]}'.
2026-11-30 ${time}:02.772${zone} WARN  [o.n.k.d.Database] [${database}/00000000] Exception occurred while starting the database.
java.lang.RuntimeException: Error starting
Caused by: java.lang.IllegalStateException: ${cause}
2026-11-30 ${time}:02.774${zone} ERROR [o.n.d.d.DatabaseLifecycles] Failed to start DatabaseId{00000000[${database}]}
Caused by: java.lang.IllegalStateException: ${cause}
`
const begins = (time: string) =>
  `2026-11-30 ${time}:00.100+0000 INFO  [o.n.g.f.m.GlobalModule] Logging config in use: a file\n`

const DOWN = ['', '1'] as const
const OFFLINE = ['currentStatus, statusMessage\n"offline", "An error occurred!"\n', '0'] as const

interface World {
  log: string
  /** Absent: there is no such container. */
  started?: string
  answer?: readonly [status: string, code: string]
}

describe('a Neo4j that is not online is blamed for its last start only', suite => {
  const dir = tempDir(suite)
  const bin = join(dir, 'bin')
  for (const name of ['bin', 'logs', 'data/databases/neo4j', 'data/databases/system'])
    mkdirSync(join(dir, name), { recursive: true })
  program(bin, 'docker', DOCKER)
  onPath(suite, bin)

  const target = pageTarget('.')
  const nodes = assessNeo4j(new Sequence()).nodes
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text)

  async function assessed({ log, started, answer = DOWN }: World): Promise<Neo4jAssessed> {
    write('logs/debug.log', log)
    write('status', answer[0])
    write('code', answer[1])
    rmSync(join(dir, 'started'), { force: true })
    if (started !== undefined) write('started', `${started}\n`)
    const state: ServiceState = {
      service: 'neo4j',
      container: started === undefined ? '' : 'p-neo4j-1',
      state: started === undefined ? 'missing' : 'running',
      health: '',
      exitCode: 0,
    }
    const store = storeNamed(target, 'neo4j', 'neo4j')
    const run = { id: '20261130_041500', folder: '.' }
    const facts = { target, store, run, states: [state], candidates: [], layout: {} }
    const known = await new Execution(quietSurroundings(dir, new Memory())).sequence(nodes, facts, 'x')
    return known as Neo4jAssessed
  }

  const EARLIER = dies('03:40', 'system', 'Metadata store is empty')

  suite.test('what an earlier one has died of is not what is wrong now', async () => {
    const log = EARLIER + dies('04:10', 'neo4j', 'Unexpected end of file')
    const { findings, failed, words } = await assessed({ log, started: '2026-11-30T04:10:00.123456789Z 0' })
    assert.is(failed, 'neo4j')
    assert.equal([...new Set(words)], ['java.lang.IllegalStateException: Unexpected end of file'])
    assert.equal(
      findings.map(({ name }) => name),
      ['neo4j'],
    )
  })
  suite.test('one that says nothing is blamed for nothing', async () => {
    const log = EARLIER + begins('04:10')
    for (const answer of [DOWN, OFFLINE]) {
      const { findings, failed, words } = await assessed({ log, started: '2026-11-30T04:10:00Z 0', answer })
      assert.equal([failed, words], ['', []])
      assert.not.match(findings[0]!.sentence, /Metadata store|system/)
    }
  })
  suite.test('what it died of is told, and which database it could not open', async () => {
    const { findings, onDisk } = await assessed({ log: EARLIER, started: '2026-11-30T03:40:00Z 0' })
    assert.is(findings[0]!.name, 'system')
    assert.match(findings[0]!.sentence, /cannot open its database system \(.*Metadata store is empty\)/)
    assert.equal(onDisk, ['neo4j', 'system'])
  })
  suite.test(
    'the daemon starts it again and again: the start before counts until it has failed',
    async () => {
      const loop = dies('04:00', 'neo4j', 'an old one') + dies('04:01', 'system', 'Metadata store is empty')
      for (const log of [loop, loop + begins('04:02')]) {
        const { failed, words } = await assessed({ log, started: '2026-11-30T04:02:00Z 2' })
        assert.is(failed, 'system')
        assert.not.match(words.join(), 'an old one')
      }
      const failed = loop + dies('04:02', 'neo4j', 'a new one')
      assert.is((await assessed({ log: failed, started: '2026-11-30T04:02:00Z 2' })).failed, 'neo4j')
    },
  )
  suite.test('a server that is up after such a start has got over it', async () => {
    const log = EARLIER + begins('04:10')
    const { words } = await assessed({ log, started: '2026-11-30T04:10:00Z 3', answer: OFFLINE })
    assert.equal(words, [])
  })
  suite.test('a log with the time of another zone is read by it', async () => {
    const log = dies('05:10', 'system', 'Metadata store is empty', '+0200')
    assert.is((await assessed({ log, started: '2026-11-30T03:10:00Z 0' })).failed, 'system')
    assert.is((await assessed({ log, started: '2026-11-30T05:10:00Z 0' })).failed, '')
  })
  suite.test('without a container, or in one that was never started, there was none', async () => {
    for (const started of [undefined, '0001-01-01T00:00:00Z 0'])
      assert.equal((await assessed({ log: EARLIER, ...(started ? { started } : {}) })).words, [])
  })
})
