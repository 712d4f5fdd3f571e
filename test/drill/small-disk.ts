import { compose, docker, states } from '../../lab/ground.ts'
import { type LabTarget, volumeName } from '../../lab/target.ts'

/** A disk that somebody else can fill. */
export interface SmallDisk {
  /** Leaves so many megabytes free. */
  fill(freeMb: number): Promise<void>
  /** Takes away what `fill` has written. */
  free(): Promise<void>
  /** Runs a shell script in the folder of the volume, as root, whether the store runs or not. */
  inside(script: string): Promise<string>
}

/**
 * Puts a store on a disk of its own for a while, in memory, with what it has now. The holder keeps it mounted, as a
 * disk in memory is empty once nobody has it; the volume only leads there, so that nobody but the store has that one.
 * Afterwards the volume is empty and the store is down: it would make a new one there, and a server that has just begun
 * does not hear the stop. Bring it back from its copy.
 */
export async function withSmallDisk(
  target: LabTarget,
  { service, volume, sizeMb }: { service: string; volume: string; sizeMb: number },
  work: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const name = volumeName(target, volume)
  const [disk, holder] = [`${name}_in_memory`, `${target.project}-small-disk`]
  const image = (await states(target)).find(each => each.service === service)?.image ?? ''
  const labels = await labelsOf(target, name)
  await compose(target, 'rm', '--stop', '--force', service)
  await makeVolume(target, disk, [], ['type=tmpfs', 'device=tmpfs', `o=size=${sizeMb}m`])
  await docker(target, ['run', '-d', '--name', holder, ...idle(`${disk}:/disk`, image)])
  const inside = (script: string) => docker(target, ['exec', holder, 'sh', '-c', script])
  try {
    await copyFiles(target, image, name, disk)
    await docker(target, ['volume', 'rm', name])
    const at = await docker(target, ['volume', 'inspect', '--format', '{{.Mountpoint}}', disk])
    await makeVolume(target, name, labels, ['type=none', 'o=bind', `device=${at}`])
    await compose(target, 'up', '-d', '--no-deps', '--wait', service)
    await work({
      inside,
      fill: async freeMb => {
        const free = Number(await inside("df -Pm . | awk 'NR == 2 { print $4 }'"))
        await inside(`dd if=/dev/zero of=.filler bs=1M count=${free - freeMb} 2>/dev/null`)
      },
      free: async () => void (await inside('rm -f .filler')),
    })
  } finally {
    await compose(target, 'rm', '--stop', '--force', service)
    await docker(target, ['rm', '--force', holder])
    await docker(target, ['volume', 'rm', '--force', name, disk])
    await makeVolume(target, name, labels)
    await compose(target, 'up', '--no-start', '--no-deps', '--no-build', '--pull', 'never', service)
  }
}

/** Compose knows its volumes by their labels. */
async function labelsOf(target: LabTarget, volume: string): Promise<string[]> {
  const format = ['--format', '{{json .Labels}}']
  const labels = JSON.parse(await docker(target, ['volume', 'inspect', ...format, volume])) as object
  return Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
}

async function makeVolume(
  target: LabTarget,
  name: string,
  labels: readonly string[],
  options: readonly string[] = [],
): Promise<void> {
  await docker(target, ['volume', 'create', ...labels, ...options.flatMap(each => ['--opt', each]), name])
}

/** What a container is run with that does nothing but have a volume. */
function idle(mount: string, image: string): string[] {
  const alone = ['--user', '0', '--network', 'none', '--workdir', '/disk', '-v', mount]
  return [...alone, '--entrypoint', 'tail', image, '-f', '/dev/null']
}

async function copyFiles(target: LabTarget, image: string, from: string, to: string): Promise<void> {
  const mounts = ['-v', `${from}:/from:ro`, '-v', `${to}:/to`]
  const shell = ['--user', '0', '--network', 'none', '--entrypoint', 'cp']
  await docker(target, ['run', '--rm', ...shell, ...mounts, image, '-a', '/from/.', '/to/'])
}
