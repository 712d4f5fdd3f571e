import { step } from '../runbook/tree.ts'
import { assessPostgres as lookAtPostgres } from '../stores/postgres/assess.ts'
import type { PostgresAssessed, PostgresBase } from '../stores/postgres/facts.ts'
import { type Around, details, LOGS_FIRST, lookAround, TROUBLE, told } from './assess.ts'

export const assessPostgres = step<PostgresBase, Around & PostgresAssessed>({
  id: 'assess-postgres',
  about: 'postgres',
  title: 'Assess PostgreSQL',
  why: `Look before anything is touched: what answers, what is damaged, what the backups hold. A table can be empty and
every service green, so all rows are read and compared with the newest backup, and every foreign key is checked
against its rows: the catalogue calls a constraint valid that is not. ${LOGS_FIRST}`,
  trouble: TROUBLE,
  body: s => lookAround(s).use(lookAtPostgres),
  summary: told,
  details,
})
