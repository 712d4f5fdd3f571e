import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import { isManifest } from '../../stores/backups.ts'
import type { Manifest, Member } from '../../stores/manifest.ts'

/** The newest manifest in the bucket: its key, its text, and what it says. */
export async function newestSet(
  target: LabTarget,
): Promise<{ key: string; text: string; manifest: Manifest }> {
  const objects = new Objects(bucketOf(target))
  const manifests = (await objects.list('sets/')).map(({ key }) => key).filter(isManifest)
  const key = manifests.sort().at(-1)!
  const text = await objects.text(key)
  return { key, text, manifest: JSON.parse(text) as Manifest }
}

/** What it says, store by store. */
export async function newestMembers(target: LabTarget): Promise<readonly Member[]> {
  return (await newestSet(target)).manifest.members
}
