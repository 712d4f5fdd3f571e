import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import { isManifest } from '../../stores/backups.ts'
import type { Manifest, Member } from '../../stores/manifest.ts'

/** What the newest manifest in the bucket says, store by store. */
export async function newestMembers(target: LabTarget): Promise<readonly Member[]> {
  const objects = new Objects(bucketOf(target))
  const manifests = (await objects.list('sets/')).map(({ key }) => key).filter(isManifest)
  return (JSON.parse(await objects.text(manifests.sort().at(-1)!)) as Manifest).members
}
