import type { Output } from '../lib/command.ts'
import { plural } from '../lib/format.ts'
import type { Verdict } from '../runbook/model.ts'
import type { Partner, References, RepairLists } from './references.ts'

const AGAIN: Record<Partner, string> = {
  point: 'to be embedded again',
  node: 'to be added to the graph again',
}

/** What a comparison is held against. */
export interface Known {
  /**
   * How many rows had no partner already when the backup was taken; undefined where its manifest does not say, and then
   * none of them can be called lost.
   */
  gap: number | undefined
  /** This run has restored the partners: rows that were deleted since have theirs again. */
  restored: boolean
}

export function referenceVerdict(o: Output, partner: Partner, lists: RepairLists, known: Known): Verdict {
  const r = JSON.parse(o.stdout) as References
  const found = [`${plural(r.rows, 'row')}, ${plural(r.partners, partner)}`]
  if (r.expected > 0)
    found.push(`${plural(r.expected, 'row')} younger than the backup, ${AGAIN[partner]}: ${lists.missing}`)
  const { gap } = known
  const lost = gap === undefined ? 0 : Math.max(0, r.missing - gap)
  if (lost > 0)
    found.push(
      `${plural(lost, 'older row')} without a ${partner} (such as ${r.samples.join(', ')}): ${lists.missing}`,
    )
  if (r.missing > lost) {
    const without = plural(r.missing - lost, 'row')
    const known = `${without} had no ${partner} in the backup either`
    const unknown = `${without} without a ${partner}, and the backup does not say how many had none`
    found.push(`${gap === undefined ? unknown : known}: ${lists.missing}`)
  }
  if (r.orphans > 0) {
    const such = `${orphanReason(r, known.restored)}; such as ${r.orphaned.join(', ')}`
    found.push(`${plural(r.orphans, partner)} without a row (${such}): ${lists.orphans}`)
  }
  if (r.doubles > 0)
    found.push(`${plural(r.doubles, partner)} more than the rows may have (such as ${r.doubled.join(', ')})`)
  if (r.unkeyed > 0)
    found.push(`${plural(r.unkeyed, partner)} with no key of a row (such as ${r.keyless.join(', ')})`)
  const stray = known.restored ? 0 : r.orphans - r.young
  const failed = lost + stray + r.doubles + r.unkeyed > 0
  const verdict = failed ? 'failed' : r.expected + r.missing + r.orphans > 0 ? 'expected loss' : 'proven'
  return { verdict, found: found.join('; ') }
}

/**
 * A partner that a restore has just brought back had its row when the backup was taken. One that stands there without a
 * restore of its own has lost its row: a restore of PostgreSQL explains that of younger ones, nothing that of the others.
 */
function orphanReason({ orphans, young, old }: References, restored: boolean): string {
  if (restored) return 'deleted since the backup'
  const kinds: [number, string][] = [
    [young, 'younger than the backup'],
    [old, 'older than the backup'],
    [orphans - young - old, 'of unknown age'],
  ]
  const some = kinds.filter(([count]) => count > 0)
  return some.map(([count, age]) => (some.length === 1 ? age : `${count} ${age}`)).join(', ')
}
