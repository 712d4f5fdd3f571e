import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Output } from '../../lib/command.ts'
import { edgeVerdict } from '../../stores/edge-verdict.ts'
import { type Edges, mergeEdges } from '../../stores/edges.ts'
import { arrow, edgeLine } from '../../stores/neo4j/edges.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const SINCE = '2026-11-22T02:00:00.000Z'
const OLD = '2026-11-21 10:00:00+00'
const YOUNG = '2026-11-22 02:30:00+00'
const LISTS = { missing: 'missing.tsv', repointed: 'repointed.tsv', additional: 'additional.tsv' }
const UUID = '7f3e9d2c-0000-4000-8000-00000000000a'

describe('foreign keys and relationships compared', suite => {
  const cwd = tempDir(suite)
  const { signal } = new AbortController()
  const compare = (rows: string[][], graph: string[][]): Promise<Edges> => {
    const write = (name: string, lines: string[][]) =>
      writeFileSync(join(cwd, name), lines.map(line => `${line.join('\t')}\n`).join(''))
    write('rows.tsv', rows)
    write('graph.tsv', graph)
    return mergeEdges('rows.tsv', 'graph.tsv', SINCE, LISTS, { cwd, signal, progress: () => undefined })
  }
  const listed = (kind: keyof typeof LISTS) => readFileSync(join(cwd, LISTS[kind]), 'utf8')
  const figures = ({ samples: _, ...rest }: Edges) => rest
  const none = { expected: 0, missing: 0, repointed: 0, additional: 0 }

  suite.test('every foreign key has its relationship', async () => {
    const rows = [
      ['1', '7', OLD],
      ['2', '7', OLD],
      ['10', '\\N', OLD],
    ]
    const found = await compare(rows, [
      ['1', '7'],
      ['2', '7'],
      ['10', '\\N'],
    ])
    assert.equal(figures(found), { rows: 2, edges: 2, ...none })
    assert.equal([listed('missing'), listed('repointed'), listed('additional')], ['', '', ''])
  })
  suite.test('missing, to another node and too many are told apart, each with its exact keys', async () => {
    const long = '9007199254740993'
    const rows = [
      ['1', '7', OLD],
      ['2', '7', OLD],
      ['3', '7', OLD],
      ['4', '\\N', OLD],
      ['5', '8', YOUNG],
      ['6', '7', OLD],
      [long, long, OLD],
      [UUID, 'b', OLD],
    ]
    const found = await compare(rows, [
      ['1', '\\N'],
      ['2', '9'],
      ['3', '7'],
      ['3', '7'],
      ['3', '8'],
      ['4', '7'],
      ['5', '\\N'],
      [long, '9007199254740992'],
      [UUID, 'a'],
      [UUID, 'c'],
    ])
    assert.equal(figures(found), { rows: 6, edges: 8, expected: 1, missing: 1, repointed: 3, additional: 4 })
    assert.equal(found.samples.missing, ['1 → 7'])
    assert.equal(found.samples.repointed, [
      '2 → 9 instead of 7',
      `${long} → 9007199254740992 instead of ${long}`,
      `${UUID} → a instead of b`,
    ])
    assert.is(listed('missing'), '1\t7\n5\t8\n')
    assert.is(listed('repointed'), `2\t7\t9\n${long}\t${long}\t9007199254740992\n${UUID}\tb\ta\n`)
    assert.is(listed('additional'), `3\t7\n3\t8\n4\t7\n${UUID}\tc\n`)
  })
  suite.test('a row without a node and a node without a row are told elsewhere', async () => {
    const found = await compare([['1', '7', OLD]], [['2', '7']])
    assert.equal(figures(found), { rows: 0, edges: 0, ...none })
  })
  suite.test('any order is put in order, and a row that is there twice is a problem', async () => {
    const found = await compare(
      [
        ['9', 'x', OLD],
        ['10', 'y', OLD],
        ['b', 'x', OLD],
        ['a', 'x', OLD],
      ],
      [
        ['b', 'x'],
        ['10', 'y'],
        ['a', 'x'],
        ['9', 'z'],
      ],
    )
    assert.equal(found.samples.repointed, ['9 → z instead of x'])
    assert.is(found.missing + found.additional, 0)
    const twice = [
      ['1', '7', OLD],
      ['1', '8', OLD],
    ]
    assert.match((await failure(() => compare(twice, []))).message, 'came in that order')
  })
  suite.test('the records of a graph are read exactly', async () => {
    assert.is(edgeLine('"edge", 9007199254740993, 5'), '5\t9007199254740993')
    assert.is(edgeLine('"edge", NULL, "a"'), 'a\t\\N')
    assert.is(edgeLine('"edge", "x \\"y\\", 3", "b\\"c"'), 'b"c\tx "y", 3')
    assert.equal([edgeLine('"head", other, one'), edgeLine('"end"')], [undefined, undefined])
    assert.match((await failure(() => edgeLine('"edge", 1, 1.5'))).message, 'no whole number and no text')
  })
  suite.test('an arrow has the direction that the configuration says', () => {
    const edge = { name: 'e', column: 'c', type: 'HAS', label: 'Doc', property: 'id' }
    assert.is(arrow(edge, 'a', 'b'), '(a)-[r:`HAS`]->(b:`Doc`)')
    assert.is(arrow({ ...edge, direction: 'in' }, 'a', 'b'), '(a)<-[r:`HAS`]-(b:`Doc`)')
  })
})

describe('the verdict over relationships', suite => {
  const verdict = (change: Partial<Edges>, known: { gap: number | undefined } = { gap: 0 }) => {
    const all: Edges = {
      ...{ rows: 9, edges: 9, expected: 0, missing: 0, repointed: 0, additional: 0 },
      samples: { missing: ['1 → 7'], repointed: ['2 → 9 instead of 7'], additional: ['3 → 8'] },
    }
    return edgeVerdict({ stdout: JSON.stringify({ ...all, ...change }) } as Output, LISTS, known)
  }
  suite.test('nothing wrong is proven', () => {
    assert.is(verdict({}).verdict, 'proven')
  })
  suite.test('each kind fails, with samples and the list', () => {
    for (const [change, said] of [
      [{ missing: 1 }, '1 relationship missing (such as 1 → 7): missing.tsv'],
      [{ repointed: 1 }, 'to another node than the row says (such as 2 → 9 instead of 7): repointed.tsv'],
      [{ additional: 2 }, '2 relationships too many (such as 3 → 8): additional.tsv'],
    ] as const) {
      assert.is(verdict(change).verdict, 'failed')
      assert.match(verdict(change).found, said)
    }
  })
  suite.test('what is younger than the backup, or was wrong in it, is expected', () => {
    assert.is(verdict({ expected: 2 }).verdict, 'expected loss')
    assert.is(verdict({ repointed: 2 }, { gap: 2 }).verdict, 'expected loss')
    assert.match(verdict({ repointed: 2 }, { gap: 1 }).found, '1 were wrong in the backup too')
    assert.is(verdict({ repointed: 2 }, { gap: 1 }).verdict, 'failed')
    assert.match(
      verdict({ missing: 2 }, { gap: undefined }).found,
      'the backup does not say how many were wrong',
    )
  })
})
