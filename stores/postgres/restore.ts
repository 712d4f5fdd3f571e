import type { Output } from '../../lib/command.ts'
import type { WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { databaseNamed, whichExist } from './cluster-state.ts'
import { admin, connect, inside, script } from './commands.ts'
import { explained } from './explain.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { inspectDatabase, inspectReferences } from './inspect.ts'
import { lookAtNew, newCluster, type Renewed } from './new-cluster.ts'
import { type Properties, propertiesQuery, sameProperties } from './properties.ts'
import { content, references } from './prove.ts'
import { explainRestore, filled, STRUCTURE_QUERY } from './restoring.ts'
import { bringMissingRoles } from './roles.ts'
import { ident } from './sql.ts'
import { swap } from './swap.ts'
import { archive } from './verify.ts'
import { inRestored, isSwapped, type Replacing } from './where.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen

/** How many tables and indexes are restored at the same time. */
const JOBS = 4

/**
 * Beside, prove, switch. The backup is restored into a database of its own, proven there, and only then do
 * two renames in one transaction put it in the place of the damaged one, which is kept.
 */
export const restorePostgres = (s: Sequence<Needs>) =>
  s
    .gather(
      'cluster',
      f => (f.makesCluster ? [f.store.service] : []),
      s => s.use(newCluster),
      'clusters',
      f => f.renewed,
      'If the cluster does not start',
    )
    .gather(
      'sharing',
      f => (f.path === 'cluster' && !f.makesCluster ? [f.store.service] : []),
      s => s.use(lookAtNew),
      'shared',
      f => f.renewed,
      'If another store of this run has made it anew',
    )
    .let('see what there is to replace, and to bring back', f => inCluster(f, f.clusters[0] ?? f.shared[0]))
    .when(
      'roles of the backup are missing',
      f => f.missingRoles.length > 0,
      s => s.use(bringMissingRoles),
    )
    .use(restoreBeside)
    // From here on names change. Everything above can be thrown away without anybody noticing.
    .use(swap)

/** Into a database of its own, proven there; nothing that is live is touched. */
export const restoreBeside = (s: Sequence<Needs & Replacing>) =>
  s
    .write('put the backup into its container', {
      run: f => inContainer(f, ['sh', '-c', `umask 077 && cat > ${staged(f)}`], archive(f)),
      probe: {
        look: f => inContainer(f, ['sh', '-c', `stat -c %s ${staged(f)} 2>/dev/null || echo none`]),
        state: (o, f) => stagedState(o, f),
      },
      undo: f => removeStaged(f),
      size: f => f.candidate.member.size_bytes,
    })
    .write('make an empty database beside', {
      run: f => script(f, `${f.create};`),
      probe: { look: f => exist(f), state: (o, f) => (isThere(o, f) ? 'done' : 'absent') },
      undo: f => removeSide(f),
    })
    .write('restore into it', {
      run: restore,
      probe: { look: f => inRestored(f, STRUCTURE_QUERY), state: (o, f) => filled(o, f.candidate.member) },
      // A half-filled database cannot be continued: it is made again, empty.
      undo: f => script(f, `${dropSide(f)}\n${f.create};`, { seconds: 120 }),
      spent: f => removeSide(f),
      size: f => f.candidate.member.size_bytes,
    })
    .when(
      'it has settings, privileges or a comment of its own',
      f => f.carried !== '',
      s =>
        s.write('give it those of the database it replaces', {
          run: f => script(f, `BEGIN;\n${f.carried};\nCOMMIT;`),
          probe: { look: f => inRestored(f, propertiesQuery()), state: carriedState },
          undo: { none: 'they go with the database beside' },
          spent: f => removeSide(f),
        }),
    )
    .use(proveSide)
    .write('let the planner know it', {
      // Statistics are in no dump; without them the first queries are slow enough to look like an outage.
      run: f => script(f, 'ANALYZE;', { database: f.side, seconds: 3600 }),
      probe: {
        look: f => inRestored(f, NOT_ANALYSED),
        state: o => (o.stdout.trim() === '0' ? 'done' : 'absent'),
      },
      undo: { none: 'they go with the database beside' },
      spent: f => removeSide(f),
    })
    .write('remove the backup from its container', {
      run: removeStaged,
      probe: {
        look: f => inContainer(f, ['sh', '-c', `test -e ${staged(f)} && echo there || echo none`]),
        state: o => (o.stdout.trim() === 'none' ? 'done' : 'absent'),
      },
      undo: { none: 'it is a copy' },
    })

const proveSide = (s: Sequence<Needs & Replacing>) =>
  s
    .check(
      'its content is that of the backup',
      f => inspectDatabase(f.target, f.store, [f.side, f.store.database]),
      content,
    )
    .check(
      'its references and indexes are sound',
      f => inspectReferences(f.target, f.store, [f.side, f.store.database]),
      references,
    )

const NOT_ANALYSED = `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.reltuples < 0 AND n.nspname NOT IN ('pg_catalog', 'information_schema')`

/** What was seen before anything was done holds, but for a cluster that was made anew since. */
function inCluster(f: Needs, renewed: Renewed | undefined): Replacing & Pick<PostgresChosen, 'missingRoles'> {
  const { missingRoles } = f
  return renewed ?? { replaces: databaseNamed(f.databases, f.store.database) !== undefined, missingRoles }
}

function staged(f: PostgresBase): string {
  return `/tmp/${f.store.name}-${f.run.id}.dump`
}

function inContainer(f: PostgresBase, argv: string[], file?: string) {
  const stdin = file === undefined ? {} : { stdin: { file } }
  return f.target.runtime.exec(f.store.service, argv, { limits: { total: 3600 }, ...stdin })
}

function removeStaged(f: PostgresBase) {
  return inContainer(f, ['rm', '-f', staged(f)])
}

function stagedState(o: Output, f: Needs): WorldState {
  const size = o.stdout.trim()
  if (size === 'none') return 'absent'
  return Number(size) === f.candidate.member.size_bytes ? 'done' : 'partial'
}

/** The file is in the container, because several jobs cannot read one stdin. */
function restore(f: Needs) {
  const argv = [
    'pg_restore',
    ...connect(f.store, f.side),
    '-w',
    '--exit-on-error',
    '-j',
    String(JOBS),
    staged(f),
  ]
  const { env } = inside(f.store)
  const { PGPASSWORD } = env as { PGPASSWORD: typeof f.store.password }
  const run = f.target.runtime.exec(f.store.service, argv, { env: { PGPASSWORD }, limits: { total: 7200 } })
  return { ...explained(run, f.store), explain: explainRestore }
}

/** Made by this run and never live: the only database that is dropped without a person saying so. */
function dropSide(f: Pick<PostgresChosen, 'side'>): string {
  return `DROP DATABASE IF EXISTS ${ident(f.side)} WITH (FORCE);`
}

export function removeSide(f: PostgresBase & Pick<PostgresChosen, 'side'>) {
  return script(f, dropSide(f), { seconds: 120 })
}

function exist(f: Needs) {
  return admin(f, whichExist([f.side, f.kept, f.store.database]))
}

function isThere(o: Output, f: Needs & Replacing): boolean {
  return o.stdout.split('\n').includes(f.side) || isSwapped(o, f)
}

function carriedState(o: Output, f: Needs): WorldState {
  const text = o.stdout.trim()
  return text !== '' && sameProperties(JSON.parse(text) as Properties, f.properties) ? 'done' : 'absent'
}
