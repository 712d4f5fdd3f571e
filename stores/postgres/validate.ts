import type { Sequence } from '../../runbook/tree.ts'
import { checkPostgres, reach, reached } from './checks.ts'
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
    .let('hold it against the backup', f => ({ backup: f.candidate, restored: true }))
    .use(checkPostgres)

/** What holds of a database that goes on, after rows were brought back into it. */
export const soundPostgres = <F extends PostgresBase>(s: Sequence<F>) =>
  s
    .check('it can be reached over TCP with its password', reach, reached)
    .check(
      'its references and indexes are sound',
      f => inspectReferences(f.target, f.store, [f.store.database]),
      references,
    )
