import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import type { StoreKind } from '../../runbook/model.ts'
import type { MemberOf } from '../../stores/kinds.ts'

/** What is wrong with a backup. The manifest's sha256 fits the object, unless `member` says otherwise. */
export interface Wrong<K extends StoreKind> {
  object?: (bytes: Buffer) => Buffer
  member?: (member: MemberOf[K]) => MemberOf[K]
}

/** An old day, so that none of them is ever the newest one by which others judge. */
const DAY = '2020/02/02'
/** Files run in processes of their own; the bucket is the same. */
let made = 100_000 + ((process.pid * 53) % 800_000)

/** Puts a twin of the newest backup of a kind into the bucket, in a set of its own, and gives its id. */
export async function makeMemberTwin<K extends StoreKind>(
  target: LabTarget,
  kind: K,
  { object, member }: Wrong<K>,
): Promise<string> {
  const objects = new Objects(bucketOf(target))
  const { manifest, real } = await newestOf(objects, kind)
  const stamp = `20200202_${made++}`
  const id = `${real.store}_${stamp}`
  const key = `${real.store}/${DAY}/${id}.dump`
  const folder = mkdtempSync(join(tmpdir(), 'twin-'))
  try {
    const file = join(folder, 'object')
    await objects.download(real.key, file, quiet)
    const bytes = object ? object(readFileSync(file)) : readFileSync(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const twin = { ...real, id, key, sha256, size_bytes: bytes.length }
    const set = { ...manifest, set: `set_${stamp}`, members: [member ? member(twin) : twin] }
    writeFileSync(file, bytes)
    await objects.upload(file, key, quiet)
    writeFileSync(file, JSON.stringify(set))
    await objects.upload(file, `sets/${DAY}/set_${stamp}.json`, quiet)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return id
}

/** The newest real set in which this kind succeeded. */
async function newestOf<K extends StoreKind>(objects: Objects, kind: K) {
  const keys = (await objects.list('sets/')).map(({ key }) => key)
  const sets = keys.filter(key => /\/set_\d{8}_\d{6}\.json$/.test(key) && !key.includes('/2020/'))
  for (const key of sets.sort().reverse()) {
    const manifest = JSON.parse(await objects.text(key)) as { members: MemberOf[K][] }
    const real = manifest.members.find(each => each.kind === kind && each.status === 'success')
    if (real) return { manifest, real }
  }
  throw new Error(`no set holds a backup of ${kind}`)
}

const quiet = { signal: new AbortController().signal, progress: () => undefined }
