import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../../../lib/exec.ts'
import { storeNamed } from '../../../lib/target.ts'
import { allRight, areLinked } from '../../../steps/repair-edges.ts'
import type { RelationshipLine } from '../../../stores/neo4j/nodes/part.ts'
import { saveNodes } from '../../../stores/neo4j/nodes/save.ts'
import {
  type Linked,
  lookForEdges,
  type Relinked,
  relinkEdges,
  saveEdges,
  unlinkEdges,
} from '../../../stores/neo4j/relink.ts'
import { pageTarget } from '../../../tools/page.ts'
import { assert, describe } from '../../describe.ts'
import { onPath, program, tempDir } from '../../fakes.ts'
import { output } from './samples.ts'

const LISTS = { missing: 'missing.tsv', repointed: 'repointed.tsv', additional: 'additional.tsv' }
const EDGE = { name: 'document', column: 'document_id', type: 'PART_OF', label: 'Document', property: 'id' }
const ENDS = { label: 'Chunk', property: 'id', edge: EDGE }
const LONG = '9007199254740993'

const told = (label: string, id: string) => `["${label}", [["id", ["INTEGER NOT NULL", ["${id}"]]]]]`
const edge = (id: string, from: string, to: string, properties = '') =>
  `"relationship", "5:x:${id}", "PART_OF", [${properties}], ${told('Chunk', from)}, ${told('Document', to)}`
const line = (from: string, to: string, properties: unknown[] = []): RelationshipLine => ({
  type: 'PART_OF',
  properties: properties as never,
  from: ['Chunk', [['id', ['INTEGER NOT NULL', [from]]]]],
  to: ['Document', [['id', ['INTEGER NOT NULL', [to]]]]],
})
const SINCE = '["since", ["INTEGER NOT NULL", ["7"]]]'

/**
 * A Neo4j that answers every question for relationships with a file, says of every node that is asked for as a number
 * that it is there, and keeps what it is told to write.
 */
const NEO4J = `#!/usr/bin/env node
const fs = require('node:fs')
const asked = fs.readFileSync(0, 'utf8')
if (asked.startsWith(':begin')) return fs.appendFileSync('written.cypher', asked)
if (asked.includes('"there"')) {
  const gone = fs.readFileSync('gone.txt', 'utf8').split('\\n')
  const rows = [...asked.matchAll(/\\[(\\d+), (\\d+)\\]/g)].filter(([, , key]) => !gone.includes(key))
  for (const [, place] of rows) console.log('"there", ' + place)
} else if (/SHOW CONSTRAINTS/.test(asked)) {
  console.log('"constraint", "c", "CREATE", "UNIQUENESS", "NODE", ["Chunk"], ["id"]')
} else console.log(fs.readFileSync('answer.txt', 'utf8').trimEnd())
console.log('"end"')
`

