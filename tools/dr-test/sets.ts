import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dayOf, stamp, timeOf } from '../../lib/format.ts'
import { Objects } from '../../lib/objects.ts'
import { Problem } from '../../lib/problem.ts'
import type { Target } from '../../lib/target.ts'
import { catalogue, isManifest, ownOf, provenSets } from '../../stores/backups.ts'
import { type Manifest, readManifest } from '../../stores/manifest.ts'
import { stampOf } from '../../stores/retention.ts'
import { ownIo } from '../arguments.ts'
import { copySet } from '../backup/replicate.ts'

/** The sets of this installation in which every store is proven, newest first. */
export async function testable(target: Target): Promise<string[]> {
  const candidates = ownOf(target, (await catalogue(target, undefined, ownIo(target))).candidates)
  const has = (set: string, store: string) => candidates.some(one => one.set === set && one.store === store)
  const stores = Object.keys(target.stores)
  return provenSets(candidates).filter(set => stores.every(store => has(set, store)))
}

/** Copies a set into the bucket of the test, with everything about it, and gives its manifest. */
export async function bringSet(real: Target, test: Target, set: string): Promise<Manifest> {
  const [from, to] = [new Objects(real.backups), new Objects(test.backups)]
  await to.ensureBucket()
  const keys = (await from.list('')).map(({ key }) => key)
  await copySet(from, to, keys, set, workFolder(test), ownIo(test))
  const key = keys.find(one => isManifest(one) && one.endsWith(`/${set}.json`))!
  return readManifest(key, await to.text(key))
}

/**
 * A twin of the set in the bucket of the test, one of whose members is damaged in the middle while its sha256 in the
 * manifest fits: only reading what is in it can tell. Gives its name and the store.
 */
export async function sabotage(test: Target, manifest: Manifest): Promise<{ set: string; store: string }> {
  const objects = new Objects(test.backups)
  const old = stampOf(manifest.set)
  // Older than the set, which so stays the newest.
  const fresh = stamp(new Date(Date.parse(timeOf(old)) - 1000))
  const twin = JSON.parse(JSON.stringify(manifest).replaceAll(old, fresh)) as Manifest
  const victim = manifest.members.findIndex(({ kind, status }) => kind === 'postgres' && status === 'success')
  const folder = workFolder(test)
  mkdirSync(folder, { recursive: true })
  const io = ownIo(test)
  try {
    for (const [index, member] of manifest.members.entries()) {
      const copy = twin.members[index]!
      if (member.status !== 'success' || copy.status !== 'success') continue
      for (const [i, { key }] of [member, ...member.beside].entries()) {
        const file = join(folder, 'copy')
        await objects.download(key, file, io)
        if (index === victim && i === 0) copy.sha256 = damage(file)
        await objects.upload(file, i === 0 ? copy.key : copy.beside[i - 1]!.key, io)
      }
    }
    await objects.putOnce(`sets/${dayOf(fresh)}/${twin.set}.json`, JSON.stringify(twin))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const store = manifest.members[victim]?.store
  if (!store) throw new Problem(`${manifest.set} has no PostgreSQL whose twin could be damaged`)
  return { set: twin.set, store }
}

/** Turns some bytes in the middle round, and gives the new sha256. */
function damage(file: string): string {
  const content = readFileSync(file)
  const middle = Math.floor(content.length / 2)
  for (let at = middle; at < Math.min(middle + 16, content.length); at++) content[at] = content[at]! ^ 0xff
  writeFileSync(file, content)
  return createHash('sha256').update(content).digest('hex')
}

function workFolder({ root }: Target): string {
  return join(root, '.drtest', 'copy')
}
