import { compose, states, until } from '../ground.ts'
import type { LabTarget } from '../target.ts'
import type { Fault } from './fault.ts'

type PostgresFault = Omit<Fault, 'stores'>

const tablesEmptied: PostgresFault = {
  id: 'tables-emptied',
  title: 'Tables emptied',
  sentence: 'A clean-up script truncated the documents, and all that refers to them with them.',
  inject: target => sql(target, database(target), 'TRUNCATE documents CASCADE'),
  expected: {
    found: 'PostgreSQL answers and is healthy; three tables are empty, the others as they were',
    recovered: 'every row of the backup, sequences behind none of them',
  },
}

const databaseDropped: PostgresFault = {
  id: 'database-dropped',
  title: 'Database dropped',
  sentence: 'The database of the platform was dropped by somebody who took it for a test.',
  inject: target => sql(target, 'postgres', `DROP DATABASE "${database(target)}" WITH (FORCE)`),
  expected: {
    found: 'PostgreSQL answers and is healthy (pg_isready too); the database does not exist',
    recovered: 'the database is there, with the rows, the encoding and the locale it had',
  },
}

/** Under session_replication_role = replica no trigger runs, and a foreign key is a trigger. */
const referencesBroken: PostgresFault = {
  id: 'references-broken',
  title: 'Foreign keys violated',
  sentence: 'Documents were deleted with the triggers switched off; their chunks refer to nothing.',
  inject: target =>
    sql(
      target,
      database(target),
      'SET session_replication_role = replica; DELETE FROM documents WHERE id % 97 = 0',
    ),
  expected: {
    found: 'healthy, every constraint "validated"; chunks without a document',
    recovered: 'every chunk has its document again',
  },
}

const controlFileCut: PostgresFault = {
  id: 'control-file-cut',
  title: 'Control file cut off',
  sentence: 'pg_control was written half, as in a power cut; PostgreSQL dies of it at every start.',
  inject: target => damageFiles(target, 'truncate -s 100 "$PGDATA/global/pg_control"'),
  expected: {
    found: 'the container restarts again and again; the log names pg_control',
    recovered:
      'a new cluster with the rows of the backup and its roles; the damaged one in a volume of its own',
  },
}

const versionFileWrong: PostgresFault = {
  id: 'version-file-wrong',
  title: 'Version file wrong',
  sentence: 'PG_VERSION holds another version, as after a copy from elsewhere; PostgreSQL refuses to start.',
  inject: target => damageFiles(target, 'echo 11 > "$PGDATA/PG_VERSION"'),
  expected: {
    found: 'the container restarts again and again; the log says that the files are incompatible',
    recovered:
      'a new cluster with the rows of the backup and its roles; the damaged one in a volume of its own',
  },
}

/** From silent to loud. */
export const POSTGRES_FAULTS: readonly Fault[] = [
  referencesBroken,
  tablesEmptied,
  databaseDropped,
  versionFileWrong,
  controlFileCut,
].map(fault => ({ ...fault, stores: ['postgres'] }))

function database({ env }: LabTarget): string {
  return env.POSTGRES_DB || 'ai_platform'
}

/** Statements on the server's own socket, which asks for no password. */
async function sql(target: LabTarget, name: string, statements: string): Promise<void> {
  const who = ['-U', target.env.POSTGRES_USER || 'ai_user', '-d', name]
  await compose(
    target,
    'exec',
    '-T',
    'postgres',
    'psql',
    '-X',
    '-v',
    'ON_ERROR_STOP=1',
    ...who,
    '-c',
    statements,
  )
}

/** Stops PostgreSQL cleanly, changes its files, and starts it: it dies of them. */
async function damageFiles(target: LabTarget, script: string): Promise<void> {
  await compose(target, 'stop', '-t', '60', 'postgres')
  try {
    const run = ['run', '--rm', '--no-deps', '-T', '--entrypoint', 'bash', 'postgres']
    await compose(target, ...run, '-c', `set -euo pipefail\n${script}`)
  } finally {
    await compose(target, 'start', 'postgres')
  }
  await until('postgres dies at its start', 60, async () => {
    const postgres = (await states(target)).find(each => each.service === 'postgres')
    return postgres?.state === 'restarting' || undefined
  })
}
