import type { Output } from '../lib/command.ts'
import { plural } from '../lib/format.ts'
import type { Verdict } from '../runbook/model.ts'
import type { EdgeLists, Edges } from './edges.ts'
import type { Known } from './reference-verdict.ts'

/** `gap` is how many were wrong already when the backup was taken. */
export function edgeVerdict(o: Output, lists: EdgeLists, { gap }: Pick<Known, 'gap'>): Verdict {
  const e = JSON.parse(o.stdout) as Edges
  const found = [`${plural(e.rows, 'row')} that refer to another, ${plural(e.edges, 'relationship')}`]
  const tell = (count: number, what: string, samples: readonly string[], list: string) => {
    if (count > 0)
      found.push(`${plural(count, 'relationship')} ${what} (such as ${samples.join(', ')}): ${list}`)
  }
  if (e.expected > 0)
    found.push(`${plural(e.expected, 'row')} younger than the backup, to be related: ${lists.missing}`)
  tell(e.missing, 'missing', e.samples.missing, lists.missing)
  tell(e.repointed, 'to another node than the row says', e.samples.repointed, lists.repointed)
  tell(e.additional, 'too many', e.samples.additional, lists.additional)
  const wrong = e.missing + e.repointed + e.additional
  const known = Math.min(gap ?? wrong, wrong)
  if (wrong > 0 && gap === undefined) found.push('the backup does not say how many were wrong in it')
  else if (known > 0) found.push(`${known} were wrong in the backup too`)
  const verdict = wrong > known ? 'failed' : wrong + e.expected > 0 ? 'expected loss' : 'proven'
  return { verdict, found: found.join('; ') }
}
