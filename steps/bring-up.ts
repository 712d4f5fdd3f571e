import type { Output } from '../lib/command.ts'
import { isUp, stateOf } from '../lib/runtime.ts'
import { servicesOf } from '../lib/target.ts'
import type { WorldState } from '../runbook/model.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import { listBackups, readCatalogue } from '../stores/backups.ts'
import { allUp, type Base } from '../stores/base.ts'

/** The backups and the stores: without them there is nothing to look at. */
function needed(f: Base): string[] {
  return servicesOf({ ...f.target, writers: [] })
}

/** MinIO comes up empty when its volume is lost as well, and nothing here knows where the copy is kept. */
const BRING_BUCKET =
  'copy the bucket back from where it is kept besides MinIO, for example `mc mirror copy/<bucket> minio/<bucket>`; this goes on by itself as soon as a manifest is there.'

const waitForMinio = <F extends Base>(s: Sequence<F>) =>
  s.when(
    'MinIO is one of the services',
    f => f.target.backups.service !== '',
    s => s.until('MinIO is healthy', minioStates, backupsUp, { total: 180, every: 2 }, allUp),
  )

export const bringUp = step<Base, unknown>({
  id: 'bring-up',
  title: 'Bring up MinIO and the stores',
  why: `After a lost volume, a lost container or on an empty host there is nothing to look at and no backup to read.
MinIO and the stores are started as the compose file has them; what exists is never exchanged, and a store whose
volume is gone comes up empty. The services that write stay as they are.`,
  trouble:
    'An image that is not on this host has to be brought there first (`docker compose pull` or `docker load`).',
  body: s =>
    s
      .read(
        'see what is down',
        f => f.target.runtime.states(),
        (o, f) => ({ down: downOf(o, f) }),
      )
      .when(
        'something of it is down',
        f => f.down.length > 0,
        s =>
          s
            .write('start it', {
              run: f => f.target.runtime.start(f.down),
              probe: { look: f => f.target.runtime.states(), state: (o, f) => brought(o, f) },
              undo: f => f.target.runtime.stop(f.down, f.target.graceSeconds),
            })
            .use(waitForMinio),
      )
      .manual('the bucket holds a backup', {
        doing: BRING_BUCKET,
        run: f => listBackups(f.target),
        holds: o => readCatalogue(o).candidates.length > 0,
        limits: { total: 3600, every: 10 },
        sign: () => ({ shows: '"set":' }),
      }),
  summary: () => 'MinIO is up and has backups, every store has been started',
})

function downOf(o: Output, f: Base): string[] {
  const states = f.target.runtime.readStates(o)
  return needed(f).filter(service => !['running', 'restarting'].includes(stateOf(states, service).state))
}

/** A store may die again at once: that is for Assess to see. What counts is that it was tried. */
function brought(o: Output, f: Base): WorldState {
  const states = f.target.runtime.readStates(o)
  const missing = needed(f).some(service => ['missing', 'created'].includes(stateOf(states, service).state))
  const { service } = f.target.backups
  const away = service !== '' && stateOf(states, service).state !== 'running'
  return missing || away ? 'absent' : 'done'
}

function minioStates({ target: { runtime, backups } }: Base) {
  return runtime.states([backups.service])
}

function backupsUp(o: Output, f: Base): boolean {
  return isUp(stateOf(f.target.runtime.readStates(o), f.target.backups.service))
}
