import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { duration } from '../../lib/format.ts'
import { Objects, type Transfer } from '../../lib/objects.ts'
import { badInput, EXIT, type ExitCode, Problem, problemLines } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import type { Bucket, Target } from '../../lib/target.ts'
import { catalogue, isManifest, isProven } from '../../stores/backups.ts'
import { type Run, staging } from '../../stores/base.ts'
import { removalOrder } from '../../stores/retention.ts'
import { ownIo } from '../arguments.ts'

/**
 * Copies the verified sets that the replica lacks, the newest first, and gives their names. Every object is read,
 * compared with its digest and written under the same key; the manifest comes last, so that a copy that is cut
 * short is no set there either, and the next one goes on with it. Nothing there is ever replaced or removed:
 * whoever can empty the first bucket must not empty both.
 */
export async function replicate(
  backups: Bucket,
  replica: Bucket,
  folder: string,
  transfer: Transfer,
): Promise<string[]> {
  const [from, to] = [new Objects(backups), new Objects(replica)]
  const keys = (await from.list('')).map(({ key }) => key)
  const there = new Map((await to.list('')).map(({ key, size }) => [key, size]))
  const { candidates } = await catalogue({ backups }, undefined, transfer)
  const sets = [...new Set(candidates.filter(isProven).map(({ set }) => set))]
  const missing = sets.filter(set => !there.has(removalOrder(keys, set).find(isManifest)!))
  for (const set of missing) await copySet(from, to, keys, set, folder, transfer, there)
  return missing
}

/** Copies one set, of whose bucket these are the keys; what is `there` in the same size already is left alone. */
export async function copySet(
  from: Objects,
  to: Objects,
  keys: readonly string[],
  set: string,
  folder: string,
  transfer: Transfer,
  there: ReadonlyMap<string, number> = new Map(),
): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const key of removalOrder(keys, set).reverse()) {
    const source = await from.stat(key)
    if (there.get(key) !== source.size)
      await copy(from, to, key, source.sha256, join(folder, 'copy'), transfer)
  }
}

async function copy(
  from: Objects,
  to: Objects,
  key: string,
  sha256: string | undefined,
  file: string,
  transfer: Transfer,
): Promise<void> {
  const read = sha256
    ? await from.verify(key, sha256, transfer, file)
    : await from.download(key, file, transfer)
  const written = await to.upload(file, key, transfer)
  await rm(file, { force: true })
  if (written.sha256 !== read.sha256)
    throw new Problem(`the copy of ${key} is not what was read`, {
      hint: 'is the disk of this machine sound?',
    })
}

/** Copies and says what was done; exit code 1 when the replica does not have everything. */
export async function replicateAndTell(target: Target, run: Run): Promise<ExitCode> {
  const { backups, replica, root } = target
  if (!replica) throw badInput('no replica is configured', 'add backups.replica to runbook.config.yaml')
  const begun = Date.now()
  try {
    const sets = await replicate(backups, replica, join(root, staging(run)), ownIo(target))
    const what = sets.length === 0 ? 'has every verified set' : `has got ${sets.join(', ')}`
    process.stdout.write(`the replica ${replica.endpoint} ${what} (${duration(Date.now() - begun)})\n`)
    return EXIT.recovered
  } catch (error) {
    const lines = ['the replica does not have every verified set', ...problemLines(error)]
    process.stderr.write(`${mask(lines.join('\n'))}\n`)
    return EXIT.commandFailed
  }
}
