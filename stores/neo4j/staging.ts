import type { Sequence } from '../../runbook/tree.ts'
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
