import { count, plural } from '../../lib/format.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Inspection } from './inspect.ts'
import { type PostgresMember, rowsOf } from './member.ts'

type Expected = Pick<PostgresMember, 'tables' | 'sequences' | 'objects' | 'large_objects'>

/** How many differences one sentence names. */
const NAMED = 4

/**
 * Holds what was read against what the backup holds: every table with its rows, every sequence, every
 * definition. `sameVersion`: another version of the server may word the same definition differently, so
 * then only missing ones count.
 */
export function sameContent(seen: Inspection, expected: Expected, sameVersion: boolean): Verdict {
  const wrong = differences(seen, expected, sameVersion)
  if (wrong.length > 0) {
    const more = wrong.length > NAMED ? `; and ${wrong.length - NAMED} more` : ''
    return { verdict: 'failed', found: wrong.slice(0, NAMED).join('; ') + more }
  }
  const { tables, sequences, objects } = expected
  const rows = `${plural(tables.length, 'table')}, ${count(rowsOf(tables))} rows, all equal`
  const rest = [plural(sequences.length, 'sequence'), plural(Object.keys(objects).length, 'definition')]
  return { verdict: 'proven', found: [rows, ...rest].join(', ') }
}

export function differences(seen: Inspection, expected: Expected, sameVersion: boolean): string[] {
  if (seen.unreadable) return [`it cannot be read: ${seen.unreadable}`]
  const large = expected.large_objects - seen.large_objects
  return [
    ...tableDifferences(seen, expected),
    ...sequenceDifferences(seen, expected),
    ...objectDifferences(seen, expected, sameVersion),
    ...(large === 0 ? [] : [`${seen.large_objects} large objects, ${expected.large_objects} in the backup`]),
  ]
}

function tableDifferences(seen: Inspection, { tables }: Expected): string[] {
  const there = new Map(seen.tables.map(table => [table.name, table]))
  const wrong = tables.flatMap(({ name, rows, fingerprint }) => {
    const found = there.get(name)
    there.delete(name)
    if (!found) return [`${name} is missing`]
    if (found.rows !== rows) return [`${name}: ${count(found.rows)} rows, ${count(rows)} in the backup`]
    return found.fingerprint === fingerprint
      ? []
      : [`${name}: ${count(rows)} rows, but their content differs`]
  })
  return [...wrong, ...[...there.keys()].map(name => `${name} is not in the backup`)]
}

function sequenceDifferences(seen: Inspection, { sequences }: Expected): string[] {
  const there = new Map(seen.sequences.map(({ name, value }) => [name, value]))
  return sequences.flatMap(({ name, value }) => {
    const found = there.get(name)
    return found === value ? [] : [`sequence ${name} is at ${found ?? 'nothing'}, in the backup at ${value}`]
  })
}

function objectDifferences(seen: Inspection, { objects }: Expected, sameVersion: boolean): string[] {
  return Object.entries(objects).flatMap(([name, digest]) => {
    const found = seen.objects[name]
    if (found === undefined) return [`${name} is missing`]
    return found === digest || !sameVersion ? [] : [`${name} is defined differently`]
  })
}
