import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Target } from '../../../lib/target.ts'
import { allNodesThere, nodesCover, nodesState } from '../../../stores/neo4j/nodes/bring-back.ts'
import { nodesFor, untold } from '../../../stores/neo4j/nodes/choose.ts'
import { keyOf, linesIn } from '../../../stores/neo4j/nodes/lines.ts'
import {
  existQuery,
  type Identity,
  type Line,
  PartReader,
  partQuery,
  readPlaces,
} from '../../../stores/neo4j/nodes/part.ts'
import { expression, quoted, type Typed } from '../../../stores/neo4j/nodes/values.ts'
import { weigh } from '../../../stores/neo4j/nodes/weigh.ts'
import { creation, deletion } from '../../../stores/neo4j/nodes/write.ts'
import { parseDoubled } from '../../../stores/neo4j/plain.ts'
import { assert, describe, failure } from '../../describe.ts'
import { base, candidate, output, STORE } from './samples.ts'

const id = (label: string, value: number): Identity => [
  label,
  [['id', ['INTEGER NOT NULL', [String(value)]]]],
]
const node = (label: string, value: number, extra: [string, Typed][] = []): Line => ({
  node: id(label, value),
  labels: [label],
  properties: [...id(label, value)[1], ...extra],
})
const link = (from: Identity | null, to: Identity | null): Line => ({
  type: 'PART_OF',
  properties: [],
  from,
  to,
})
const KEYS = [{ label: 'Chunk', properties: ['id'] }]

describe('values of a graph', suite => {
  suite.test('become the Cypher that makes them, whatever their type', () => {
    const of = (type: string, ...texts: string[]) => expression([type, texts])
    assert.is(of('INTEGER NOT NULL', '9223372036854775807'), '9223372036854775807')
    assert.is(of('FLOAT NOT NULL', '1.0E300'), 'toFloat("1.0E300")')
    assert.is(of('FLOAT NOT NULL', '-Infinity'), '-Infinity')
    assert.is(of('BOOLEAN NOT NULL', 'true'), 'true')
    assert.is(
      of('ZONED DATETIME NOT NULL', '2026-01-01T00:00+01:00[Europe/Berlin]'),
      'datetime("2026-01-01T00:00+01:00[Europe/Berlin]")',
    )
    assert.is(of('DURATION NOT NULL', 'P1Y2M3DT4.5S'), 'duration("P1Y2M3DT4.5S")')
    assert.is(
      of('POINT NOT NULL', "point({x: 1.5, y: -2.0, crs: 'cartesian'})"),
      "point({x: 1.5, y: -2.0, crs: 'cartesian'})",
    )
    assert.is(
      of('LIST<DATE NOT NULL> NOT NULL', '2020-01-01', '2020-01-02'),
      '[date("2020-01-01"), date("2020-01-02")]',
    )
    assert.is(of('LIST<NOTHING> NOT NULL'), '[]')
  })
  suite.test('a text is never a statement', () => {
    assert.is(quoted('a "b" \\ c\n:exit\u2028'), '"a \\"b\\" \\\\ c\\n:exit\\u2028"')
    assert.is(expression(['STRING NOT NULL', ['"}) DETACH DELETE n //']]), '"\\"}) DETACH DELETE n //"')
  })
  suite.test('what is not of its form is a problem', async () => {
    const refused = async (type: string, text: string) =>
      (await failure(() => void expression([type, [text]]))).message
    assert.match(await refused('INTEGER NOT NULL', '1}) DELETE n'), /cannot be carried over/)
    assert.match(await refused('POINT NOT NULL', 'point({x: 1}) DELETE n'), /cannot be carried over/)
    assert.match(await refused('VECTOR NOT NULL', '1'), /the type VECTOR cannot/)
  })
  suite.test('a text of any content is told from its neighbours', () => {
    const record = '"node", "ends in a backslash\\\\", ["says \\"hi\\"", "\\\\\\"", NULL]'
    assert.equal(parseDoubled(record), ['node', 'ends in a backslash\\', ['says "hi"', '\\"', null]])
  })
})

const ANSWER = `"head", elementId(n), a, b, c
"node", "4:x:1", ["Chunk", [["id", ["INTEGER NOT NULL", ["1"]]]]], ["Chunk"], [["id", ["INTEGER NOT NULL", ["1"]]]]
"head", elementId(r), a, b, c, d
"relationship", "5:x:9", "PART_OF", [], ["Chunk", [["id", ["INTEGER NOT NULL", ["1"]]]]], NULL
"node", "4:x:1", ["Chunk", [["id", ["INTEGER NOT NULL", ["1"]]]]], ["Chunk"], [["id", ["INTEGER NOT NULL", ["1"]]]]
`

