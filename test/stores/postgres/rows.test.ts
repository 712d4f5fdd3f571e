import type { Output } from '../../../lib/command.ts'
import { allThere, compatible, rowsState } from '../../../stores/postgres/rows/bring-back.ts'
import type { Catalogue, ForeignKey, KeyedTable } from '../../../stores/postgres/rows/catalogue.ts'
import { readChoice } from '../../../stores/postgres/rows/choice.ts'
import { copySql } from '../../../stores/postgres/rows/copy.ts'
import { involved, type Searched } from '../../../stores/postgres/rows/facts.ts'
import { best } from '../../../stores/postgres/rows/find.ts'
import { KeyReader } from '../../../stores/postgres/rows/key-reader.ts'
import type { MissingRows } from '../../../stores/postgres/rows/missing.ts'
import { parentsFirst } from '../../../stores/postgres/rows/order.ts'
import { assert, describe } from '../../describe.ts'

function table(name: string, changes: Partial<KeyedTable> = {}): KeyedTable {
  const columns = [
    { name: 'id', type: 'bigint' },
    { name: 'parent', type: 'bigint' },
  ]
  return { name, columns, key: ['id'], unique: [], triggers: [], sequences: [], ...changes }
}

function refers(child: string, parent: string, deferrable = false): ForeignKey {
  return { name: `${child}_${parent}`, child, parent, columns: ['parent'], refers: ['id'], deferrable }
}

function missing(name: string, n: number, key = ['id']): MissingRows {
  return { table: name, key, rows: 100, missing: n, samples: [] }
}

function said(stdout: string): Output {
  return { stdout, stderr: '', exitCode: 0, durationMs: 0 }
}

const CATALOGUE: Catalogue = {
  tables: [
    table('public."Odd name"', { key: ['b', 'a'] }),
    table('public.documents'),
    table('public.log', { key: null }),
  ],
  foreign_keys: [],
}

function keysOf(dump: string, chunk = dump.length): { reader: KeyReader; keys: string[] } {
  const keys: string[] = []
  const reader = new KeyReader(CATALOGUE, line => keys.push(line.toString('utf8')))
  const bytes = Buffer.from(dump)
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk))
  return { reader, keys }
}

const DUMP = `-- Name: documents; Type: TABLE
COPY public.documents (title, id) FROM stdin;
COPY is the word\\tthat begins it\t1
ü\t22
\\.

COPY public."Odd name" (a, "x y", b) FROM stdin;
1\tCOPY public.documents (id) FROM stdin;\tü
\\.

COPY public.log (line) FROM stdin;
some
\\.
`

describe('the keys in a dump', suite => {
  suite.test('come with the number of their table, in the order of the key', () => {
    const { reader, keys } = keysOf(DUMP)
    assert.equal(keys, ['1\t1\n', '1\t22\n', '0\tü\t1\n'])
    assert.equal(
      [...reader.rows],
      [
        ['public.documents', 2],
        ['public."Odd name"', 1],
      ],
    )
  })

  suite.test('are the same wherever the stream is cut', () => {
    for (const chunk of [1, 2, 7]) assert.equal(keysOf(DUMP, chunk).keys, keysOf(DUMP).keys)
  })

  suite.test('a table without a key, or without the column of the key, is named', () => {
    assert.equal(keysOf(DUMP).reader.keyless, ['public.log'])
    const { reader, keys } = keysOf('COPY public.documents (title) FROM stdin;\nx\n\\.\n')
    assert.equal([reader.keyless, keys], [['public.documents'], []])
  })
})

describe('the order of tables', suite => {
  suite.test('parents come first, and a table may refer to itself', () => {
    const keys = [refers('c', 'b'), refers('b', 'a'), refers('b', 'b'), refers('a', 'elsewhere')]
    assert.equal(parentsFirst(['c', 'b', 'a'], keys), { tables: ['a', 'b', 'c'], deferred: false })
  })

  suite.test('a circle works when one of its foreign keys can wait', () => {
    const keys = [refers('a', 'b'), refers('b', 'a', true)]
    assert.equal(parentsFirst(['a', 'b'], keys), { tables: ['b', 'a'], deferred: true })
  })

  suite.test('any other circle is refused with a sentence', () => {
    assert.throws(() => parentsFirst(['a', 'b'], [refers('a', 'b'), refers('b', 'a')]), /in a circle/)
  })
})

