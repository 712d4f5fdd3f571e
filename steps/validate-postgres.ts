import { step } from '../runbook/tree.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from '../stores/postgres/facts.ts'
import { validatePostgres as provePostgres } from '../stores/postgres/validate.ts'
import { TROUBLE } from './validate.ts'

export const validatePostgres = step<PostgresBase & PostgresAssessed & PostgresChosen, unknown>({
  id: 'validate-postgres',
  about: 'postgres',
  title: 'Validate what the platform will read from PostgreSQL',
  why: `The same data is read once more, now over the network, with the password and the name that the platform uses: rows and
their fingerprints against the backup, foreign keys, indexes and sequences.`,
  trouble: TROUBLE,
  survey: true,
  body: s => s.use(provePostgres),
})
