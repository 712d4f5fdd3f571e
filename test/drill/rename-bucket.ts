import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import { isManifest } from '../../stores/backups.ts'
import type { Manifest } from '../../stores/manifest.ts'
import { digestOfManifest, newestVerifications, type Verification } from '../../stores/verification.ts'

/** Makes the sets and notes that lie in the bucket of this ground its own: they are copies of those of another one. */
export async function renameBucket(target: LabTarget, from: string): Promise<void> {
  const objects = new Objects(bucketOf(target))
  const keys = (await objects.list('')).map(({ key }) => key)
  const proofs = newestVerifications(keys)
  for (const key of keys.filter(isManifest)) {
    const manifest = JSON.parse(await objects.text(key)) as Manifest
    const own = { ...manifest, source: { ...manifest.source, project: target.project } }
    const text = JSON.stringify(own)
    await replace(objects, key, text)
    const proof = proofs.get(key)
    if (!proof) continue
    const verification = JSON.parse(await objects.text(proof)) as Verification
    await replace(
      objects,
      proof,
      JSON.stringify({ ...verification, manifest_sha256: digestOfManifest(text) }),
    )
  }
  for (const key of keys.filter(each => each.startsWith(`runs/${from}/`))) {
    const text = await objects.text(key)
    await objects.putOnce(
      key.replace(`runs/${from}/`, `runs/${target.project}/`),
      text.replaceAll(`"${from}"`, `"${target.project}"`),
    )
    await objects.remove(key)
  }
}

async function replace(objects: Objects, key: string, text: string): Promise<void> {
  await objects.remove(key)
  await objects.putOnce(key, text)
}
