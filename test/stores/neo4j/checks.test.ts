import { compose } from '../../../lib/compose.ts'
import { stateOf } from '../../../lib/runtime.ts'
import { flaws } from '../../../lib/schema.ts'
import { Secret } from '../../../lib/secret.ts'
import { explainAdmin } from '../../../stores/neo4j/admin.ts'
import { strangers } from '../../../stores/neo4j/alone.ts'
import { indexesOnline, online, same } from '../../../stores/neo4j/back-up.ts'
import { isOurs } from '../../../stores/neo4j/commands.ts'
import { dumpState } from '../../../stores/neo4j/dump.ts'
import { contentsNeo4j, emptyNeo4j, neo4jMember } from '../../../stores/neo4j/member.ts'
import { consistent, sound } from '../../../stores/neo4j/prove.ts'
import { surrogate } from '../../../stores/neo4j/read.ts'
import { asideState, isStopped, loadState, nothingMissing, sameGraph } from '../../../stores/neo4j/restore.ts'
import { stagedState } from '../../../stores/neo4j/stage-dumps.ts'
import { atRest, runs } from '../../../stores/neo4j/stop.ts'
import { sameContent, younger } from '../../../stores/neo4j/validate.ts'
import { dumpVerdict, notOlder } from '../../../stores/neo4j/verify.ts'
import { assert, describe, failure } from '../../describe.ts'
import { base, candidate, graph, INDEX, member, output, STORE, SUM } from './samples.ts'

const service = (state: string, exitCode = 0) =>
  base({ readStates: () => [{ service: 'neo4j', container: 'p-neo4j-1', state, health: '', exitCode }] })
const verdict = (found: { verdict: string }) => found.verdict

describe('a stop of Neo4j', suite => {
  suite.test('is at rest when it ended by itself, and not when it was killed', () => {
    assert.is(verdict(atRest(output(''), service('exited', 0))), 'proven')
    assert.is(verdict(atRest(output(''), service('exited', 143))), 'proven')
    assert.equal(atRest(output(''), service('exited', 137)), {
      verdict: 'failed',
      found: 'neo4j is exited, exit code 137',
    })
  })
  suite.test('has not happened while it runs or comes back', () => {
    assert.is(verdict(atRest(output(''), service('running'))), 'failed')
    assert.is(verdict(isStopped(output(''), service('restarting', 1))), 'failed')
    assert.match(isStopped(output(''), service('running')).found, /somebody has started it/)
    assert.is(verdict(isStopped(output(''), service('exited', 137))), 'proven')
    assert.ok(runs(output(''), service('restarting', 1)))
    assert.not(runs(output(''), service('exited')))
  })
})

describe('containers that have the volume', suite => {
  const states = [stateOf([], 'neo4j'), { ...stateOf([], 'neo4j'), container: 'p-neo4j-1' }].slice(1)
  const f = { ...base(), states }
  suite.test('the service alone is right, anybody else is named', () => {
    assert.is(verdict(strangers(output('p-neo4j-1\n'), f)), 'proven')
    assert.match(strangers(output('p-neo4j-1\nbackup-of-jim\n'), f).found, /backup-of-jim has it too/)
  })
  suite.test('only names that a run of this tool gave are its own', () => {
    assert.ok(isOurs(base(), 'p-neo4j-load-20261122_031502'))
    for (const name of ['p-neo4j-1', 'p-neo4j-load', 'x-neo4j-load-20261122_031502', 'p-neo4j-run-abcdef'])
      assert.not(isOurs(base(), name), name)
  })
})

