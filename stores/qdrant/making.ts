import { messageOf } from '../../lib/problem.ts'
import type { Candidate } from '../backups.ts'
import type { Run } from '../base.ts'
import { freshName } from './names.ts'
import type { PointRelation } from './references.ts'

/** How a collection that is gone is made anew. */
export interface Making {
  /** Nothing has this name yet. */
  fresh: string
  /** What Qdrant takes for it. */
  params: Record<string, unknown>
  indexes: { name: string; type: string }[]
  /** Who says so: "the manifest of qdrant_…", "the configuration". */
  by: string
}

/**
 * By the newest manifest that has it, whether or not its objects can still be used: it says what was. Else by `create` of
 * the relation. Undefined when neither says it.
 */
export function makingOf(
  run: Run,
  { qdrant }: Pick<PointRelation, 'qdrant'>,
  candidates: readonly Candidate[],
): Making | undefined {
  for (const { id, store, member } of candidates) {
    if (store !== qdrant.store || member.status !== 'success' || member.kind !== 'qdrant') continue
    const behind = member.aliases.find(({ alias }) => alias === qdrant.collection)?.collection
    const was = member.collections.find(({ name }) => name === (behind ?? qdrant.collection))
    if (!was) continue
    const params = was.params as Record<string, unknown>
    return {
      fresh: freshName(was.name, run),
      params,
      indexes: indexesOf(was.payload_schema),
      by: `the manifest of ${id}`,
    }
  }
  if (!qdrant.create) return undefined
  const { params, indexes = {} } = qdrant.create
  return {
    fresh: freshName(qdrant.collection, run),
    params,
    indexes: indexesOf(indexes),
    by: 'the configuration',
  }
}

function indexesOf(schema: Record<string, string>) {
  return Object.entries(schema).map(([name, type]) => ({ name, type }))
}

/** The candidates of a bucket, or none and why: without the bucket there is the configuration. */
export async function orNone(
  list: () => Promise<readonly Candidate[]>,
): Promise<{ candidates: readonly Candidate[]; why?: string }> {
  try {
    return { candidates: await list() }
  } catch (error) {
    return { candidates: [], why: messageOf(error) }
  }
}
