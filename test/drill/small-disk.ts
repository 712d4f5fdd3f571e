import { compose, docker, states } from '../../lab/ground.ts'
import { type LabTarget, volumeName } from '../../lab/target.ts'

/** A disk that somebody else can fill. */
export interface SmallDisk {
  /** Leaves so many megabytes free. */
  fill(freeMb: number): Promise<void>
  /** Takes away what `fill` has written. */
  free(): Promise<void>
}

/**
 * Puts a store on a disk of its own for a while, in memory, with what it has now. The holder keeps it mounted, as a
 * disk in memory is empty once nobody has it. Afterwards the volume is empty: bring the store back from its copy.
 */
export async function withSmallDisk(
  target: LabTarget,
  { service, volume, sizeMb }: { service: string; volume: string; sizeMb: number },
  work: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const name = volumeName(target, volume)
  const copy = `${name}_on_disk`
  const holder = `${target.project}-small-disk`
  const image = (await states(target)).find(each => each.service === service)?.image ?? ''
  const labels = await labelsOf(target, name)
  const make = (what: string, ...options: string[]) =>
    docker(target, ['volume', 'create', ...labels, ...options, what])
  await compose(target, 'rm', '--stop', '--force', service)
  await make(copy)
  await copyFiles(target, image, name, copy)
  await docker(target, ['volume', 'rm', name])
  const tmpfs = ['type=tmpfs', 'device=tmpfs', `o=size=${sizeMb}m`].flatMap(option => ['--opt', option])
  await make(name, '--driver', 'local', ...tmpfs)
  const shell = ['--user', '0', '--network', 'none', '--entrypoint', 'tail']
  await docker(target, [
    'run',
    '-d',
    '--name',
    holder,
    ...shell,
    '-v',
    `${name}:/disk`,
    image,
    '-f',
    '/dev/null',
  ])
  try {
    await copyFiles(target, image, copy, name)
    await compose(target, 'up', '-d', '--no-deps', '--wait', service)
    const inside = (script: string) => docker(target, ['exec', holder, 'sh', '-c', script])
    await work({
      fill: async freeMb => {
        const free = Number(await inside("df -Pm /disk | awk 'NR == 2 { print $4 }'"))
        await inside(`dd if=/dev/zero of=/disk/.filler bs=1M count=${free - freeMb} 2>/dev/null`)
      },
      free: async () => void (await inside('rm -f /disk/.filler')),
    })
  } finally {
    await compose(target, 'rm', '--stop', '--force', service)
    await docker(target, ['rm', '--force', holder])
    await docker(target, ['volume', 'rm', '--force', name, copy])
    await make(name)
    await compose(target, 'up', '-d', '--no-deps', service)
  }
}

/** Compose knows its volumes by their labels. */
async function labelsOf(target: LabTarget, volume: string): Promise<string[]> {
  const format = ['--format', '{{json .Labels}}']
  const labels = JSON.parse(await docker(target, ['volume', 'inspect', ...format, volume])) as object
  return Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
}

async function copyFiles(target: LabTarget, image: string, from: string, to: string): Promise<void> {
  const mounts = ['-v', `${from}:/from:ro`, '-v', `${to}:/to`]
  const shell = ['--user', '0', '--network', 'none', '--entrypoint', 'cp']
  await docker(target, ['run', '--rm', ...shell, ...mounts, image, '-a', '/from/.', '/to/'])
}
