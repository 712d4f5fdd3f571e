import { connectNeo4j } from '../platform/neo4j.ts'
import { type LabTarget, settingsOf } from '../target.ts'
import type { Fault } from './fault.ts'
import { changeStore, waitForStatus, waitUntilItEnds } from './neo4j-files.ts'

const STORE = '/data/databases/neo4j'
const LOGS = '/data/transactions/neo4j'

export const nodesDeleted: Fault = {
  id: 'nodes-deleted',
  title: 'All nodes deleted',
  sentence: 'A script deleted every node with its relationships; the database is online and empty.',
  stores: ['neo4j'],
  inject: async target => {
    await graphOf(target).run('MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS')
  },
  expected: {
    found: 'healthy and online, no node; indexes and constraints are all there',
    recovered: 'every node and relationship of the backup',
  },
}

export const chunksDeleted: Fault = {
  id: 'chunks-deleted',
  title: 'One label deleted',
  sentence: 'A clean-up deleted every second chunk with its relationships.',
  stores: ['neo4j'],
  inject: async target => {
    const some = 'MATCH (c:Chunk) WHERE c.id % 2 = 0'
    await graphOf(target).run(`${some} CALL (c) { DETACH DELETE c } IN TRANSACTIONS OF 2000 ROWS`)
  },
  expected: {
    found: 'healthy and online; half of the chunks and of their relationships',
    recovered: 'every chunk, with its document and its words',
  },
}

export const storeGone: Fault = {
  id: 'graph-files-gone',
  title: 'Store files gone',
  sentence:
    'The files of the graph are gone, store and transaction logs; Neo4j made an empty graph in their place.',
  stores: ['neo4j'],
  inject: async target => {
    await changeStore(target, `rm -r ${STORE} ${LOGS}`)
    await waitForStatus(target, 'online')
  },
  expected: {
    found: 'healthy and online, no node, no constraint: an empty graph came up',
    recovered: 'every node and relationship, indexes and constraints too',
  },
}

export const volumeGone: Fault = {
  id: 'graph-volume-gone',
  title: 'Volume emptied',
  sentence: 'Everything in the volume is gone, the users too; Neo4j came up as on its first day.',
  stores: ['neo4j'],
  inject: async target => {
    await changeStore(target, 'find /data -mindepth 1 -delete')
    await waitForStatus(target, 'online')
  },
  expected: {
    found: 'healthy and online, no node; the password is that of NEO4J_AUTH',
    recovered: 'every node and relationship, indexes and constraints too',
  },
}

export const storeCorrupt: Fault = {
  id: 'graph-corrupt',
  title: 'Store does not open',
  sentence: 'The first bytes of the store were overwritten; Neo4j runs, and its database stays offline.',
  stores: ['neo4j'],
  inject: async target => {
    await changeStore(
      target,
      `head -c 64 /dev/zero | tr '\\0' '#' | dd of=${STORE}/neostore conv=notrunc status=none`,
    )
    await waitForStatus(target, 'offline')
  },
  expected: {
    found: 'the container is healthy; SHOW DATABASE says offline, with an error; queries fail',
    recovered: 'the database is online with the content of the backup; the damaged store was moved aside',
  },
}

export const systemCorrupt: Fault = {
  id: 'graph-system-corrupt',
  title: 'Neo4j does not start',
  sentence: 'The first bytes of the store of `system` were overwritten; Neo4j ends at every start.',
  stores: ['neo4j'],
  inject: async target => {
    const overwrite = 'dd of=/data/databases/system/neostore conv=notrunc status=none'
    await changeStore(target, `head -c 64 /dev/zero | tr '\\0' '#' | ${overwrite}`)
    await waitUntilItEnds(target)
  },
  expected: {
    found: 'the container restarts again and again, nobody can log in',
    recovered: 'Neo4j runs with the users and the content of the backup; both stores were moved aside',
  },
}

/** From silent to loud. */
export const NEO4J_FAULTS: readonly Fault[] = [
  nodesDeleted,
  chunksDeleted,
  storeGone,
  volumeGone,
  storeCorrupt,
  systemCorrupt,
]

function graphOf(target: LabTarget) {
  return connectNeo4j(settingsOf(target).neo4j)
}
