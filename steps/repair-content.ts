import type { Output } from '../lib/command.ts'
import { plural } from '../lib/format.ts'
import type { Verdict, WorldState } from '../runbook/model.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import { contentFiles, listSample, type Sampled } from '../stores/content.ts'
import { replacePoints } from '../stores/qdrant/carry.ts'
import {
  comparedPayloads,
  comparedVectors,
  computeVectors,
  vectorFiles,
} from '../stores/qdrant/check-content.ts'
import { keepPoints } from '../stores/qdrant/contents.ts'
import type { QdrantBase } from '../stores/qdrant/facts.ts'
import { howPoints, type PointRelation } from '../stores/qdrant/references.ts'

/** What of a point contradicts its row. */
export type Aspect = 'payload' | 'vector'

export type OnePoints = QdrantBase & Sampled & { relation: PointRelation }

/** How many points of the sample differ, and some of them. */
export interface Different {
  different: number
  samples: string[]
}

export type DifferentPoints = OnePoints & { seen: Different }

const LISTS: Record<Aspect, (f: OnePoints) => string> = {
  payload: f => contentFiles(f, f.relation.name, 'point').different,
  vector: f => vectorFiles(f).different,
}
const COMPARE = { payload: comparedPayloads, vector: comparedVectors }

/** Keys of the points that differ, one a line. */
export function differentList(aspect: Aspect, f: OnePoints): string {
  return LISTS[aspect](f)
}

/** The points as they were before they were made anew: `tools/points.ts replace` brings them back. */
export function replacedFile(aspect: Aspect, { run, relation }: Pick<OnePoints, 'run' | 'relation'>): string {
  return `${run.folder}/replaced_${aspect}s_${relation.name}.jsonl`
}

/** Compares points with their rows, or their vectors with what the platform would give them, on a sample. */
export function findDifferent(aspect: Aspect) {
  return step<OnePoints, DifferentPoints>({
    id: `find-different-${aspect}s`,
    about: 'qdrant',
    title: `Find points whose ${aspect} is not the one of their row`,
    why: `Every row can have its point and still be found under the words of another one.`,
    body: s => {
      const begun =
        aspect === 'vector'
          ? computeVectors(s)
          : s.keep('list a sample of the rows', f => listSample(f, f.relation, 'point'))
      return begun.read('compare them', COMPARE[aspect], o => ({
        seen: JSON.parse(o.stdout) as Different,
      })) as unknown as Sequence<DifferentPoints>
    },
    summary: ({ seen }) => plural(seen.different, 'point'),
  })
}

/** Has the platform make them anew from their rows, after they were saved as they are. */
export function renewPoints(aspect: Aspect) {
  return step<DifferentPoints, unknown>({
    id: `renew-${aspect}s`,
    about: 'qdrant',
    title: `Make the points anew whose ${aspect} is wrong`,
    why: `Their rows are there, and the platform makes points of rows. What is overwritten is saved before, vector and
payload, so that it can be brought back.`,
    body: s =>
      s
        .keep('save them as they are', f =>
          keepPoints(
            f.store,
            f.relation.qdrant.collection,
            differentList(aspect, f),
            replacedFile(aspect, f),
            howPoints(f.relation.qdrant),
          ),
        )
        .write('run the command of the platform', {
          run: f => {
            const { service, command } = f.relation.qdrant.reindex!
            return f.target.runtime.exec(service, command, {
              stdin: { file: differentList(aspect, f) },
              limits: { total: 7200 },
            })
          },
          probe: { look: COMPARE[aspect], state: renewed },
          undo: f => replacePoints(f.store, f.relation.qdrant.collection, replacedFile(aspect, f)),
          repeatable: true,
        })
        .check(`every point has the ${aspect} of its row now`, COMPARE[aspect], allEqual),
    summary: ({ seen }) => plural(seen.different, 'point'),
  })
}

export function renewed(o: Output, { seen }: { seen: Different }): WorldState {
  const { different } = JSON.parse(o.stdout) as Different
  return different === 0 ? 'done' : different >= seen.different ? 'absent' : 'partial'
}

function allEqual(o: Output): Verdict {
  const { different, samples } = JSON.parse(o.stdout) as Different
  const found = `${plural(different, 'point')} of the sample different${different > 0 ? `: ${samples.join(', ')}` : ''}`
  return { verdict: different === 0 ? 'proven' : 'failed', found }
}
