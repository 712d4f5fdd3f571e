import { dayOf } from '../lib/format.ts'
import type { Facts } from '../runbook/model.ts'
import type { Usable } from './backups.ts'
import { stampOf } from './retention.ts'

type Work = { candidate: Usable }

/** Keys of everything that a recovery reads: the members that were chosen, what lies beside them, their manifests. */
export function objectsUsed(f: Facts): string[] {
  const { works = {}, candidate } = f as Facts & { works?: Record<string, Work[]>; candidate?: Usable }
  const each = Object.values(works).flat()
  const used = each.length > 0 ? each.map(work => work.candidate) : candidate ? [candidate] : []
  const keys = used.flatMap(({ set, member }) => [
    `sets/${dayOf(stampOf(set))}/${set}.json`,
    member.key,
    ...member.beside.map(({ key }) => key),
  ])
  return [...new Set(keys)]
}