describe('a dump', suite => {
  suite.test('is done when graph and users are there', () => {
    assert.is(dumpState(output('./neo4j.dump\n./system.dump\n'), 'neo4j'), 'done')
    assert.is(dumpState(output('./neo4j.dump\n'), 'neo4j'), 'partial')
    assert.is(dumpState(output(''), 'neo4j'), 'absent')
  })
  suite.test('is one when its format is told: silence with exit code 0 is none', () => {
    const format = 'Database: neo4j\nFormat: Neo4j ZSTD Dump.\nFiles: 41\n'
    assert.equal(dumpVerdict(output(format)), {
      verdict: 'proven',
      found: 'Neo4j ZSTD Dump. store, indexes and counts agree',
    })
    assert.equal(dumpVerdict(output('')), { verdict: 'failed', found: 'there is no archive in it' })
    assert.match(dumpVerdict(output('', 1, 'Print metadata failed')).found, /Print metadata failed/)
    const cut = output(format, 70, 'Invalid input for a CheckDump')
    assert.equal(dumpVerdict(cut), { verdict: 'failed', found: 'Invalid input for a CheckDump' })
  })
  suite.test('is consistent when the check says so', () => {
    assert.is(verdict(consistent(output(''))), 'proven')
    const cut = consistent(output('', 70, 'Invalid input for a CheckDump\n  at x'))
    assert.equal(cut, { verdict: 'failed', found: 'Invalid input for a CheckDump' })
    assert.is(consistent(output('', 70)).found, 'exit code 70')
  })
  suite.test('of a later version than the server is refused, a patch is none', () => {
    const here = (version: string, backup: string) =>
      notOlder(output(`${version}\n`), { candidate: candidate({ engine_version: backup }) as never })
    for (const backup of ['5.26.30', '5.26.31', '5.25.9', '4.4.44'])
      assert.is(verdict(here('5.26.30', backup)), 'proven', backup)
    for (const backup of ['5.27.0', '2025.01.0'])
      assert.match(here('5.26.30', backup).found, `backup of ${backup}, server 5.26.30; run the image`)
    assert.is(verdict(here('2025.06.2', '5.26.30')), 'proven')
    assert.is(verdict(here('no version', '5.26.30')), 'unchecked')
  })
  suite.test('of a format that this edition or version does not open is told so', () => {
    const old = output('', 70, "The store is not on a supported version. Use 'neo4j-admin database migrate'")
    assert.match(dumpVerdict(old).found, /older format.*the image that the manifest names/)
    const block = output('', 1, 'Block format detected for database neo4j but unavailable in this edition.')
    assert.match(explainAdmin(block)?.message ?? '', /block format of Enterprise/)
  })
  suite.test('that fails is told with its cause, not with where in the code that was', () => {
    const noise = `java.net.UnknownHostException: abc
Caused by: java.net.UnknownHostException: abc: Temporary failure in name resolution
\tat java.base/java.net.Inet4AddressImpl.lookupAllHostAddr(Native Method)
`
    const said = `${noise}Failed to load database 'neo4j': Not a valid Neo4j archive: /x/neo4j.dump
org.neo4j.cli.CommandFailedException: Load failed for databases: 'neo4j'
Caused by: org.neo4j.dbms.archive.IncorrectFormat: /x/neo4j.dump
Caused by: java.io.EOFException: Not in ZSTD format
\tat org.neo4j.cli.AdminTool.main(AdminTool.java:82)`
    assert.is(
      explainAdmin(output('', 1, said))?.message,
      "neo4j-admin: Failed to load database 'neo4j': Not a valid Neo4j archive: /x/neo4j.dump (EOFException: Not in ZSTD format)",
    )
    const thrown = `${noise}org.neo4j.cli.CommandFailedException: /none is not an existing directory`
    assert.is(explainAdmin(output('', 1, thrown))?.message, 'neo4j-admin: /none is not an existing directory')
    assert.is(explainAdmin(output('', 1, noise)), undefined)
  })
  suite.test('whose users refuse the password of today is told so, before it counts', () => {
    const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
    const f = { ...base({ ...runtime }), like: { image: 'sha256:1', memory: 0 } }
    const store = { ...f.store, password: new Secret('NEO4J_PASSWORD', 'value-of-it') }
    const { explain, argv } = surrogate({ ...f, store } as never, 'p-scratch', 'RETURN 1')
    const said = explain?.(output('', 3, 'The client is unauthorized due to authentication failure.'))
    assert.is(said?.message, 'the users of the backup refuse the password of neo4j')
    assert.match(said?.hint ?? '', /^NEO4J_PASSWORD differs from what the volume has/)
    assert.is(explain?.(output('', 1, 'java.lang.OutOfMemoryError')), undefined)
    assert.not.match(argv.join(' '), 'value-of-it')
  })
  suite.test('is staged when its sha256 is the one of the manifest', () => {
    assert.is(stagedState(output(`${SUM}  /x\n`), SUM), 'done')
    assert.is(stagedState(output(`${'c'.repeat(64)}  /x\n`), SUM), 'partial')
    assert.is(stagedState(output(''), SUM), 'absent')
  })
  suite.test('is copied when both files are equal to what was proven', () => {
    assert.is(verdict(same(['a', 'b'], ['a', 'b'])), 'proven')
    assert.is(verdict(same(['a', 'c'], ['a', 'b'])), 'failed')
    assert.is(verdict(same([], [])), 'failed')
  })
})

describe('the source of a backup', suite => {
  suite.test('must be online', () => {
    assert.is(verdict(online(output('currentStatus, statusMessage\n"online", ""\n'))), 'proven')
    assert.match(online(output('currentStatus, statusMessage\n"offline", "An error"\n')).found, /offline/)
    assert.match(online(output('', 1, 'Connection refused')).found, /Connection refused/)
  })
  suite.test('must have no broken index', () => {
    assert.is(verdict(indexesOnline(output('name, state\n'))), 'proven')
    assert.is(verdict(indexesOnline(output(''))), 'proven')
    assert.match(indexesOnline(output('name, state\n"title", "FAILED"\n')).found, /"title", "FAILED"/)
  })
})

