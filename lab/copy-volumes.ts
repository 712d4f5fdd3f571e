import { badInput } from '../lib/problem.ts'
import { docker, states } from './ground.ts'
import type { LabTarget } from './target.ts'

/** Two names of volumes as the daemon knows them. */
interface Copy {
  from: string
  to: string
}

/**
 * Makes each `to` an exact copy of its `from`, owners and holes in files included. One container for all: its start
 * costs more than most copies. One after the other: copies share one disk, and two at a time were not faster.
 */
export async function copyVolumes(target: LabTarget, copies: readonly Copy[]): Promise<void> {
  const mounts = copies.flatMap(({ from, to }, n) => ['-v', `${from}:/from/${n}:ro`, '-v', `${to}:/to/${n}`])
  const script =
    'for to in /to/*; do find $to -mindepth 1 -delete; cp -a --sparse=always /from/$(basename $to)/. $to/; done'
  const shell = ['--user', '0', '--network', 'none', '--entrypoint', 'bash']
  await docker(target, ['run', '--rm', ...shell, ...mounts, await copierImage(target), '-ec', script])
}

/** Any image with coreutils would do; PostgreSQL's is there and its upstream has them. */
async function copierImage(target: LabTarget): Promise<string> {
  const image = (await states(target)).find(each => each.service === 'postgres')?.image
  if (image) return image
  throw badInput(`there is no practice ground "${target.project}"`, 'start one: npm run lab -- up')
}

/** A new, empty volume with these labels in place of one of this name: labels cannot be changed later. */
export async function newVolume(target: LabTarget, name: string, labels: Record<string, string>) {
  await docker(target, ['volume', 'rm', '--force', name])
  const options = Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`])
  await docker(target, ['volume', 'create', ...options, name])
}
