import type { Output } from '../../lib/command.ts'
import { stateOf } from '../../lib/runtime.ts'
import type { WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { CLUSTER_QUERY, databaseNamed, readCluster } from './cluster-state.ts'
import { admin, SILENT } from './commands.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { allButPresent, bringRoles } from './roles.ts'
import type { Replacing } from './where.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen

/** Where a one-off container sees the volume that the copy is kept in; the mark says that it is proven equal. */
const KEPT = '/kept'
const COPY = `${KEPT}/data`
const PROVEN = `${KEPT}/proven`

/**
 * A cluster that does not start is copied, cold and file by file, into a volume of its own before anything
 * else: whatever can still be read of it can be read there. Only when the copy is proven equal is the volume
 * emptied, and the image makes a new cluster in it. Never pg_resetwal on the only copy.
 */
export const newCluster = (s: Sequence<Needs>) =>
  s
    .use(keepCopy)
    .use(startEmpty)
    .read(
      'see which roles its image has made',
      f => admin(f, 'SELECT rolname FROM pg_roles'),
      o => ({ present: o.stdout.split('\n').filter(role => role !== '' && !role.startsWith('pg_')) }),
    )
    .keep('take out the roles that are there already', allButPresent)
    .use(bringRoles)
    .use(lookAtNew)

/** What a cluster that was made anew has, and what it lacks for one store. */
export type Renewed = Replacing & Pick<PostgresChosen, 'missingRoles'>

export const lookAtNew = <F extends Needs>(s: Sequence<F>) =>
  (s as unknown as Sequence<Needs>).read(
    'see which databases and roles it has now',
    f => admin(f, CLUSTER_QUERY),
    (o, f) => ({ renewed: renewedOf(o, f) }),
  )

function renewedOf(o: Output, f: Needs): Renewed {
  const { databases, roles } = readCluster(o, f.store)
  return {
    replaces: databaseNamed(databases, f.store.database) !== undefined,
    missingRoles: f.missingRoles.filter(role => !roles.includes(role)),
  }
}

const keepCopy = (s: Sequence<Needs>) =>
  s
    .write('stop PostgreSQL, which only tries to start', {
      run: f => f.target.runtime.stop([f.store.service], f.target.graceSeconds),
      probe: { look: f => f.target.runtime.states(), state: (o, f) => (runs(o, f) ? 'absent' : 'done') },
      undo: f => f.target.runtime.start([f.store.service]),
    })
    .write('make a volume for a copy of the damaged cluster', {
      run: f => f.target.runtime.createVolume(f.keptVolume),
      probe: {
        look: f => f.target.runtime.volumes(f.keptVolume),
        state: o => (o.stdout.trim() === '' ? 'absent' : 'done'),
      },
      undo: f => f.target.runtime.removeVolume(f.keptVolume),
    })
    .write('copy the damaged cluster into it, and compare every file', {
      run: f => beside(f, 'copy', copyScript(f)),
      probe: { look: f => beside(f, 'copied', `ls ${KEPT}`), state: copyState },
      undo: f => beside(f, 'uncopy', `rm -rf ${COPY} ${PROVEN}`),
    })

const startEmpty = (s: Sequence<Needs>) =>
  s
    .write('empty the volume: its content is in the copy', {
      run: f => beside(f, 'empty', `test -e ${PROVEN} && find ${data(f)} -mindepth 1 -delete`),
      probe: { look: f => beside(f, 'emptied', compare(f)), state: emptyState },
      undo: f =>
        beside(
          f,
          'back',
          `find ${data(f)} -mindepth 1 -delete && cp -a ${COPY}/. ${data(f)}/ && diff -rq ${data(f)} ${COPY}`,
        ),
    })
    .write('start PostgreSQL: its image makes a new cluster', {
      run: f => f.target.runtime.start([f.store.service]),
      probe: { look: f => f.target.runtime.states(), state: (o, f) => (runs(o, f) ? 'done' : 'absent') },
      undo: f => f.target.runtime.stop([f.store.service], f.target.graceSeconds),
    })
    .until(
      'PostgreSQL answers',
      f => admin(f, 'SELECT 1', { seconds: 10, ok: SILENT }),
      o => o.exitCode === 0,
      { total: 300, every: 1 },
    )

function data(f: Needs): string {
  return `${f.data?.at}`
}

/** A container of its own with the volume of the cluster and that of the copy, as root: files keep their owners. */
function beside(f: Needs, what: string, script: string) {
  const { runtime } = f.target
  return runtime.oneOff(
    f.store.service,
    `${runtime.project}-${f.store.name}-${what}-${f.run.id}`,
    ['sh', '-c', script],
    {
      user: '0',
      mounts: [{ volume: f.keptVolume, at: KEPT }],
      limits: { total: 7200 },
    },
  )
}

/** The mark is set by the comparison itself: later on, with a new cluster in the volume, nobody could repeat it. */
function copyScript(f: Needs): string {
  return `mkdir ${COPY} && cp -a ${data(f)}/. ${COPY}/ && diff -rq ${data(f)} ${COPY} && touch ${PROVEN}`
}

/**
 * Says how the volume and its copy differ: "same"; "empty" or "ahead" when only the copy has something;
 * "other" when the volume has something else, as a new cluster.
 */
function compare(f: Needs): string {
  return [
    `if [ -z "$(ls -A ${data(f)})" ]; then echo empty; exit; fi`,
    `diff -rq ${data(f)} ${COPY} > /tmp/differences 2>&1 && { echo same; exit; }`,
    `grep -qvE '^Only in ${COPY}[:/]' /tmp/differences || { echo ahead; exit; }`,
    'echo other; head -n 3 /tmp/differences',
  ].join('; ')
}

export function copyState(o: Output): WorldState {
  const there = o.stdout.trim().split('\n')
  if (there.includes('proven')) return 'done'
  return there.includes('data') ? 'partial' : 'absent'
}

export function emptyState(o: Output): WorldState {
  const [said] = o.stdout.trim().split('\n')
  if (said === 'same') return 'absent'
  return said === 'ahead' ? 'partial' : 'done'
}

function runs(o: Output, f: Needs): boolean {
  const { state } = stateOf(f.target.runtime.readStates(o), f.store.service)
  return state === 'running' || state === 'restarting'
}
