import { ContentReader, contentQuery } from '../../../stores/neo4j/content.ts'
import { definition, GraphReader } from '../../../stores/neo4j/graph.ts'
import { parseRecord, Records } from '../../../stores/neo4j/plain.ts'
import { keyLine } from '../../../stores/neo4j/references.ts'
import { assert, describe, failure } from '../../describe.ts'

/** What cypher-shell prints for a graph of two nodes and a relationship: a header before every answer. */
const LOOK = `"head", versions[0]
"version", "5.26.30"
"head", count(n)
"nodes", 2
"head", count(r)
"relationships", 1
"head", label, count(*)
"label", "Doc", 2
"head", type(r), count(*)
"type", "CITES", 1
"head", name, state, owningConstraint, createStatement
"index", "doc_id", "ONLINE", "doc_id", "CREATE CONSTRAINT \`doc_id\` FOR (n:\`Doc\`) REQUIRE (n.\`id\`) IS UNIQUE"
"head", name, createStatement, type, entityType, labelsOrTypes, properties
"constraint", "doc_id", "CREATE CONSTRAINT \`doc_id\` …", "UNIQUENESS", "NODE", ["Doc"], ["id"]
"constraint", "rel", "CREATE CONSTRAINT \`rel\` …", "UNIQUENESS", "RELATIONSHIP", ["CITES"], ["no"]
"head", user
"user", "neo4j"
`
const ONE = '"n", ["Doc"], [["id", 1], ["text", "a \\"quoted\\" word,\nand a second line"]]\n'
const TWO = '"n", ["Doc"], [["id", 2], ["text", "ends in a backslash\\"]]\n'
const EDGE = '"r", "CITES", [], ["Doc", 1], ["Doc", 2]\n'
const NODES = '"head", labels, properties\n'
const EDGES = '"head", type, properties, a, b\n'
const END = '"head"\n"end"\n'

function read(text: string, step = text.length) {
  const reader = new ContentReader()
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += step) reader.add(bytes.subarray(at, at + step))
  return { reader, reading: () => reader.end() }
}

const whole = () => read(LOOK + NODES + ONE + TWO + EDGES + EDGE + END).reading()

describe('records of cypher-shell', suite => {
  suite.test('a line break, a quote and a comma in a text do not end a record', () => {
    const records: string[] = []
    const cutter = new Records(record => records.push(record.toString()))
    for (const byte of Buffer.from(ONE + TWO)) cutter.add(Buffer.from([byte]))
    cutter.end()
    assert.equal(records, [ONE.trimEnd(), TWO.trimEnd()])
  })
  suite.test('nor does a text that ends with a line break', () => {
    const all = ['"n", ["Doc"], [["text", "a\n"], ["t", "\n"]]', '"key", "b\n"', '"end", 1']
    for (const step of [1, 1000]) {
      const records: string[] = []
      const cutter = new Records(record => records.push(record.toString()))
      const bytes = Buffer.from(`${all.join('\n')}\n`)
      for (let at = 0; at < bytes.length; at += step) cutter.add(bytes.subarray(at, at + step))
      cutter.end()
      assert.equal(records, all)
    }
  })
  suite.test('names, numbers, lists and nothing are values', () => {
    assert.equal(parseRecord('"a \\"b\\"", 3, NULL, TRUE, ["x", "NULL"]'), [
      'a "b"',
      3,
      null,
      true,
      ['x', 'NULL'],
    ])
  })
  suite.test('the key of a node: a whole number as it is written, or a text', async () => {
    assert.is(keyLine('"key", NULL, 9007199254740993'), '9007199254740993\tNULL')
    assert.is(keyLine('"key", "2026-01-01T00:00:00Z", "a \\"b\\", c"\n'), 'a "b", c\t2026-01-01T00:00:00Z')
    assert.equal([keyLine('"head", made, key'), keyLine('"end"')], [undefined, undefined])
    for (const odd of ['1.5', '1.0E7', 'TRUE', '[1]', '"two\nlines"'])
      assert.match(
        (await failure(() => keyLine(`"key", NULL, ${odd}`))).message,
        'no whole number and no text',
      )
  })
  suite.test('what cannot be read is a problem', async () => {
    assert.match((await failure(() => parseRecord('"open, 3'))).message, /cannot be read/)
  })
})

describe('the reading of a graph', suite => {
  suite.test('has figures, schema, keys and digests', () => {
    const { graph, nodes, relationships } = whole()
    assert.is(graph.version, '5.26.30')
    assert.equal([graph.nodes, graph.relationships, graph.labels.Doc, graph.types.CITES], [2, 1, 2, 1])
    assert.equal(graph.users, ['neo4j'])
    assert.is(graph.indexes[0]?.constraint, 'doc_id')
    assert.match(nodes, /^2:[0-9a-f]{16}$/)
    assert.match(relationships, /^1:[0-9a-f]{16}$/)
  })
  suite.test('keys come from constraints on nodes alone', () => {
    const { reader, reading } = read(LOOK + END)
    reading()
    assert.equal(reader.keys, [{ label: 'Doc', properties: ['id'] }])
  })
  suite.test('is the same in any order and however it is cut into pieces', () => {
    const other = read(LOOK + NODES + TWO + ONE + EDGES + EDGE + END, 7).reading()
    assert.equal(other, whole())
  })
  suite.test('tells a changed text, a lost node and a relationship to another node', () => {
    const changed = (from: string, to: string) =>
      read((LOOK + NODES + ONE + TWO + EDGES + EDGE + END).replace(from, to)).reading()
    assert.is.not(changed('second', 'third').nodes, whole().nodes)
    assert.is.not(changed(TWO, '').nodes, whole().nodes)
    assert.is.not(changed('["Doc", 2]\n', '["Doc", 1]\n').relationships, whole().relationships)
    assert.is(changed('["Doc", 2]\n', '["Doc", 1]\n').nodes, whole().nodes)
  })
  suite.test('a node that is there twice does not cancel itself', () => {
    assert.is.not(read(LOOK + NODES + ONE + TWO + TWO + END).reading().nodes, whole().nodes)
  })
  suite.test('that was cut short is a problem', async () => {
    const cut = read(LOOK + NODES + ONE + TWO)
    assert.match((await failure(() => cut.reading())).message, /ended before its last answer/)
  })
  suite.test('that cannot be read is a problem at its end, not in the stream', async () => {
    const broken = read(`${LOOK}"label", "open, 3\n${END}`)
    assert.match((await failure(() => broken.reading())).message, /cannot be read/)
  })
})

describe('the session that reads a graph', suite => {
  suite.test('tells ends by their keys, and a node without one by all it has', () => {
    const query = contentQuery([{ label: 'A`b', properties: ['x', 'y'] }])
    assert.match(query, 'WHEN a:`A``b` THEN ["A`b", a.`x`, a.`y`]')
    assert.match(query, 'ELSE COLLECT { UNWIND keys(b)')
    assert.not.match(contentQuery([]), 'CASE')
  })
})

describe('definitions', suite => {
  suite.test('do not depend on the name an index was given', () => {
    const named = (name: string) => ({ create: `CREATE RANGE INDEX \`${name}\` FOR (n:\`D\`) ON (n.\`t\`)` })
    assert.is(definition(named('one')), definition(named('two `FOR` three'.replaceAll('`', '``'))))
  })
  suite.test('a session without a look is not ended', async () => {
    assert.match((await failure(() => new GraphReader().end())).message, /ended before/)
  })
})
