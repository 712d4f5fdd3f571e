import type { Candidate } from '../../stores/backups.ts'
import type { Case } from '../steps/validation.test.ts'
import { graph, candidate as neo4jCandidate, member as neo4jMember, output } from './neo4j/samples.ts'
import { candidate, said, seen } from './postgres/samples.ts'
import { collectionBackup, fingerprintOf, points, qdrantMember } from './samples.ts'

const json = (value: object) => said(JSON.stringify(value))
/** It tells the loss that the restore was confirmed with, and cannot fail; the content is proven before it. */
export const TOLD = 'what was written after the backup is lost, and nothing else'
const WHOLE = 'what the platform reads is the backup, whole'

function listing(kind: string, one: Pick<Candidate, 'id' | 'member'>): Case {
  const f = { store: { name: kind, kind }, target: { runtime: { project: 'p' } } }
  const all = [{ ...one, store: kind, source: { project: 'p' } }]
  const broken = all.map(each => ({ ...each, refused: 'its object is empty' }))
  return {
    passes: [json({ candidates: all, broken: [] }), f],
    fails: [
      [json({ candidates: [], broken: [] }), f, 'unchecked', /none of 0 can be used/],
      [json({ candidates: broken, broken: [] }), f, 'unchecked', /its object is empty/],
    ],
  }
}

const inBackup = points(50)
const collection = collectionBackup('documents_v1', inBackup)
const qdrant = qdrantMember([collection])
const inspection = (changes: object = {}, of = inBackup) =>
  json({
    points: of.length,
    fingerprint: fingerprintOf(of).whole,
    unreadable: '',
    searches: { tried: 5, found: 5 },
    ...changes,
  })
const aliases = (to: string) =>
  json({ result: { aliases: [{ alias_name: 'documents', collection_name: to }] } })
const switched = {
  switches: [{ name: 'documents', from: 'documents_v1', to: 'documents_v1__r_x' }],
  candidate: { member: qdrant },
}
const graphs = { candidate: neo4jCandidate() }
const { content } = neo4jMember()
const rows = { candidate, version: '17.11' }

/** What proves that a restore is the backup, byte by byte, and which backup live data is compared with. */
export const contentCases: Record<'qdrant' | 'neo4j' | 'postgres', Record<string, Case>> = {
  qdrant: {
    'there is a usable backup to compare with': listing('qdrant', { id: qdrant.id, member: qdrant }),
    'every alias points where it belongs': {
      passes: [aliases('documents_v1__r_x'), switched],
      fails: [[aliases('documents_v1'), switched, 'failed', /documents → documents_v1/]],
    },
    [WHOLE]: {
      passes: [inspection(), { collection }],
      fails: [
        [inspection({}, points(49)), { collection }, 'failed', /differ from the backup's fingerprint/],
        [inspection({ searches: { tried: 5, found: 4 } }), { collection }, 'failed', /only 4 of 5/],
        [inspection({ unreadable: '500' }), { collection }, 'failed', /unreadable: 500/],
      ],
    },
  },
  neo4j: {
    'there is a usable backup to compare with': listing('neo4j', {
      id: neo4jMember().id,
      member: neo4jMember(),
    }),
    [WHOLE]: {
      passes: [output(JSON.stringify({ graph: graph(), ...content })), graphs],
      fails: [
        [
          output(JSON.stringify({ graph: graph(), ...content, nodes: '200:0' })),
          graphs,
          'failed',
          /properties differ/,
        ],
      ],
    },
    [TOLD]: { passes: [output(''), { ...graphs, graph: null }], fails: [] },
  },
  postgres: {
    'there is a usable backup to compare with': listing('postgres', candidate),
    [TOLD]: { passes: [said(''), { ...rows, live: undefined }], fails: [] },
    [WHOLE]: {
      passes: [json(seen()), rows],
      fails: [
        [json(seen({ tables: [] })), rows, 'failed', /public\.chunks is missing/],
        [json(seen({ unreadable: 'ERROR' })), rows, 'failed', /cannot be read: ERROR/],
      ],
    },
  },
}