describe('relationships are replaced as rows say', suite => {
  const cwd = tempDir(suite)
  const bin = tempDir(suite)
  program(bin, 'docker', NEO4J)
  onPath(suite, bin)
  const target = pageTarget('.')
  const STORE = storeNamed(target, 'neo4j', 'neo4j')
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(cwd, name), lines.map(text => `${text}\n`).join(''))
  const answer = (...lines: string[]) => write('answer.txt', lines)
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8')
  const written = () => {
    const text = read('written.cypher')
    write('written.cypher', [])
    return text
  }
  const linesOf = (name: string) =>
    read(name)
      .split('\n')
      .filter(Boolean)
      .map(text => JSON.parse(text) as Relinked)
  suite.before(() => {
    for (const name of [...Object.values(LISTS), 'gone.txt', 'written.cypher']) write(name, [])
  })

  suite.test(
    'what is wrong is saved with its properties, and what is right is made of the rows',
    async () => {
      write('missing.tsv', ['1\t7'])
      write('repointed.tsv', [`${LONG}\t7\t9`])
      write('additional.tsv', ['3\t8', '4\t7'])
      answer(
        edge('a', LONG, '9', SINCE),
        edge('b', '3', '7'),
        edge('c', '3', '8'),
        edge('d', '4', '7'),
        edge('e', '4', '7'),
      )
      const { stdout } = await exec(saveEdges(target, STORE, ENDS, LISTS, 'relinked.jsonl'), { cwd })
      assert.equal(JSON.parse(stdout), { take: 3, make: 2, left: 0 })
      const kept = [['since', ['INTEGER NOT NULL', ['7']]]]
      assert.equal(linesOf('relinked.jsonl'), [
        { make: line(LONG, '7', kept) },
        { take: line(LONG, '9', kept) },
        { make: line('1', '7') },
        { take: line('3', '8') },
        { take: line('4', '7') },
      ])
    },
  )
  suite.test('they go and come in one transaction, by the ids they have now', async () => {
    await exec(relinkEdges(target, STORE, ENDS, 'relinked.jsonl'), { cwd })
    const cypher = written()
    assert.match(
      cypher,
      /^:begin\nMATCH \(\)-\[r\]->\(\) WHERE elementId\(r\) IN \["5:x:a", "5:x:c", "5:x:d"\] DELETE r;/,
    )
    assert.match(cypher, /MERGE \(a\)-\[r:`PART_OF`\]->\(b\) ON CREATE SET r = k\[2\]/)
    assert.match(cypher, `[[${LONG}], [7], {\`since\`: 7}]`)
    assert.match(cypher, /:commit\n$/)
  })
  suite.test('what was changed since it was saved stays', async () => {
    answer(edge('a', LONG, '9'), edge('c', '3', '8'))
    await exec(relinkEdges(target, STORE, ENDS, 'relinked.jsonl'), { cwd })
    assert.match(written(), 'IN ["5:x:c"] DELETE')
  })
  suite.test('what is done of it is counted, and taken back exactly', async () => {
    const linked = async () =>
      JSON.parse((await exec(lookForEdges(target, STORE, ENDS, 'relinked.jsonl'), { cwd })).stdout) as Linked
    answer(edge('a', LONG, '9', SINCE), edge('c', '3', '8'), edge('d', '4', '7'))
    assert.equal(await linked(), { take: 3, taken: 0, make: 2, made: 0 })
    answer(edge('n', LONG, '7', SINCE), edge('o', '1', '7'), edge('e', '4', '7'))
    assert.equal(await linked(), { take: 3, taken: 2, make: 2, made: 2 })
    await exec(unlinkEdges(target, STORE, ENDS, 'relinked.jsonl'), { cwd })
    const cypher = written()
    assert.match(cypher, 'IN ["5:x:n", "5:x:o"] DELETE r;')
    assert.match(cypher, `CREATE (a)-[r:\`PART_OF\`]->(b) SET r = k[2]`)
    assert.match(cypher, `[[${LONG}], [9], {\`since\`: 7}]`)
    assert.not.match(cypher, 'MERGE')
  })
  suite.test('where a node is missing nothing comes, and what is wrong stays', async () => {
    write('missing.tsv', ['1\t77'])
    write('repointed.tsv', ['2\t77\t9'])
    write('additional.tsv', [])
    write('gone.txt', ['77'])
    answer(edge('a', '2', '9'))
    const { stdout } = await exec(saveEdges(target, STORE, ENDS, LISTS, 'relinked.jsonl'), { cwd })
    assert.equal(JSON.parse(stdout), { take: 0, make: 0, left: 2 })
  })
  suite.test('an arrow the other way round begins at the other node', async () => {
    write('missing.tsv', ['1\t7'])
    write('repointed.tsv', [])
    const turned = { ...ENDS, edge: { ...EDGE, direction: 'in' as const } }
    answer()
    await exec(saveEdges(target, STORE, turned, LISTS, 'relinked.jsonl'), { cwd })
    const [made] = linesOf('relinked.jsonl') as [{ make: RelationshipLine }]
    assert.equal([made.make.from![0], made.make.to![0]], ['Document', 'Chunk'])
  })
  suite.test('it is done when both are true', () => {
    const state = (taken: number, made: number) =>
      areLinked(output(JSON.stringify({ take: 2, taken, make: 1, made })))
    assert.equal([state(2, 1), state(0, 0), state(2, 0)], ['done', 'absent', 'partial'])
  })
  suite.test('what stays because a node is missing takes nothing back, one more does', () => {
    const none = { rows: 9, edges: 9, expected: 0, missing: 0, repointed: 0, additional: 0 }
    const verdict = (missing: number, left: number) =>
      allRight(output(JSON.stringify({ ...none, missing })), { saved: { left } }).verdict
    assert.equal([verdict(0, 0), verdict(1, 1), verdict(2, 1)], ['proven', 'expected loss', 'failed'])
  })
  suite.test(
    'orphaned nodes are saved but for those with a row by now, or that could not come back',
    async () => {
      write('orphaned.txt', ['5', '6', '7', '8'])
      write('rows.tsv', ['1\t2026-01-01 00:00:00+00', '6\t2026-01-01 00:00:00+00'])
      const node = (id: string) =>
        `"node", "4:x:${id}", ${told('Chunk', id)}, ["Chunk"], [["id", ["INTEGER NOT NULL", ["${id}"]]]]`
      const lost = `"relationship", "5:x:l", "SAW", [], ${told('Chunk', '8')}, NULL`
      answer(node('5'), node('7'), node('8'), edge('a', '5', '2'), edge('b', '7', '2'), lost)
      const save = saveNodes(
        target,
        STORE,
        { label: 'Chunk', property: 'id' },
        'orphaned.txt',
        'rows.tsv',
        'saved.jsonl',
      )
      assert.equal(JSON.parse((await exec(save, { cwd })).stdout), { saved: 2, left: 1 })
      const [header, ...saved] = read('saved.jsonl').trim().split('\n')
      assert.match(header!, '"nodes":2,"relationships":2')
      assert.is(saved.length, 4)
      assert.not.match(saved.join('\n'), '"8"')
    },
  )
})
