import type { Output } from '../../lib/command.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { beside, DUMPS, dumpsVolume } from './commands.ts'
import type { Neo4jBase } from './facts.ts'

/** A volume on the daemon for dumps: never a path of the operator's host, because Docker may be elsewhere. */
export function createVolume<F extends Neo4jBase>(
  s: Sequence<F>,
  say: string,
  name: (f: Neo4jBase) => string,
): Sequence<F> {
  return s.write(say, {
    run: f => f.target.runtime.createVolume(name(f)),
    probe: {
      look: f => f.target.runtime.volumes(name(f)),
      state: o => (o.stdout.trim() === '' ? 'absent' : 'done'),
    },
    undo: f => f.target.runtime.removeVolume(name(f)),
  })
}

/** Its undo is the same command, so a resume sees that the volume's time is over. */
export function removeVolume<F extends Neo4jBase>(
  s: Sequence<F>,
  say: string,
  name: (f: Neo4jBase) => string,
): Sequence<F> {
  return s.write(say, {
    run: f => f.target.runtime.removeVolume(name(f)),
    probe: {
      look: f => f.target.runtime.volumes(name(f)),
      state: o => (o.stdout.trim() === '' ? 'done' : 'absent'),
    },
    undo: { none: 'this run has made it' },
  })
}

/** Volumes of runs that were killed: nobody else knows them, and there are dumps in them. */
export function removeOldVolumes<F extends Neo4jBase>(s: Sequence<F>): Sequence<F> {
  const every = (f: Neo4jBase) => `${f.target.runtime.project}-${f.store.name}-[a-z]+-[0-9]{8}_[0-9]{6}`
  const part = (s as unknown as Sequence<Neo4jBase>)
    .read(
      'see what killed runs have left behind',
      f => f.target.runtime.volumes(every(f)),
      (o, f) => ({ old: o.stdout.split('\n').filter(line => line !== '' && !line.endsWith(f.run.id)) }),
    )
    .each(
      'leftover',
      f => f.old,
      s =>
        s.write('remove the volume of a killed run', {
          run: f => f.target.runtime.removeVolume(f.leftover),
          probe: {
            look: f => f.target.runtime.volumes(f.leftover),
            state: o => (o.stdout.trim() === '' ? 'done' : 'absent'),
          },
          undo: { none: 'it was made by a run that is dead' },
        }),
      'For each volume of a killed run',
    )
  return part as unknown as Sequence<F>
}

/** Brings a dump into the volume, under the one name that neo4j-admin looks for: that of its database. */
export function stageDump<F extends Neo4jBase>(
  s: Sequence<F>,
  database: (f: F) => string,
  file: (f: F) => string,
  sha256: (f: F) => string,
): Sequence<F> {
  const path = (f: F) => `${DUMPS}/${database(f)}.dump`
  return s.write('bring the dump to where Neo4j runs', {
    run: f =>
      beside(f, 'stage', ['sh', '-c', 'cat > "$1"', 'stage', path(f)], {
        stdin: { file: file(f) },
        limits: { total: 3600 },
      }),
    probe: {
      look: f =>
        beside(f, 'staged', ['sh', '-c', 'sha256sum "$1" || true', 'staged', path(f)], {
          limits: { total: 900 },
        }),
      state: (o, f) => stagedState(o, sha256(f)),
    },
    undo: f => f.target.runtime.removeVolume(dumpsVolume(f)),
  })
}

export function stagedState(o: Output, sha256: string): 'absent' | 'partial' | 'done' {
  const found = o.stdout.trim().split(' ')[0] ?? ''
  if (found === sha256) return 'done'
  return found === '' ? 'absent' : 'partial'
}
