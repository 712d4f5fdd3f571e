import { createHash } from 'node:crypto'
import { compose, states, until } from '../ground.ts'
import { connectQdrant } from '../platform/qdrant.ts'
import { type LabTarget, settingsOf } from '../target.ts'

/** Where the image keeps collections: a folder each, with one shard `0`. */
const COLLECTIONS = '/qdrant/storage/collections'

/**
 * Stops Qdrant, runs a bash script in a container of its own on the same volume, and starts Qdrant again.
 * The script gets the shard's folder as $1 and `args` after it. The upstream image has bash, coreutils and
 * findutils, nothing else.
 */
export async function changeFiles(
  target: LabTarget,
  collection: string,
  script: string,
  args: readonly string[] = [],
): Promise<void> {
  // Long enough for a flush: what a kill would cut off is another fault than the one asked for.
  await compose(target, 'stop', '-t', '60', 'qdrant')
  try {
    const shard = `${COLLECTIONS}/${collection}/0`
    const run = ['run', '--rm', '--no-deps', '-T', '--entrypoint', 'bash', 'qdrant']
    await compose(target, ...run, '-c', `set -euo pipefail\n${script}`, 'fault', shard, ...args)
  } finally {
    await compose(target, 'start', 'qdrant')
  }
}

/** Waits until Qdrant answers again. */
export async function waitUntilReady(target: LabTarget): Promise<void> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  await until('qdrant answers', 60, () => qdrant.call('GET', '/collections').catch(() => undefined))
}

/** Waits until Qdrant has died of its start at least once. */
export async function waitUntilItLoops(target: LabTarget): Promise<void> {
  await until('qdrant dies at its start', 60, async () => {
    const qdrant = (await states(target)).find(each => each.service === 'qdrant')
    const died = qdrant?.state === 'restarting' || (qdrant?.state === 'exited' && qdrant.exitCode !== 0)
    return died || undefined
  })
}

/** Bytes that look random and are the same in every drill, as an argument for bash's printf. */
export function noise(length: number): string {
  const bytes: number[] = []
  for (let block = 0; bytes.length < length; block++) {
    bytes.push(...createHash('sha256').update(`fault ${block}`).digest())
  }
  return bytes
    .slice(0, length)
    .map(byte => `\\${byte.toString(8).padStart(3, '0')}`)
    .join('')
}

/**
 * Bash: the file among the names given that takes most space on disk. Qdrant makes files of full size
 * with holes, so the allocated blocks (%b) tell where the points are and the length does not.
 */
export function fullest(folder: string, ...names: string[]): string {
  const anyName = names.map(name => `-name '${name}'`).join(' -o ')
  const find = `find "$1/segments" -path '*/${folder}/*' \\( ${anyName} \\) -printf '%b %p\\n'`
  return `$(${find} | sort -k1,1nr -k2 | head -n 1 | cut -d' ' -f2-)`
}
