import type { Graph } from '../../../stores/neo4j/graph.ts'
import type { Walk } from '../../../stores/neo4j/paths.ts'
import type { Case } from '../../steps/validation.test.ts'
import { candidate, graph, INDEX, output, STORE } from './samples.ts'

const f = { store: STORE, backup: candidate() }
const alone = { ...f, backup: undefined }
const critical = { ...alone, store: { ...STORE, critical: { labels: { Chunk: 10 } } } }
const look = (changes: Partial<Graph> = {}) => output(JSON.stringify({ graph: graph(changes) }))
const walk = (changes: Partial<Walk> = {}) =>
  output(JSON.stringify({ refused: '', paths: [{ type: 'PART_OF', walked: 5, whole: 5 }], ...changes }))
const status = (state: string) => output(`currentStatus, statusMessage\n"${state}", ""\n`)

/** What the validation of Neo4j asks, with the answers that pass and those that do not. */
export const neo4jCases: Record<string, Case> = {
  'its database is online': {
    passes: [status('online'), f],
    fails: [[status('offline'), f, 'failed', /offline/]],
  },
  'it can be reached over Bolt': {
    passes: [walk(), f],
    fails: [[walk({ refused: 'Connection refused', paths: [] }), f, 'failed', /Connection refused/]],
  },
  'sample paths lead from end to end': {
    passes: [walk(), f],
    fails: [
      [
        walk({ paths: [{ type: 'PART_OF', walked: 5, whole: 3 }] }),
        f,
        'failed',
        /2 of 5 by PART_OF lead nowhere/,
      ],
      [walk({ paths: [] }), f, 'failed', /no path by PART_OF/],
      [walk({ refused: 'no', paths: [] }), f, 'unchecked', /does not answer/],
    ],
  },
  'every label is there': {
    passes: [look(), f],
    fails: [
      [look({ labels: { Chunk: 150 } }), f, 'failed', /Document is missing/],
      [look({ labels: { Other: 1 } }), critical, 'failed', /Chunk is missing/],
      [look(), alone, 'unchecked', /Chunk, Document; no usable backup/],
    ],
  },
  'every label has its nodes': {
    passes: [look({ labels: { Chunk: 148, Document: 60 } }), f],
    fails: [
      [look({ labels: { Chunk: 140, Document: 50 } }), f, 'failed', /Chunk 140, 10 fewer/],
      [look({ labels: { Chunk: 9 } }), critical, 'failed', /Chunk 9, 1 fewer/],
      [look(), alone, 'unchecked', /Chunk 150, Document 50; no usable backup/],
    ],
  },
  'every type has its relationships': {
    passes: [look({ types: { PART_OF: 299 } }), f],
    fails: [
      [look({ types: { PART_OF: 200 } }), f, 'failed', /PART_OF 200, 100 fewer/],
      [look({ types: {} }), f, 'failed', /PART_OF 0, 300 fewer/],
      [look(), alone, 'unchecked', /PART_OF 300; no usable backup/],
    ],
  },
  'no more nodes are isolated than usual': {
    passes: [look({ isolated: 8 }), f],
    fails: [
      [look({ isolated: 9 }), f, 'failed', /9 of 200 nodes/],
      [look(), alone, 'unchecked', /4 of 200 nodes; no usable backup/],
      [look(), { ...f, backup: olderBackup() }, 'skipped', /older than this figure/],
    ],
  },
  'every index is online': {
    passes: [look(), f],
    fails: [[look({ indexes: [{ ...INDEX, state: 'FAILED' }] }), f, 'failed', /title is FAILED/]],
  },
  'every index and constraint of the backup is there': {
    passes: [look(), f],
    fails: [
      [look({ constraints: [] }), f, 'failed', /constraint chunk_id is missing/],
      [look({ indexes: [] }), f, 'failed', /index title is missing/],
      [look(), alone, 'unchecked', /1 constraint, 2 indexes; no usable backup/],
    ],
  },
  'every user of the backup is there': {
    passes: [look({ users: ['neo4j', 'more'] }), f],
    fails: [
      [look({ users: [] }), f, 'failed', /neo4j is missing/],
      [look(), alone, 'unchecked', /no usable backup/],
    ],
  },
}

function olderBackup() {
  const one = candidate()
  const { isolated: _, ...member } = one.member
  return { ...one, member }
}
