import { EXIT, Problem } from '../../../lib/problem.ts'
import type { ForeignKey } from './catalogue.ts'

/** Tables in the order in which their rows can be written, and whether foreign keys have to wait for the end. */
export interface Order {
  tables: string[]
  deferred: boolean
}

/**
 * Parents first. A table that refers to itself needs nothing: a foreign key is checked at the end of the
 * statement. Tables in a circle work when a foreign key of it can be deferred; otherwise a Problem is thrown.
 */
export function parentsFirst(names: readonly string[], foreignKeys: readonly ForeignKey[]): Order {
  const inside = foreignKeys.filter(
    key => key.child !== key.parent && names.includes(key.child) && names.includes(key.parent),
  )
  const strict = arranged(names, inside)
  if (strict) return { tables: strict, deferred: false }
  const fixed = arranged(
    names,
    inside.filter(key => !key.deferrable),
  )
  if (fixed) return { tables: fixed, deferred: true }
  throw new Problem(
    `${names.join(', ')} refer to each other in a circle, and no foreign key of it can wait`,
    {
      exitCode: EXIT.badInput,
      hint: 'bring them back table by table (--set rows=…), or make one of the foreign keys DEFERRABLE first',
    },
  )
}

function arranged(names: readonly string[], foreignKeys: readonly ForeignKey[]): string[] | undefined {
  const out: string[] = []
  let left = [...names]
  while (left.length > 0) {
    const free = left.filter(
      name => !foreignKeys.some(key => key.child === name && left.includes(key.parent)),
    )
    if (free.length === 0) return undefined
    out.push(...free)
    left = left.filter(name => !free.includes(name))
  }
  return out
}
