import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'

/** A backup that looks like the real one and is not: what is changed in its object and in its manifest. */
export interface Sabotage {
  /** Undefined: no object at all. */
  object: (bytes: Buffer) => Buffer | undefined
  /** Gets the manifest of the twin; undefined: no manifest at all. */
  manifest: (text: string) => string | undefined
}

export const honest: Sabotage = { object: bytes => bytes, manifest: text => text }

/** Old, so that it is never the newest one by which others judge. */
const DAY = '2020/01/01'
let made = 0

/** Puts a twin of the newest backup into the bucket and gives its id. */
export async function makeTwin(target: LabTarget, sabotage: Sabotage): Promise<string> {
  const objects = new Objects(bucketOf(target))
  const stamp = `20200101_${String(100_000 + made++)}`
  const keys = (await objects.list('sets/')).map(({ key }) => key)
  const newest = keys
    .filter(key => /\/set_\d{8}_\d{6}\.json$/.test(key))
    .sort()
    .at(-1)!
  const text = await objects.text(newest)
  const { set, members } = JSON.parse(text) as { set: string; members: { id: string; key: string }[] }
  const { id, key } = members[0]!
  const [twinSet, twinId] = [`set_${stamp}`, `qdrant_${stamp}`]
  const twinKey = `qdrant/${DAY}/${twinId}.snapshot`
  const manifest = text.replaceAll(key, twinKey).replaceAll(id, twinId).replaceAll(set, twinSet)
  await inFolder(async folder => {
    const put = async (name: string, content: Buffer | string | undefined, to: string) => {
      if (content === undefined) return
      writeFileSync(join(folder, name), content)
      await objects.upload(join(folder, name), to, quiet)
    }
    await objects.download(key, join(folder, 'object'), quiet)
    await put('twin', sabotage.object(readFileSync(join(folder, 'object'))), twinKey)
    await put('manifest', sabotage.manifest(manifest), `sets/${DAY}/${twinSet}.json`)
  })
  return twinId
}

const quiet = { signal: new AbortController().signal, progress: () => undefined }

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'twin-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