const reading = (changes = {}, schema = {}) => ({
  graph: graph(schema),
  nodes: member().content.nodes,
  relationships: member().content.relationships,
  ...changes,
})

describe('the copy of a dump', suite => {
  suite.test('is sound when as much was read as is counted', async () => {
    assert.equal(sound(reading()), reading())
    assert.match(
      (await failure(() => sound(reading({ nodes: '199:00' })))).message,
      /200 nodes .* 199 and 300 read/,
    )
    const broken = { indexes: [{ ...INDEX, state: 'FAILED' }] }
    assert.match((await failure(() => sound(reading({}, broken)))).message, /not online/)
  })
})

describe('the world after a move and a load', suite => {
  suite.test('a mark tells a whole move from half of one', () => {
    assert.is(asideState(output('moved\nquarantine\n')), 'done')
    assert.is(asideState(output('quarantine\nthere neo4j\n')), 'partial')
    assert.is(asideState(output('there neo4j\n')), 'absent')
  })
  suite.test('and a whole load from half of one', () => {
    assert.is(loadState(output('moved\nloaded\nquarantine\nthere neo4j\n')), 'done')
    assert.is(loadState(output('moved\nquarantine\nthere neo4j\n')), 'partial')
    assert.is(loadState(output('moved\nquarantine\n')), 'absent')
    // What stands there before the move is the damaged store, not half a load.
    assert.is(loadState(output('there neo4j\n')), 'absent')
  })
})

const json = (value: object) => output(JSON.stringify(value))
const was = { candidate: candidate() }

describe('what was restored', suite => {
  suite.test('has the figures and the schema of the backup', () => {
    assert.is(verdict(sameGraph(json({ graph: graph() }), was)), 'proven')
    const more = sameGraph(json({ graph: graph({ labels: { Chunk: 151, Document: 50 } }) }), was)
    assert.match(more.found, '151 nodes Chunk, the backup has 150')
    const other = sameGraph(json({ graph: graph({ types: { PART_OF: 300, NEW: 1 } }) }), was)
    assert.match(other.found, '1 relationships NEW, the backup has 0')
    assert.match(sameGraph(json({ graph: graph({ indexes: [] }) }), was).found, 'the index title is missing')
    const failed = graph({ indexes: [{ ...INDEX, state: 'POPULATING' }] })
    assert.match(sameGraph(json({ graph: failed }), was).found, 'the index title is POPULATING')
  })
  suite.test('has its content, digest by digest', () => {
    assert.is(verdict(sameContent(json(reading()), was)), 'proven')
    const wrong = (changes: object, schema = {}) => sameContent(json(reading(changes, schema)), was).found
    assert.match(wrong({ nodes: '200:00000000000000ab' }), /labels or properties differ/)
    assert.match(wrong({ relationships: '300:00' }), /relationships differ/)
    assert.match(wrong({}, { constraints: [] }), /the constraint chunk_id is missing/)
    assert.match(wrong({}, { users: [] }), /the users neo4j are missing/)
  })
  suite.test(
    'what is younger than the backup is told as expected loss, with figures where there are any',
    () => {
      const grown = graph({ labels: { Chunk: 10, Document: 53 }, types: { PART_OF: 301, SEEN: 2 } })
      assert.match(younger(output(''), { ...was, graph: grown }).found, /^3 nodes and 3 relationships/)
      const gone = younger(output(''), { ...was, graph: null })
      assert.is(gone.verdict, 'expected loss')
      assert.match(gone.found, /how many they were, the damaged graph does not show/)
    },
  )
  suite.test('a graph that was left alone may have more than the backup, not less', () => {
    const f = { ...was, store: { ...base().store, ...STORE } as ReturnType<typeof base>['store'] }
    const more = json({ graph: graph({ labels: { Chunk: 160, Document: 50 } }) })
    assert.is(verdict(nothingMissing(more, f)), 'proven')
    const less = json({ graph: graph({ labels: { Chunk: 10, Document: 50 } }) })
    assert.match(nothingMissing(less, f).found, /140 of 150 nodes of the backup are gone/)
  })
})

describe('the manifest entry of Neo4j', suite => {
  suite.test('fits its schema, says what it holds, and is refused without a node', () => {
    assert.equal(flaws(neo4jMember, member()), [])
    assert.is(contentsNeo4j(member()), '200 nodes, 300 relationships')
    assert.is(emptyNeo4j(member()), undefined)
    assert.is(emptyNeo4j(member({ nodes: 0 })), 'it holds no nodes')
  })
  suite.test('cannot carry a statement that does anything but make an index or a constraint', () => {
    for (const create of [
      'MATCH (n) DETACH DELETE n',
      `${INDEX.create}; MATCH (n) DELETE n`,
      'DROP INDEX `title`',
    ])
      assert.is.not(flaws(neo4jMember, member({ indexes: [{ ...INDEX, create }] })).length, 0, create)
  })
})
