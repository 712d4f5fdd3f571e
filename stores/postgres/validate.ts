import type { Output } from '../../lib/command.ts'
import { plural } from '../../lib/format.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { checkPostgres, reach, reached } from './checks.ts'
import { psql } from './commands.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { inspectDatabase, inspectReferences } from './inspect.ts'
import { content, references } from './prove.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen

/** Over TCP, with the name and the password that the platform uses. */
export const validatePostgres = (s: Sequence<Needs>) =>
  s
    .check(
      'what the platform reads is the backup, whole',
      f => inspectDatabase(f.target, f.store, [f.store.database]),
      content,
    )
    .check(
      'what was written after the backup is lost, and nothing else',
      f => psql(f.target.runtime, f.store, 'SELECT now()'),
      younger,
    )
    .let('hold it against the backup', f => ({ backup: f.candidate, restored: true }))
    .use(checkPostgres)

/** How much was younger than the backup can be told only of a database that could still be read. */
export function younger(_: Output, { live, candidate }: Pick<Needs, 'live' | 'candidate'>): Verdict {
  const { tables, started } = candidate.member
  const was = new Map(tables.map(({ name, rows }) => [name, rows]))
  const grown = (live?.inspection.tables ?? []).flatMap(({ name, rows }) => {
    const more = rows - (was.get(name) ?? 0)
    return more > 0 ? [`${plural(more, 'row')} of ${name}`] : []
  })
  const since = started.slice(0, 19)
  const found =
    grown.length > 0
      ? `${grown.join(', ')}: tables that have grown since ${since}`
      : `writes since ${since}; how many they were, the damaged database does not show`
  return { verdict: 'expected loss', found }
}

/** What holds of a database that goes on, after rows were brought back into it. */
export const soundPostgres = <F extends PostgresBase>(s: Sequence<F>) =>
  s
    .check('it can be reached over TCP with its password', reach, reached)
    .check(
      'its references and indexes are sound',
      f => inspectReferences(f.target, f.store, [f.store.database]),
      references,
    )
