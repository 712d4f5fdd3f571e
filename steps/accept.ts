import { duration } from '../lib/format.ts'
import type { Target } from '../lib/target.ts'
import type { Sequence } from '../runbook/tree.ts'
import type { Usable } from '../stores/backups.ts'

/** What was chosen to be restored, by the id under which a person knows it. */
export interface Picked {
  id: string
  members: readonly Usable[]
}

/** Law 5: what is old, or comes from elsewhere, is shown as such and needs a typed override. */
export function accepted<F>(s: Sequence<F>, picked: (f: F) => Picked, target: (f: F) => Target): Sequence<F> {
  const odd = (f: F) => oddities(picked(f).members, target(f))
  return s.when(
    'it is older than the RPO allows, or was taken of another installation',
    f => odd(f).length > 0,
    s =>
      s.ask({
        id: 'accept',
        say: 'It is old or of another installation. Type its id to use it all the same',
        typed: true,
        suggest: f => picked(f).id,
        refuse: (answer, f) => {
          const { id } = picked(f)
          if (answer.trim() === id) return undefined
          return `${odd(f).join(', and ')}; type ${id} to use it, Esc declines`
        },
      }),
  )
}

/** Of members that belong together the oldest counts. */
function oddities(members: readonly Usable[], target: Target): string[] {
  const age = Date.now() - Math.min(...members.map(({ member }) => Date.parse(member.started)))
  const elsewhere = members.find(({ source }) => source.project !== target.runtime.project)
  return [
    ...(age > target.rpoHours * 3_600_000 ? [`it is ${duration(age)} old`] : []),
    ...(elsewhere ? [`it is of project ${elsewhere.source.project}`] : []),
  ]
}
