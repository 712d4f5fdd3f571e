import type { Sequence } from '../../runbook/tree.ts'
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
    .use(soundPostgres)

/** What holds whatever has been written since the backup. */
export const soundPostgres = <F extends PostgresBase>(s: Sequence<F>) =>
  s
    .check(
      'PostgreSQL lets the platform in',
      f => psql(f.target.runtime, f.store, 'SELECT current_database(), current_user'),
      o => ({ verdict: 'proven', found: o.stdout.trim().replace('|', ' as ') }),
    )
    .check(
      'its references and indexes are sound',
      f => inspectReferences(f.target, f.store, [f.store.database]),
      references,
    )
