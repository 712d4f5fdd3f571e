import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import { isProven, readVerification, verifiedManifest } from '../../stores/verification.ts'

/** The sets of so many stores in the bucket, all of them read back and proven. */
export async function provenSets(target: LabTarget, stores = 3): Promise<string[]> {
  const objects = new Objects(bucketOf(target))
  const keys = (await objects.list('sets/')).map(({ key }) => key).filter(key => verifiedManifest(key))
  const all = await Promise.all(keys.map(async key => readVerification(key, await objects.text(key))))
  return all.filter(one => one.members.length === stores && isProven(one)).map(({ set }) => set)
}
