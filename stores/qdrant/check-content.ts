import type { Sequence } from '../../runbook/tree.ts'
import {
  contentFiles,
  contentVerdict,
  fieldsOf,
  listSample,
  listSampleKeys,
  type Sampled,
} from '../content.ts'
import { relationsWith } from '../references.ts'
import { vectorVerdict } from '../vectors.ts'
import { comparePayloads, compareVectors } from './contents.ts'
import type { QdrantBase } from './facts.ts'
import { howPoints, type PointRelation } from './references.ts'

type One = QdrantBase & Sampled & { relation: PointRelation }

/** Points say what their rows say, and have the vectors that the platform would give them: on a sample. */
export const checkPointContent = <F extends QdrantBase & Sampled>(s: Sequence<F>) => {
  const part = (s as unknown as Sequence<QdrantBase & Sampled>)
    .each(
      'relation',
      f => relationsWith(f, 'qdrant').filter(hasFields),
      s =>
        s
          .keep('list a sample of the rows', f => listSample(f, f.relation, 'point'))
          .check('every point says what its row says', comparedPayloads, (o, f) =>
            contentVerdict(o, 'point', contentFiles(f, f.relation.name, 'point').different),
          ),
      'For each relation with content',
    )
    .each(
      'relation',
      f => relationsWith(f, 'qdrant').filter(({ qdrant }) => qdrant.embed !== undefined),
      s =>
        computeVectors(s).check('every point has the vector of its row', comparedVectors, (o, f) =>
          vectorVerdict(o, vectorFiles(f).different),
        ),
      'For each relation whose vectors can be computed',
    )
  return part as unknown as Sequence<F>
}

export function hasFields(relation: PointRelation): boolean {
  return fieldsOf(relation, 'point').length > 0
}

export function comparedPayloads(f: One) {
  const { name, qdrant } = f.relation
  const { rows, different } = contentFiles(f, name, 'point')
  const fields = fieldsOf(f.relation, 'point').map(({ field }) => field)
  return comparePayloads(f.store, qdrant.collection, rows, fields, different, howPoints(qdrant))
}

/** The platform is asked, because only it knows how a text becomes a vector; nothing is written. */
export function computeVectors<F extends One>(s: Sequence<F>): Sequence<F> {
  return s
    .keep('list the keys of a sample', f => listSampleKeys(f, f.relation, vectorFiles(f).keys))
    .keep('have the platform compute their vectors', f => {
      const { service, command } = f.relation.qdrant.embed!
      const { keys, given } = vectorFiles(f)
      return f.target.runtime.exec(service, command, {
        stdin: { file: keys },
        stdout: given,
        limits: { total: 7200 },
      })
    })
}

export function comparedVectors(f: One) {
  const { collection } = f.relation.qdrant
  const { keys, given, different } = vectorFiles(f)
  return compareVectors(f.store, collection, keys, given, different, howPoints(f.relation.qdrant))
}

/** Keys of the sample, what the platform gave for them, and keys of points with another vector. */
export function vectorFiles({ run, relation }: Pick<One, 'run' | 'relation'>) {
  return {
    keys: `${run.folder}/rows_${relation.name}_vectors.tsv`,
    given: `${run.folder}/rows_${relation.name}_vectors.jsonl`,
    different: `${run.folder}/different_vectors_${relation.name}.txt`,
  }
}