describe('the choice of rows', suite => {
  const tables = [
    missing('public.documents', 3),
    missing('public.pairs', 2, ['a', 'b']),
    missing('public.full', 0),
  ]

  suite.test('is all, or tables and keys', () => {
    assert.equal(readChoice('all', tables), [
      { table: 'public.documents', keys: null },
      { table: 'public.pairs', keys: null },
    ])
    assert.equal(readChoice('documents:12,13 public.pairs', tables), [
      { table: 'public.documents', keys: ['12', '13'] },
      { table: 'public.pairs', keys: null },
    ])
  })

  suite.test('what cannot be meant has a sentence', () => {
    assert.match(String(readChoice('full', tables)), 'no row of full is missing')
    assert.match(String(readChoice('', tables)), 'say "all"')
    assert.match(String(readChoice('documents:', tables)), 'names no key')
    assert.match(String(readChoice('pairs:1', tables)), 'the key of public.pairs is a, b')
    const twice = [missing('a.documents', 1), missing('b.documents', 1)]
    assert.match(String(readChoice('documents', twice)), 'is several tables: a.documents, b.documents')
  })

  suite.test('takes in the tables that depend on it, and only those with missing rows', () => {
    const keys = [refers('chunks', 'documents'), refers('feedback', 'chunks'), refers('full', 'documents')]
    const wanted = [{ table: 'documents', keys: null }]
    assert.equal(involved(keys, ['documents', 'chunks', 'feedback', 'other'], wanted), [
      'chunks',
      'documents',
      'feedback',
    ])
  })

  suite.test('the newest set that holds the most is offered first', () => {
    const set = (name: string, n: number): Searched => {
      return { name, backup: name, missing: { tables: [missing('t', n)], uncompared: [] } }
    }
    assert.is(best({ searched: [set('new', 1), set('middle', 5), set('old', 5)] })?.name, 'middle')
    assert.is(best({ searched: [set('new', 0)] }), undefined)
  })
})

describe('rows that come back', suite => {
  suite.test('are there, or not, or some of them', () => {
    assert.is(rowsState(said('150|150\n')), 'done')
    assert.is(rowsState(said('150|0\n')), 'absent')
    assert.is(rowsState(said('150|149\n')), 'partial')
  })

  suite.test('are proven only when all of them are equal', () => {
    assert.is(allThere(said('150|150\n')).verdict, 'proven')
    assert.is(allThere(said('150|149\n')).verdict, 'failed')
    assert.is(allThere(said('0|0\n')).verdict, 'failed')
    assert.is(allThere(said('')).verdict, 'failed')
  })

  suite.test('need the columns they had', () => {
    const live = { catalogue: CATALOGUE, tables: ['public.documents'] }
    assert.is(compatible(said(JSON.stringify(CATALOGUE)), live).verdict, 'proven')
    const other = {
      ...CATALOGUE,
      tables: [table('public.documents', { columns: [{ name: 'id', type: 'text' }] })],
    }
    const refused = compatible(said(JSON.stringify(other)), live)
    assert.is(refused.verdict, 'failed')
    assert.match(refused.found, 'id bigint')
  })

  suite.test('are inserted parents first, deleted children first, and never updated', () => {
    const catalogue = {
      tables: [table('a.child'), table('a.parent')],
      foreign_keys: [refers('a.child', 'a.parent')],
    }
    const { copy, undo } = copySql(catalogue, ['a.child', 'a.parent'])
    assert.ok(copy.indexOf('INTO a.parent') < copy.indexOf('INTO a.child'))
    assert.ok(undo.indexOf('FROM ONLY a.child t USING') < undo.indexOf('FROM ONLY a.parent t USING'))
    assert.not.match(copy, /UPDATE|ON CONFLICT|DELETE/)
  })

  suite.test('move a sequence only forward', () => {
    const sequences = [{ name: 'a.t_id_seq', column: 'id' }]
    const { copy } = copySql({ tables: [table('a.t', { sequences })], foreign_keys: [] }, ['a.t'])
    assert.match(copy, /setval\('a\.t_id_seq', .*WHERE .*max\("id"\).* > last_value/)
  })
})
