import { docker } from '../ground.ts'
import { describePostgres, isWhole, lookAtPostgres } from '../oracle-postgres.ts'
import { connectPostgres } from '../platform/postgres.ts'
import { readCorpus } from '../seed/corpus.ts'
import { type LabTarget, settingsOf, volumeName } from '../target.ts'
import type { Claim, Known } from './proof.ts'

/** Faults after which PostgreSQL does not start: what is kept is a volume. */
const CLUSTER = ['version-file-wrong', 'control-file-cut']
/** Faults after which nothing of the database is left to be kept. */
const GONE = ['database-dropped']

/** Rows, names and quarantine, compared with the seed. */
export async function provePostgres(target: LabTarget, known: Known): Promise<Claim[]> {
  const found = await lookAtPostgres(target, readCorpus(target.root), known.scale)
  const { encoding, collate } = found
  return [
    {
      say: 'every row of the seed is as it was, with its keys and indexes',
      holds: isWhole(found),
      seen: describePostgres(found),
    },
    {
      say: 'encoding and locale of the database are those it had',
      holds: encoding === 'UTF8' && collate === 'en_US.utf8',
      seen: `${encoding}, ${collate}`,
    },
    ...(known.right.stores.includes('postgres') ? await quarantine(target, known) : []),
  ]
}

/** Nothing of the damaged data is deleted before a person says so, and nothing else is left behind. */
async function quarantine(target: LabTarget, { fault }: Known): Promise<Claim[]> {
  const databases = await databaseNames(target)
  const kept = databases.filter(({ name }) => /_pre_\d{8}_\d{6}$/.test(name))
  const volumes = await keptVolumes(target)
  const left = databases.filter(({ name }) => /_r_\d{8}_\d{6}$/.test(name))
  const seen = [...kept.map(({ name }) => name), ...volumes].join(', ') || 'nowhere'
  const fenced = kept.length > 0 && kept.every(({ open }) => !open)
  const holds = CLUSTER.includes(fault.id) ? volumes.length > 0 : GONE.includes(fault.id) || fenced
  return [
    { say: 'what was damaged is still there, and nobody can connect to it', holds, seen },
    {
      say: 'no database of the recovery is left over',
      holds: left.length === 0,
      seen: left.map(({ name }) => name).join(', ') || 'none',
    },
  ]
}

/** Every database but the templates; `open` when one can connect to it. */
export async function databaseNames(target: LabTarget): Promise<{ name: string; open: boolean }[]> {
  const postgres = connectPostgres({ ...settingsOf(target).postgres, database: 'postgres' }, 'drill')
  try {
    return await postgres.query<{ name: string; open: boolean }>(
      'SELECT datname AS name, datallowconn AS open FROM pg_database WHERE NOT datistemplate ORDER BY 1',
    )
  } finally {
    await postgres.close()
  }
}

/** Copies of clusters that did not start. */
export async function keptVolumes(target: LabTarget): Promise<string[]> {
  const filter = `name=^${volumeName(target, 'postgres_data')}_pre_`
  return (await docker(target, ['volume', 'ls', '-q', '--filter', filter])).split('\n').filter(Boolean)
}
