import type { Command, Output } from '../../lib/command.ts'
import type { Mount } from '../../lib/runtime.ts'
import type { PostgresBase } from './facts.ts'

/**
 * Where a cluster keeps its data, as a shell finds it in its container. The image says so: up to 17 the default is
 * /var/lib/postgresql/data, since 18 a folder of its own per version (docker-library/postgres pull request 1259).
 */
export const PGDATA = `"\${PGDATA:-/var/lib/postgresql/data}"`

/** The directory of a cluster, and everything that is mounted in its container. */
export interface Place {
  directory: string
  mounted: string[]
}

/** The fifth field of a line is where it is mounted, see proc_pid_mountinfo(5). */
const LOOK = `echo ${PGDATA}; cut -d ' ' -f 5 /proc/self/mountinfo`

/** In a container of its own, as the one of the service does not run. */
export function place(f: PostgresBase): Command {
  const { runtime } = f.target
  const name = `${runtime.project}-${f.store.name}-place-${f.run.id}`
  return runtime.oneOff(f.store.service, name, ['sh', '-c', LOOK], { limits: { total: 60 } })
}

export function readPlace(o: Output): { place: Place } {
  const [directory = '', ...mounted] = o.stdout.trim().split('\n')
  return { place: { directory, mounted } }
}

/**
 * The named volume that holds the cluster and nothing else of the service. Undefined where its directory is bound
 * from the host, or lies in a nameless volume of the image: another volume of the service is never taken for it.
 */
export function volumeOf({ directory, mounted }: Place, named: readonly Mount[]): Mount | undefined {
  const around = mounted.filter(at => directory === at || directory.startsWith(`${at}/`))
  const innermost = around.sort((a, b) => b.length - a.length)[0]
  return named.find(({ at }) => at.replace(/\/$/, '') === innermost)
}
