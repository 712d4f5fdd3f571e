import { count, duration, plural } from '../../lib/format.ts'
import type { StoreBinding } from '../base.ts'
import { admin } from './commands.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { younger } from './findings.ts'
import { contentsPostgres } from './member.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen

/** Fence, end of sessions and renames. */
const SWAP_SECONDS = 5
/** Stop, start and initdb of a cluster. */
const CLUSTER_SECONDS = 40
/** A restore builds indexes and checks foreign keys: so many times as long as reading the archive. */
const RESTORE_FACTOR = 4
/** The archive is read once more, then the side database and what the platform reads. */
const READS = 3

/** Bound to the databases there are, by name and identity. How many rows are live is shown, not bound. */
export const bindPostgres: StoreBinding<Needs> = {
  looks: f => (f.up ? [admin(f, NAMES)] : []),
  derive: ([names]) => ({ databases: names ? names.stdout.trim().split('\n').join(' ') : 'not answering' }),
  lines: f => [
    `restore   ${f.store.database} (${contentsPostgres(f.candidate.member)}) beside, then in its place`,
    ...(f.missingRoles.length > 0
      ? [`roles     ${f.missingRoles.join(', ')}: made again, from beside the backup`]
      : []),
    `kept      ${kept(f)}`,
    `loss      ${loss(f)}`,
  ],
  seconds: f => {
    const { prove_seconds } = f.candidate.member
    return (READS + RESTORE_FACTOR) * prove_seconds + SWAP_SECONDS + (f.makesCluster ? CLUSTER_SECONDS : 0)
  },
  undoSeconds: f => SWAP_SECONDS + (f.makesCluster ? CLUSTER_SECONDS : 0),
}

const NAMES = 'SELECT datname, oid FROM pg_database WHERE NOT datistemplate ORDER BY datname'

function kept(f: Needs): string {
  if (f.path === 'cluster')
    return `the damaged cluster with all of its databases, as the volume ${f.keptVolume}`
  const there = f.databases.some(({ name }) => name === f.store.database)
  return there ? `the damaged database, as ${f.kept}` : 'nothing: the database is gone'
}

function loss(f: Needs): string {
  const age = duration(Date.now() - Date.parse(f.candidate.member.started))
  const more = younger(f.live, f.candidate.member.tables)
  if (more.length === 0) return `what was written in the last ${age}`
  const told = more.map(({ name, rows }) => `${name} ${count(rows)}`).join(', ')
  const rows = more.reduce((sum, table) => sum + table.rows, 0)
  return `what was written in the last ${age}: at least ${plural(rows, 'row')} (${told}); they stay in ${f.kept}`
}
