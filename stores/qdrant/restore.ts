import type { Command, Output } from '../../lib/command.ts'
import { quote } from '../../lib/render.ts'
import { isUp, stateOf } from '../../lib/runtime.ts'
import type { Verdict, WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import {
  aliases,
  dropAlias,
  exactCount,
  info,
  inspectPoints,
  payloadSchema,
  pointAlias,
  readAliases,
  readCount,
  readInfo,
  removeFresh,
  request,
  uploadSnapshot,
} from './commands.ts'
import {
  type Assessed,
  type Chosen,
  type IndexRepair,
  type QdrantBase,
  quarantine,
  type Restoring,
  type Switch,
} from './facts.ts'
import type { Inspection } from './inspect.ts'

type Needs = QdrantBase & Assessed & Chosen

/**
 * Beside, prove, switch. Every collection is recovered under a name that nothing has, proven there, and
 * only then do the names the platform uses point at it. What was live before stays where it can be found.
 */
export const restoreQdrant = (s: Sequence<Needs>) =>
  s
    .when(
      'a damaged collection keeps Qdrant from starting',
      f => f.blocking.length > 0,
      s => setAside(s, f => f.blocking, 'blocking'),
    )
    .when(
      'Qdrant is stopped',
      f => !f.up && f.blocking.length === 0,
      s => startQdrant(s),
    )
    .each(
      'collection',
      f => f.restoring,
      s => s.use(recoverBeside),
    )
    // From here on names change. Everything above can be thrown away without anybody noticing.
    .when(
      'a collection is addressed by its own name',
      f => f.inTheWay.length > 0,
      s => setAside(s, f => f.inTheWay, 'replaced'),
    )
    .each(
      'alias',
      f => f.switches,
      s => s.use(switchAlias),
    )
    .each(
      'index',
      f => f.repairs,
      s => s.use(rebuildIndex),
    )

/** Under a name that nothing has, and proven there; what is live is not touched. */
export const recoverBeside = (s: Sequence<Needs & { collection: Restoring }>) =>
  s
    // A recovery into an existing collection clears it when it fails; into an alias, the collection behind it.
    .check('nothing has the fresh name yet', f => request(f.store, 'GET', '/aliases'), nameIsFree)
    .write('recover the snapshot under a fresh name', {
      run: f => uploadSnapshot(f.store, f.collection.fresh, f.collection.file, f.collection.sha256),
      // An empty, green collection can be left by a failed recovery: existence is no proof, the count is.
      probe: {
        look: f => exactCount(f.store, f.collection.fresh),
        state: (o, f) => recovered(readCount(o), f.collection),
      },
      undo: f => removeFresh(f.store, f.collection.fresh),
      size: f => f.collection.size,
    })
    .check(
      'its content is that of the backup',
      f => inspectPoints(f.store, f.collection.fresh),
      (o, f) => content(o, f.collection),
    )
    .check(
      'its configuration and payload indexes too',
      f => info(f.store, f.collection.fresh),
      (o, f) => configuration(o, f.collection),
    )
    .read(
      'see what the upload left on the server',
      f => request(f.store, 'GET', `/collections/${f.collection.fresh}/snapshots`),
      o => ({ leftovers: snapshotNames(o) }),
    )
    .each(
      'leftover',
      f => f.leftovers,
      s =>
        s.write('remove the uploaded file', {
          run: f =>
            request(
              f.store,
              'DELETE',
              `/collections/${f.collection.fresh}/snapshots/${f.leftover}?wait=true`,
              { seconds: 60 },
            ),
          probe: {
            look: f => request(f.store, 'GET', `/collections/${f.collection.fresh}/snapshots`),
            state: (o, f) => (snapshotNames(o).includes(f.leftover) ? 'absent' : 'done'),
          },
          undo: { none: 'it is a copy of the staged file, made by the upload itself' },
        }),
    )

const switchAlias = (s: Sequence<Needs & { alias: Switch }>) =>
  s.write('point the alias at the proven collection', {
    run: f => pointAlias(f.store, f.alias.name, f.alias.to),
    probe: {
      look: f => aliases(f.store),
      state: (o, f) => (readAliases(o)[f.alias.name] === f.alias.to ? 'done' : 'absent'),
    },
    undo: f =>
      f.alias.from === undefined
        ? dropAlias(f.store, f.alias.name)
        : pointAlias(f.store, f.alias.name, f.alias.from),
    critical: true,
  })

const rebuildIndex = (s: Sequence<Needs & { index: IndexRepair }>) =>
  s.write('build the lost payload index again', {
    run: f =>
      request(f.store, 'PUT', `/collections/${f.index.collection}/index?wait=true`, {
        body: { field_name: `${f.index.field}`, field_schema: `${f.index.type}` },
        seconds: 600,
      }),
    probe: {
      look: f => info(f.store, f.index.collection),
      state: (o, f) => (readInfo(o)?.payload_schema[f.index.field] ? 'done' : 'absent'),
    },
    undo: f =>
      request(f.store, 'DELETE', `/collections/${f.index.collection}/index/${f.index.field}?wait=true`),
  })

/**
 * Moves collections aside inside the volume while Qdrant is stopped: nothing is deleted, it takes a
 * second whatever the size, and it works for storage that nobody can read any more.
 */
function setAside(s: Sequence<Needs>, names: (f: Needs) => readonly string[], part: string): Sequence<Needs> {
  const stopped = s.write('stop Qdrant', {
    run: f => f.target.runtime.stop([f.store.service], f.target.graceSeconds),
    probe: { look: f => f.target.runtime.states(), state: (o, f) => (runs(o, f) ? 'absent' : 'done') },
    undo: f => f.target.runtime.start([f.store.service]),
  })
  const moved = stopped.write('set the damaged collections aside, inside the volume', {
    run: f => inVolume(f, part, move(names(f), '/qdrant/storage/collections', place(f, part))),
    probe: {
      look: f => inVolume(f, `${part}-look`, `ls -1 ${place(f, part)} 2>/dev/null || true`),
      state: (o, f) => moveState(o, names(f)),
    },
    undo: f => inVolume(f, `${part}-undo`, move(names(f), place(f, part), '/qdrant/storage/collections')),
    critical: true,
  })
  return startQdrant(moved)
}

function startQdrant(s: Sequence<Needs>): Sequence<Needs> {
  return s
    .write('start Qdrant', {
      run: f => f.target.runtime.start([f.store.service]),
      probe: { look: f => f.target.runtime.states(), state: (o, f) => (runs(o, f) ? 'done' : 'absent') },
      undo: f => f.target.runtime.stop([f.store.service], f.target.graceSeconds),
    })
    .until(
      'Qdrant is ready',
      f => request(f.store, 'GET', '/readyz', { seconds: 5 }),
      o => o.exitCode === 0,
      { total: 300, every: 1 },
    )
}

function place(f: Needs, part: string): string {
  return `${quarantine(f.run)}/${part}`
}

/** Moves each name that is there; what stands at its destination is never overwritten. */
function move(names: readonly string[], from: string, to: string): string {
  const each = [...names].map(name => {
    const path = quote(`${from}/${name}`)
    return `if [ -e ${path} ]; then mv -n ${path} ${to}/; fi`
  })
  return ['set -e', `mkdir -p ${to}`, ...each].join('; ')
}

function inVolume(f: Needs, what: string, script: string): Command {
  const { runtime } = f.target
  return runtime.oneOff(f.store.service, `${runtime.project}-${what}-${f.run.id}`, ['sh', '-c', script], {
    limits: { total: 120 },
  })
}

function moveState(o: Output, names: readonly string[]): WorldState {
  const there = o.stdout.split('\n').map(line => line.trim())
  const moved = names.filter(name => there.includes(name)).length
  return moved === names.length ? 'done' : moved === 0 ? 'absent' : 'partial'
}

function runs(o: Output, f: Needs): boolean {
  const state = stateOf(f.target.runtime.readStates(o), f.store.service)
  return isUp(state) || state.state === 'running' || state.state === 'restarting'
}

function recovered(points: number | undefined, collection: Restoring): WorldState {
  if (points === undefined) return 'absent'
  return points === collection.points ? 'done' : 'partial'
}

export function content(o: Output, collection: Restoring): Verdict {
  const seen = JSON.parse(o.stdout) as Inspection
  const n = `${seen.points.toLocaleString('en-US')} points`
  const { tried, found } = seen.searches
  if (seen.unreadable)
    return { verdict: 'failed', found: `${n}, unreadable: ${seen.unreadable.slice(0, 80)}` }
  if (seen.fingerprint !== collection.fingerprint) {
    return { verdict: 'failed', found: `${n}, but vectors or payloads differ from the backup's fingerprint` }
  }
  if (found < tried)
    return { verdict: 'failed', found: `${n}, but only ${found} of ${tried} stored vectors find themselves` }
  // Without a search nobody knows whether its indexes answer.
  if (tried === 0 && seen.vectors > 0)
    return { verdict: 'unchecked', found: `${n}, vectors and payloads equal, but none was searched with` }
  const searches = tried > 0 ? `${found} searches find themselves` : 'no vector to search with'
  return { verdict: 'proven', found: `${n}, vectors and payloads equal, ${searches}` }
}

function configuration(o: Output, collection: Restoring): Verdict {
  const found = readInfo(o)
  if (!found) return { verdict: 'failed', found: 'the collection does not exist' }
  const schema = payloadSchema(found)
  const lost = Object.keys(collection.schema).filter(field => schema[field] !== collection.schema[field])
  if (lost.length > 0) return { verdict: 'failed', found: `payload index on ${lost.join(', ')} is missing` }
  if (stable(found.config.params) !== stable(collection.params)) {
    return { verdict: 'failed', found: `vector parameters differ from the backup's` }
  }
  return {
    verdict: 'proven',
    found: `parameters equal, ${Object.keys(schema).length} payload indexes`,
  }
}

function nameIsFree(o: Output, f: { collection: Restoring }): Verdict {
  const { fresh } = f.collection
  return fresh in readAliases(o)
    ? { verdict: 'failed', found: `${fresh} is an alias: recovering there would overwrite a live collection` }
    : { verdict: 'proven', found: fresh }
}

/** JSON with sorted keys, for comparing. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_, item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort())
      : item,
  )
}

function snapshotNames(o: Output): string[] {
  return (JSON.parse(o.stdout) as { result: { name: string }[] }).result.map(snapshot => snapshot.name)
}
