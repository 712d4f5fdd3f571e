import { plural } from '../lib/format.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import { type Contents, contentFiles, listSample, type Sampled } from '../stores/content.ts'
import { comparedProperties } from '../stores/neo4j/contents.ts'
import type { Neo4jBase } from '../stores/neo4j/facts.ts'
import type { NodeRelation } from '../stores/neo4j/references.ts'

type OneNodes = Neo4jBase & Sampled & { relation: NodeRelation }

/** Compares nodes with their rows, on a sample. */
export const findDifferentNodes = step<OneNodes, { seen: Contents; list: string }>({
  id: 'find-different-nodes',
  about: 'neo4j',
  title: 'Find nodes that say something else than their rows',
  why: 'Every row can have its node, and the node can say something else.',
  body: s =>
    s
      .keep('list a sample of the rows', f => listSample(f, f.relation, 'node'))
      .read('compare them', comparedProperties, (o, f) => ({
        seen: JSON.parse(o.stdout) as Contents,
        list: contentFiles(f, f.relation.name, 'node').different,
      })) as unknown as Sequence<OneNodes & { seen: Contents; list: string }>,
  summary: ({ seen }) => plural(seen.different, 'node'),
})
