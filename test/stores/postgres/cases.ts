import type { Shape } from '../../../stores/postgres/shape.ts'
import type { Case } from '../../steps/validation.test.ts'
import { candidate, said, store } from './samples.ts'

const critical = { tables: { chunks: { rows: 10, not_null: ['text'] } } }
const f = { store: { ...store, critical }, backup: candidate, restored: false }
const alone = { ...f, store, backup: undefined }
const configured = { ...f, backup: undefined }
const restored = { ...f, restored: true }

const KEY = 'public.chunks chunks_document_id_fkey'
const shape = (changes: Partial<Shape> = {}) =>
  said(
    JSON.stringify({
      tables: { 'public.chunks': 210, 'public.documents': 99 },
      foreignKeys: [{ name: KEY, validated: true }],
      nulls: [{ column: 'chunks.text', rows: 0 }],
      ...changes,
    } satisfies Shape),
  )
const health = (changes: object = {}) =>
  said(JSON.stringify({ orphans: [], invalid: [], unvalidated: [], behind: [], unreadable: '', ...changes }))
const locked = health({ unreadable: 'canceling statement due to lock timeout' })

/** What the validation of PostgreSQL asks, with the answers that pass and those that do not. */
export const postgresCases: Record<string, Case> = {
  'it can be reached over TCP with its password': {
    passes: [said('ai_platform|ai_user\n'), f],
    fails: [
      [
        said('', { exitCode: 2, stderr: 'FATAL:  password authentication failed for user "ai_user"' }),
        f,
        'failed',
        /password authentication failed/,
      ],
      [said('', { exitCode: 137 }), f, 'failed', /exit code 137/],
    ],
  },
  'every table is there': {
    passes: [shape(), f],
    fails: [
      [shape({ tables: { 'public.chunks': 200 } }), f, 'failed', /public\.documents is missing/],
      [shape({ tables: {} }), configured, 'failed', /chunks is missing/],
      [shape(), alone, 'unchecked', /public\.chunks, public\.documents; no usable backup/],
    ],
  },
  'every table has its rows': {
    passes: [shape(), f],
    fails: [
      [
        shape({ tables: { 'public.chunks': 200, 'public.documents': 90 } }),
        f,
        'failed',
        /public\.documents 90, 10 fewer/,
      ],
      [shape({ tables: { 'public.chunks': 9 } }), configured, 'failed', /public\.chunks 9, 1 fewer/],
      [shape(), alone, 'unchecked', /public\.chunks 210, public\.documents 99; no usable backup/],
    ],
  },
  'no critical column has a NULL': {
    passes: [shape(), f],
    fails: [
      [shape({ nulls: [{ column: 'chunks.text', rows: 3 }] }), f, 'failed', /chunks\.text: 3 NULLs/],
      [
        shape({ nulls: [{ column: 'chunks.text', rows: null }] }),
        f,
        'failed',
        /there is no column chunks\.text/,
      ],
      [shape(), alone, 'skipped', /no critical columns are named/],
    ],
  },
  'every foreign key of the backup is there': {
    passes: [shape(), f],
    fails: [
      [shape({ foreignKeys: [] }), f, 'failed', /chunks_document_id_fkey is missing/],
      [shape(), alone, 'unchecked', /chunks_document_id_fkey; no usable backup/],
    ],
  },
  'every row has the parents that its foreign keys name': {
    passes: [health(), f],
    fails: [
      [
        health({ orphans: [{ key: 'k', table: 'public.chunks', rows: 2 }] }),
        restored,
        'failed',
        /2 rows of public\.chunks without a parent \(k\)/,
      ],
      [locked, f, 'unchecked', /lock timeout/],
    ],
  },
  'every constraint is validated': {
    passes: [health({ unvalidated: ['late'] }), restored],
    fails: [
      [health({ unvalidated: ['late'] }), f, 'failed', /late was never held against its rows/],
      [locked, restored, 'unchecked', /lock timeout/],
    ],
  },
  'every index is valid': {
    passes: [health(), f],
    fails: [
      [health({ invalid: ['public.i'] }), restored, 'failed', /public\.i is invalid/],
      [locked, f, 'unchecked', /lock timeout/],
    ],
  },
  'every sequence is ahead of its rows': {
    passes: [health({ behind: ['s'] }), restored],
    fails: [
      [health({ behind: ['public.s'] }), f, 'failed', /public\.s is behind/],
      [locked, f, 'unchecked', /lock timeout/],
    ],
  },
}
