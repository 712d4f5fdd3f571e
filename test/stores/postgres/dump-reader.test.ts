import { DumpReader } from '../../../stores/postgres/dump-reader.ts'
import { assert, describe } from '../../describe.ts'

const DUMP = `--
-- PostgreSQL database dump
--

\\restrict dpHtT8yUM2FcZD30w5crxXk5b4ZsnggUEqEakdSXZjzjTuQJ5EFsBeG7UitdQ9W

SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: notes; Type: TABLE; Schema: public; Owner: ai_user
--

CREATE TABLE public.notes (
    id bigint NOT NULL,
    body text
);


ALTER TABLE public.notes OWNER TO ai_user;

--
-- Data for Name: notes; Type: TABLE DATA; Schema: public; Owner: ai_user
--

COPY public.notes (id, body) FROM stdin;
1	one\\nline
2	\\\\.
3	COPY public.other (id) FROM stdin;
\\.


--
-- Data for Name: "odd (name"; Type: TABLE DATA; Schema: My Schema; Owner: ai_user
--

COPY "My Schema"."odd (name" (id) FROM stdin;
\\.


--
-- Name: notes_id_seq; Type: SEQUENCE SET; Schema: public; Owner: ai_user
--

SELECT pg_catalog.setval('public.notes_id_seq', 711, true);


SET default_tablespace = '';

--
-- Name: notes notes_pkey; Type: CONSTRAINT; Schema: public; Owner: odd role; Tablespace: fast
--

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (id);


--
-- PostgreSQL database dump complete
--

\\unrestrict dpHtT8yUM2FcZD30w5crxXk5b4ZsnggUEqEakdSXZjzjTuQJ5EFsBeG7UitdQ9W
`

function read(text: string, size = text.length) {
  const reader = new DumpReader()
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size))
  return reader.end()
}

const notes = (text: string) => read(text).tables.find(table => table.name === 'public.notes')!

describe('the reader of dumps', suite => {
  suite.test('counts rows, whatever a row looks like', () => {
    const { tables, complete } = read(DUMP)
    assert.equal(
      tables.map(({ name, rows }) => [name, rows]),
      [
        ['"My Schema"."odd (name"', 0],
        ['public.notes', 3],
      ],
    )
    assert.ok(complete)
  })
  suite.test('gives the same whatever the chunks are', () => {
    const whole = read(DUMP)
    for (const size of [1, 7, 64, 1000]) assert.equal(read(DUMP, size), whole)
  })
  suite.test('sees one changed byte, and not another order of the rows', () => {
    const other = DUMP.replace('1\tone', '1\tOne')
    assert.is.not(notes(other).fingerprint, notes(DUMP).fingerprint)
    const turned = DUMP.replace('1\tone\\nline\n2\t\\\\.\n', '2\t\\\\.\n1\tone\\nline\n')
    assert.is.not(turned, DUMP)
    assert.equal(notes(turned), notes(DUMP))
  })
  suite.test('a row that is there twice is seen', () => {
    const twice = DUMP.replace('1\tone\\nline\n', '1\tone\\nline\n1\tone\\nline\n')
    assert.is(notes(twice).rows, 4)
    assert.is.not(notes(twice).fingerprint, notes(DUMP).fingerprint)
  })
  suite.test('keeps the values of sequences', () => {
    assert.equal(read(DUMP).sequences, [{ name: 'public.notes_id_seq', value: '711 true' }])
  })
  suite.test('digests definitions, but not what differs from dump to dump', () => {
    const { objects } = read(DUMP)
    assert.equal(Object.keys(objects), ['CONSTRAINT public.notes notes_pkey', 'TABLE public.notes'])
    const again = DUMP.replaceAll('dpHtT8y', 'afx3f1l').replace("SET default_tablespace = '';\n", '')
    assert.equal(read(again).objects, objects)
    const changed = DUMP.replace('body text', 'body varchar')
    assert.is.not(read(changed).objects['TABLE public.notes'], objects['TABLE public.notes'])
    const owner = DUMP.replace('OWNER TO ai_user', 'OWNER TO other')
    assert.is.not(read(owner).objects['TABLE public.notes'], objects['TABLE public.notes'])
  })
  suite.test('a dump that ends in the middle is not complete, in a table or after one', () => {
    assert.not.ok(read(DUMP.slice(0, DUMP.indexOf('3\tCOPY'))).complete)
    assert.not.ok(read(DUMP.slice(0, DUMP.indexOf('-- PostgreSQL database dump complete'))).complete)
  })
  suite.test('names every owner, blanks and all', () => {
    assert.equal(read(DUMP).owners, ['ai_user', 'odd role'])
    assert.equal(read('-- Name: vector; Type: EXTENSION; Schema: -; Owner: -\n').owners, [])
    assert.equal(read('-- Name: EXTENSION vector; Type: COMMENT; Schema: -; Owner: \n').owners, [])
  })
  suite.test('counts large objects', () => {
    const blob = "SELECT pg_catalog.lo_open('16402', 131072);\n"
    assert.is(read(blob + blob).large_objects, 2)
  })
})