describe('a part of a graph', suite => {
  suite.test('is read with what the server calls it, each thing once', () => {
    const seen: [Line, string][] = []
    const reader = new PartReader((line, id) => seen.push([line, id]))
    for (const byte of Buffer.from(`${ANSWER}"head"\n"end"\n`)) reader.add(Buffer.from([byte]))
    reader.end()
    assert.equal(seen, [
      [node('Chunk', 1), '4:x:1'],
      [link(id('Chunk', 1), null), '5:x:9'],
    ])
  })
  suite.test('that was cut short is a problem', async () => {
    const reader = new PartReader(() => undefined)
    reader.add(Buffer.from(ANSWER))
    assert.match((await failure(() => reader.end())).message, /ended before its last answer/)
    assert.match((await failure(() => void readPlaces('"there", 0\n'))).message, /ended before/)
  })
  suite.test('is asked for by key, names in quotes, one pattern a statement', () => {
    const query = partQuery([id('Ch`unk', 1), id('Doc', 2), id('Ch`unk', 3)], KEYS)
    assert.match(query, 'UNWIND [[1], [3]] AS k MATCH (n:`Ch``unk` {`id`: k[0]})')
    assert.match(query, 'UNWIND [[2]] AS k MATCH (n:`Doc` {`id`: k[0]})')
    assert.match(existQuery([id('A', 5), id('B', 6)]), 'UNWIND [[1, 6]] AS k MATCH (n:`B` {`id`: k[1]})')
    assert.equal(readPlaces('"head", k[0]\n"there", 1\n"head"\n"end"\n'), [1])
  })
})

