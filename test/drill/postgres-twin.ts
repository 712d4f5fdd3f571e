import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'

interface Member {
  id: string
  kind: string
  key: string
  sha256: string
  size_bytes: number
  [figure: string]: unknown
}

/** What is wrong with a backup. The manifest's sha256 fits the object, unless `member` says otherwise. */
export interface Wrong {
  object?: (bytes: Buffer) => Buffer
  member?: (member: Member) => Member
}

/** Old names, so that none of them is ever the newest one by which others judge. */
const DAY = '2020/02/02'
let made = 0

/** Puts a twin of the newest backup of PostgreSQL into the bucket, in a set of its own, and gives its id. */
export async function makePostgresTwin(target: LabTarget, { object, member }: Wrong): Promise<string> {
  const objects = new Objects(bucketOf(target))
  const keys = (await objects.list('sets/')).map(({ key }) => key)
  const sets = keys.filter(key => /\/2[^/]*\/.*\/set_\d{8}_\d{6}\.json$/.test(key) && !key.includes('/2020/'))
  const manifest = JSON.parse(await objects.text(sets.sort().at(-1)!)) as { set: string; members: Member[] }
  const real = manifest.members.find(({ kind }) => kind === 'postgres')!
  const stamp = `20200202_${String(100_000 + made++)}`
  const id = `postgres_${stamp}`
  const key = `postgres/${DAY}/${id}.dump`
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

const quiet = { signal: new AbortController().signal, progress: () => undefined }