/** Weighs these lines; gives the lines of the file that come out, the header first. */
async function weighed(lines: readonly Line[], live: readonly Identity[], rows = 2): Promise<unknown[]> {
  const dir = mkdtempSync(join(tmpdir(), 'nodes-'))
  try {
    const [whole, out] = [join(dir, 'whole'), join(dir, 'out')]
    writeFileSync(whole, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    const there = new Set(live.map(keyOf))
    const exists = async (some: readonly Identity[]) => new Set(some.map(keyOf).filter(key => there.has(key)))
    await weigh(whole, out, { rows, keys: KEYS, exists })
    assert.is(statSync(out).mode & 0o777, 0o600)
    const read = readFileSync(out, 'utf8').trimEnd().split('\n')
    const below: Line[] = []
    for await (const line of linesIn(out)) below.push(line)
    assert.equal(
      read.slice(1).map(line => JSON.parse(line)),
      below,
    )
    return read.map(line => JSON.parse(line) as unknown)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

describe('nodes that can come back', suite => {
  const [one, two, doc] = [id('Chunk', 1), id('Chunk', 2), id('Doc', 7)]
  suite.test('are those that are missing, with relationships whose other end is there or comes', async () => {
    const lines = [node('Chunk', 1), node('Chunk', 2), link(one, doc), link(one, two)]
    const [header, ...rest] = await weighed(lines, [doc])
    assert.equal(header, { rows: 2, nodes: 2, relationships: 2, again: 0, unknown: 0, lost: 0, keys: KEYS })
    assert.equal(rest, lines)
  })
  suite.test('one that is there again is left alone, and counted', async () => {
    const lines = [node('Chunk', 1), node('Chunk', 2), link(one, doc), link(two, doc)]
    const [header, ...rest] = await weighed(lines, [doc, one], 3)
    assert.equal(header, { rows: 3, nodes: 1, relationships: 1, again: 1, unknown: 1, lost: 0, keys: KEYS })
    assert.equal(rest, [node('Chunk', 2), link(two, doc)])
  })
  suite.test('a relationship to nowhere is left out, and counted', async () => {
    const [header, ...rest] = await weighed([node('Chunk', 1), link(one, doc), link(null, one)], [], 1)
    assert.equal(header, { rows: 1, nodes: 1, relationships: 0, again: 0, unknown: 0, lost: 2, keys: KEYS })
    assert.equal(rest, [node('Chunk', 1)])
  })
})

async function script(lines: readonly Line[]): Promise<string> {
  let text = ''
  const read = async function* () {
    yield* lines
  }
  for await (const statement of creation(read)) text += statement
  return text
}

describe('the script that writes nodes', suite => {
  suite.test('is one transaction of CREATE, nodes before relationships', async () => {
    const text: Typed = ['STRING NOT NULL', ['a\nb']]
    const written = await script([link(id('Chunk', 1), id('Doc', 7)), node('Chunk', 1, [['te`xt', text]])])
    assert.is(
      written,
      `:begin
UNWIND [{\`id\`: 1, \`te\`\`xt\`: "a\\nb"}] AS p CREATE (n:\`Chunk\`) SET n = p;
UNWIND [[[1], [7], {}]] AS k MATCH (a:\`Chunk\` {\`id\`: k[0][0]}) MATCH (b:\`Doc\` {\`id\`: k[1][0]})
  CREATE (a)-[r:\`PART_OF\`]->(b) SET r = k[2] WITH count(r) AS done RETURN 1 / CASE done WHEN 1 THEN 1 ELSE 0 END;
:commit
`,
    )
  })
  suite.test('has statements of bounded size, and nothing is lost between them', async () => {
    const written = await script(Array.from({ length: 1201 }, (_, index) => node('Chunk', index)))
    assert.is(written.match(/UNWIND/g)?.length, 3)
    assert.is(written.match(/`id`: /g)?.length, 1201)
  })
  suite.test('takes away relationships first, so that a node with another one stays', () => {
    assert.is(
      [...deletion(['5:x:1'], ['4:x:1'])].join(''),
      `:begin
MATCH ()-[r]->() WHERE elementId(r) IN ["5:x:1"] DELETE r;
MATCH (n) WHERE elementId(n) IN ["4:x:1"] DELETE n;
:commit
`,
    )
  })
})

const said = (value: unknown) => output(JSON.stringify(value))
const carried = (nodes: number, there: number, different = 0, relationships = 3, also = 3) =>
  said({ nodes, relationships, there: { nodes: there, relationships: also }, different })

describe('nodes that came back', suite => {
  suite.test('are there, or not, or some of them', () => {
    assert.is(nodesState(carried(3, 3)), 'done')
    assert.is(nodesState(carried(3, 2, 1)), 'done')
    assert.is(nodesState(carried(3, 0)), 'absent')
    assert.is(nodesState(carried(3, 1)), 'partial')
    assert.is(nodesState(carried(0, 0)), 'done')
  })
  suite.test('are proven with every relationship; one that changed since is told', () => {
    assert.is(allNodesThere(carried(3, 3)).verdict, 'proven')
    assert.match(allNodesThere(carried(3, 2, 1)).found, '1 changed since')
    assert.is(allNodesThere(carried(3, 2)).verdict, 'failed')
    assert.is(allNodesThere(carried(3, 3, 0, 3, 2)).verdict, 'failed')
  })
  suite.test('are told when the backup has none for a row, or an end is gone', () => {
    const header = { rows: 3, nodes: 2, relationships: 1, again: 1, unknown: 0, lost: 0, keys: [] }
    assert.equal(nodesCover(said(header)), { verdict: 'proven', found: '3 rows, 3 nodes' })
    const less = nodesCover(said({ ...header, again: 0, unknown: 1, lost: 2 }))
    assert.is(less.verdict, 'expected loss')
    assert.match(less.found, /no node of 1 row: make them again; 2 relationships left out/)
  })
})

describe('the choice of nodes', suite => {
  const relation = {
    name: 'chunks',
    postgres: { store: 'postgres', table: 'chunks', id: 'id', created: 'created_at' },
    neo4j: { store: 'neo4j', label: 'Chunk', property: 'id' },
  }
  const { run, store } = base()
  const target = { relations: [relation], stores: { neo4j: STORE } } as unknown as Target
  const seen = (keys = KEYS) => ({ target, run, neo4js: [{ store, keys, candidates: [candidate()] }] })
  const set = 'set_20261122_020000'
  suite.test('names what goes with the tables, out of the same set', () => {
    const [work] = nodesFor(seen(), set, 'postgres', ['public.chunks', 'public.documents'])
    assert.equal(
      work?.kinds.map(({ table, label }) => [table, label]),
      [['public.chunks', 'Chunk']],
    )
    assert.equal(work?.restoring, ['neo4j', 'system'])
    assert.equal(nodesFor(seen(), 'set_20260101_000000', 'postgres', ['public.chunks']), [])
    assert.equal(nodesFor(seen(), set, 'other', ['public.chunks']), [])
    assert.equal(nodesFor(seen(), set, 'postgres', ['public.documents']), [])
  })
  suite.test('leaves out a label that no constraint tells apart, and says so', () => {
    const two = seen([{ label: 'Chunk', properties: ['id', 'ord'] }])
    assert.equal(nodesFor(two, set, 'postgres', ['public.chunks']), [])
    assert.equal(untold(two, 'postgres', ['public.chunks']), [
      'Chunk has no uniqueness constraint on id alone',
    ])
    assert.equal(untold(seen(), 'postgres', ['public.chunks']), [])
  })
})
